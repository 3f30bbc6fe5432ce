import { agentProfile, createFeatureExtractor } from '@edgewood/features';
import { resolveParameters } from '@edgewood/isolation-forest';
import type { ExcludedSpan, TrainingInput } from '@edgewood/trainer';
import { parseBounds } from './time-bounds.ts';
import type { TrainOptions } from './train-and-save.ts';

/** Options, and what had to be read for them: what is left out. */
export type ResolvedTrainOptions = TrainOptions & { readonly excluded: readonly ExcludedSpan[] };

/**
 * What of a log an agent is trained on, and how, as the options say.
 *
 * @throws {FeatureError} of a feature or window that cannot be; {ForestError} `BAD_INPUT` of a parameter;
 *   {UsageError} of dates.
 */
export function trainingInput(options: ResolvedTrainOptions): Omit<TrainingInput, 'chunks' | 'count'> {
  const { programs, features, window: windowMs, groupBy, excluded } = options;
  const agent = agentProfile(options.agent);
  const extractor = createFeatureExtractor({ agent, programs, features, windowMs, groupBy });
  const { nEstimators, contamination, maxSamples, randomState } = options;
  const parameters = resolveParameters({ nEstimators, contamination, maxSamples, randomState });
  return {
    extractor,
    parameters,
    withBaseline: options.baseline,
    normalise: options.normalise,
    excluded,
    keepSuspicious: options.keepAll,
    ...parseBounds(options),
  };
}
