import {
  type AgentProfile,
  agentProfile,
  type FeatureExtractor,
  trainedExtractor,
  type WindowSettings,
} from '@edgewood/features';
import { extraFile, type LoadedModel, profileNameOf, trainedWith } from '@edgewood/models';
import { type Baseline, createKindFinder, parseBaseline } from '@edgewood/surprise';
import type { Detector } from './detector.ts';
import { smoothingLookBackMs, type WindowForest } from './forest-scorer.ts';
import { modelForest } from './model-forest.ts';
import { type ThresholdChoice, type Thresholds, thresholdsOf } from './thresholds.ts';
import { LOOK_BACK_MS, type WindowJudgeParts } from './window-judge.ts';

/** A version with all that judging by it takes: taken together, used together, replaced together. */
export interface DetectionModel {
  readonly model: LoadedModel;
  /** Whose events the version tells apart. */
  readonly profile: AgentProfile;
  readonly extractor: FeatureExtractor;
  /** What is usual; undefined if the version was saved without it: then nothing is surprising. */
  readonly baseline: Baseline | undefined;
  /** How its forest sees windows. */
  readonly windowForest: WindowForest;
}

/**
 * @param profile default: the one that the version names.
 * @param settings what a configuration says of windows; they must agree with the version's.
 * @throws {FeatureError} `AGENT_UNKNOWN`, `EXTRACTOR_MISMATCH`, `FEATURE_UNKNOWN`.
 * @throws {SurpriseError} `BAD_BASELINE`.
 */
export function detectionModel(
  model: LoadedModel,
  profile: AgentProfile = agentProfile(profileNameOf(model)),
  settings: WindowSettings = {},
): DetectionModel {
  const extractor = trainedExtractor(trainedWith(model), profile, settings);
  const bytes = model.extraFiles.get('baseline');
  const name = extraFile(model.agent, 'baseline', model.version, 'json');
  const baseline = bytes && parseBaseline(bytes, name);
  return { model, profile, extractor, baseline, windowForest: modelForest(model, baseline) };
}

/** Devices of which training heard: they have windows from the beginning, heard or not. */
export function trainedDevices({ model, baseline }: DetectionModel): readonly string[] {
  return [...new Set([...(model.metadata.devices ?? []), ...(baseline?.devices.keys() ?? [])])];
}

/** @param detectors which of them judge; surprise does only where there is a baseline. */
export function judgeParts(of: DetectionModel, detectors: readonly Detector[]): WindowJudgeParts {
  const { profile, extractor, baseline, windowForest } = of;
  const isSurprised = detectors.includes('surprise') && baseline !== undefined;
  return {
    extractor,
    ...(detectors.includes('forest') && windowForest),
    surprise: isSurprised ? { baseline, findKind: createKindFinder([profile]) } : undefined,
    devices: trainedDevices(of),
  };
}

/** So long before the first window that is judged the judge must be shown the log, in milliseconds; 0: not at all. */
export function lookBackMsOf({ extractor, baseline, windowForest }: DetectionModel, detectors: readonly Detector[]) {
  if (detectors.includes('surprise') && baseline !== undefined) return LOOK_BACK_MS;
  return smoothingLookBackMs(windowForest, extractor.windowMs);
}

/** @param asked what somebody wants instead of what the version has. */
export function modelThresholds({ model }: DetectionModel, asked: ThresholdChoice = {}): Thresholds {
  return thresholdsOf(model.forest.offset, asked, model.metadata.alert_budget?.thresholds);
}
