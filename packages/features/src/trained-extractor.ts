import type { AgentProfile } from './agent-profile.ts';
import { FeatureError } from './errors.ts';
import { createFeatureExtractor, type FeatureExtractor } from './feature-extractor.ts';
import type { WindowGrouping } from './log-window.ts';

/** What a model's metadata says of its vectors; what somebody's script left out is undefined. */
export interface TrainedWith {
  /** For messages: `wifi 20250607_230000`. */
  readonly model: string;
  /** In the order of the vector. */
  readonly features: readonly string[];
  readonly programs: readonly string[] | undefined;
  readonly windowMs: number | undefined;
  readonly groupBy: WindowGrouping | undefined;
  readonly fingerprint: string | undefined;
}

/** What a configuration says of windows; undefined where the model decides. */
export interface WindowSettings {
  readonly programs?: readonly string[] | undefined;
  readonly windowMs?: number | undefined;
  readonly groupBy?: WindowGrouping | undefined;
  readonly features?: readonly string[] | undefined;
}

/**
 * The extractor that a model was trained with.
 *
 * The model decides; where it is silent the configuration does, then the agent's defaults. Where both speak they must
 * agree.
 *
 * @throws {FeatureError} `EXTRACTOR_MISMATCH` if they do not, or if the model was trained by an extractor that would give
 *   other numbers than this one; `FEATURE_UNKNOWN` if the agent lacks one of the model's features.
 */
export function trainedExtractor(
  trained: TrainedWith,
  agent: AgentProfile,
  settings: WindowSettings = {},
): FeatureExtractor {
  const { model, features, fingerprint } = trained;
  mustAgree(model, 'entries of', listOf(trained.programs), listOf(settings.programs));
  mustAgree(model, 'windows (ms)', trained.windowMs, settings.windowMs);
  mustAgree(model, 'windows by', trained.groupBy, settings.groupBy);
  mustAgree(model, 'the features', features.join(', '), settings.features?.join(', '));
  const programs = trained.programs ?? settings.programs;
  const windowMs = trained.windowMs ?? settings.windowMs;
  const groupBy = trained.groupBy ?? settings.groupBy;
  const extractor = createFeatureExtractor({ agent, programs, features, windowMs, groupBy });
  if (fingerprint === undefined || fingerprint === extractor.fingerprint) return extractor;
  throw new FeatureError(
    'EXTRACTOR_MISMATCH',
    `${model} was trained by a feature extractor that gives other numbers than this release (fingerprint ${fingerprint.slice(0, 12)}…, here ${extractor.fingerprint.slice(0, 12)}…); train it again`,
  );
}

/** In one order: which comes first makes no difference. */
function listOf(programs: readonly string[] | undefined): string | undefined {
  return programs && [...new Set(programs)].sort().join(', ');
}

function mustAgree<Value>(
  model: string,
  what: string,
  trained: Value | undefined,
  configured: Value | undefined,
): void {
  if (trained === undefined || configured === undefined || trained === configured) return;
  throw new FeatureError(
    'EXTRACTOR_MISMATCH',
    `${model} was trained with ${what} ${trained}, but the configuration says ${configured}`,
  );
}
