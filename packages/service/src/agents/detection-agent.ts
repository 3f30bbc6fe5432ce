import {
  DETECTORS,
  type DetectionModel,
  type Detector,
  judgeParts,
  lookBackMsOf,
  modelThresholds,
  surpriseOf,
  trainedDevices,
  WindowJudge,
  type WindowJudgement,
} from '@edgewood/detection';
import type { AgentProfile, LogWindow } from '@edgewood/features';
import type { Anomaly } from '../anomalies/anomaly.ts';
import type { AnalysedWindow } from '../anomalies/anomaly-store.ts';
import type { AgentConfig } from '../config.ts';
import type { ModelManager } from '../models/model-manager.ts';
import type { Agent, InspectContext, Inspection, SlotVerdict } from './agent.ts';
import { type Explaining, explainAnomaly, worstSlot } from './explain-anomaly.ts';

/** Where the agent finds its model; a `ModelManager` is one. */
export type LiveModels = Pick<ModelManager, 'live' | 'problem'>;

/** What of the configuration the agent heeds. */
export type DetectionAgentSettings = Pick<AgentConfig, 'name' | 'severity' | 'detectors'>;

/**
 * An agent that judges by a version's forest and by its baseline: a window that one of the detectors which may alarm finds
 * odd is an anomaly. The version brings its own windows and features. The WiFi agent is
 * `createDetectionAgent(agentProfile('wifi'), models, settings)`.
 *
 * What it judges depends on the windows before. It keeps a judge that goes on from slot to slot, and wherever that is not
 * at the beginning of the slot (at the start, after a gap, with another version, for late entries) makes a new one, which
 * it shows the time before first.
 */
export function createDetectionAgent(
  profile: AgentProfile,
  models: LiveModels,
  settings: DetectionAgentSettings,
): Agent {
  const following = new Following(settings);
  return {
    name: settings.name,
    programs: profile.programs,
    get problem() {
      if (models.live === undefined) return models.problem ?? 'no model was looked for yet';
      return problemOf(models.live, settings);
    },
    takeUp() {
      const { live } = models;
      if (live === undefined || problemOf(live, settings) !== undefined) return undefined;
      return inspectionBy(live, following, { profile, settings });
    },
    stop: async () => following.forget(),
  };
}

/** Why nothing could ever alarm; undefined if something can. */
function problemOf({ model, baseline }: DetectionModel, { detectors }: DetectionAgentSettings): string | undefined {
  if (detectors.includes('forest') || baseline !== undefined) return undefined;
  return `${model.agent} ${model.version} has no baseline, and no detector but surprise may alarm: train it with one, or add forest to detectors`;
}

function inspectionBy(
  live: DetectionModel,
  following: Following,
  explaining: Omit<Explaining, 'detectedAtMs'> & { readonly settings: DetectionAgentSettings },
): Inspection {
  const { windowMs, groupBy, names } = live.extractor;
  return {
    windowMs,
    groupBy,
    devices: trainedDevices(live),
    features: names,
    lookBackMs: following.lookBackMsOf(live),
    async inspect(slot, context) {
      const judgements = context.alone ? following.alone(live, slot) : await following.judge(live, slot, context);
      return verdictOf(live, judgements, { ...explaining, detectedAtMs: context.nowMs });
    },
  };
}

/** The judge that goes on from slot to slot, as far as it has come. */
class Following {
  /** Those that judge: the forest always does, so that its scores are there to look at. */
  readonly #detectors: readonly Detector[];
  #held: { readonly live: DetectionModel; readonly judge: WindowJudge; readonly atMs: number } | undefined;

  constructor({ detectors }: DetectionAgentSettings) {
    this.#detectors = [...new Set<Detector>(['forest', ...detectors])];
  }

  lookBackMsOf(live: DetectionModel): number {
    return lookBackMsOf(live, this.#detectors);
  }

  async judge(
    live: DetectionModel,
    slot: readonly LogWindow[],
    { before, signal }: InspectContext,
  ): Promise<readonly WindowJudgement[]> {
    const [first] = slot;
    if (first === undefined) return [];
    const judge = await this.#judgeAt(first.fromMs, live, before);
    signal.throwIfAborted(); // whoever waited for the time before has begun anew since
    this.#held = undefined; // where it throws it has come nobody knows how far
    const judgements = judge.judge(slot);
    this.#held = { live, judge, atMs: first.toMs };
    return judgements;
  }

  /** Judges windows of which each came by itself, since the slot as a whole could not be: by the forest, each alone. */
  alone(live: DetectionModel, windows: readonly LogWindow[]): readonly WindowJudgement[] {
    this.forget();
    return new WindowJudge(judgeParts(live, ['forest'])).judge(windows);
  }

  forget(): void {
    this.#held = undefined;
  }

  async #judgeAt(atMs: number, live: DetectionModel, before: InspectContext['before']): Promise<WindowJudge> {
    if (this.#held?.live === live && this.#held.atMs === atMs) return this.#held.judge;
    this.forget(); // one is enough to hold in memory
    const judge = new WindowJudge(judgeParts(live, this.#detectors));
    if (this.lookBackMsOf(live) > 0) for await (const windows of before()) judge.follow(windows);
    return judge;
  }
}

function verdictOf(
  live: DetectionModel,
  judgements: readonly WindowJudgement[],
  explaining: Explaining & { readonly settings: DetectionAgentSettings },
): SlotVerdict {
  const thresholds = modelThresholds(live);
  const anomalies: Anomaly[] = [];
  const windows = judgements.map((judgement): AnalysedWindow => {
    const { window, vector, score, slots } = judgement;
    const { deviceId, entries } = window;
    const decision = score === null ? null : score - thresholds.forest;
    const worst = worstSlot(slots);
    const surprise = worst === undefined ? null : surpriseOf(worst.reasons);
    const isOdd = { forest: (decision ?? 0) < 0, surprise: (surprise ?? 0) >= thresholds.surprise };
    const detectors = DETECTORS.filter(
      (detector) => isOdd[detector] && explaining.settings.detectors.includes(detector),
    );
    const anomalous = detectors.length > 0;
    if (anomalous)
      anomalies.push(explainAnomaly({ judgement, decision, worst, thresholds, detectors }, live, explaining));
    const { version: modelVersion } = live.model;
    return { deviceId, entries: entries.length, score, decision, surprise, anomalous, modelVersion, vector };
  });
  return { windows, anomalies };
}
