/**
 * The population stability index says how far a distribution has moved from another: the symmetric Kullback-Leibler
 * divergence over bins, here those between the quantiles that training kept.
 *
 * N. Siddiqi, Credit Risk Scorecards (Wiley, 2006); what it comes to by chance: B. Yurdakul, Statistical Properties of
 * Population Stability Index (Western Michigan University, 2018).
 */
import type { ModelMetadata } from '@edgewood/models';

/** Where values lay in training: `score_quantiles`, or a feature's of `feature_quantiles`. */
export type TrainingQuantiles = NonNullable<ModelMetadata['score_quantiles']>;

/** The usual reading of the index: below `some` nothing has changed, from `large` on training is of another world. */
export const STABILITY_LEVELS = { some: 0.1, large: 0.25 } as const;

/** Fewer values than this say nothing: by chance alone the index comes to about seven over their number. */
export const LEAST_VALUES = 250;

/** The shares at which the bins end; the last one has no end. */
const ENDS = [
  ['p01', 0.01],
  ['p05', 0.05],
  ['p25', 0.25],
  ['p50', 0.5],
  ['p75', 0.75],
  ['p95', 0.95],
  ['p99', 0.99],
] as const;

/** So many values are added to each bin, since an empty one would make the index infinite. */
const SMOOTHING = 0.5;

/**
 * Values that are equal to a quantile may lie in the bin below it or above it. They are put where they lay in training, as
 * far as there are enough of them: so a constant feature has not moved as long as it is the same constant, and a count
 * that is almost always zero has moved only if it is zero less often, or not as often, as the quantiles allow.
 *
 * @param values finite, in ascending order.
 * @returns at least 0; see {@link STABILITY_LEVELS}. Undefined for fewer than {@link LEAST_VALUES} values.
 */
export function populationStability(training: TrainingQuantiles, values: Float64Array): number | undefined {
  if (values.length < LEAST_VALUES) return undefined;
  const bins = ENDS.length + 1;
  let [index, expectedBefore, countedBefore] = [0, 0, 0];
  for (let bin = 0; bin < bins; bin += 1) {
    const [quantile, share] = ENDS[bin] ?? [undefined, 1];
    const counted = quantile === undefined ? values.length : countUpTo(values, training[quantile], share);
    const expected = share - expectedBefore;
    const seen = (counted - countedBefore + SMOOTHING) / (values.length + SMOOTHING * bins);
    index += (seen - expected) * Math.log(seen / expected);
    [expectedBefore, countedBefore] = [share, counted];
  }
  return index;
}

/** How many values lie up to an end; of those that are equal to it, as many as bring the count nearest to the share. */
function countUpTo(values: Float64Array, end: number, share: number): number {
  const below = countWhile(values, (value) => value < end);
  const notAbove = countWhile(values, (value) => value <= end);
  return Math.min(Math.max(share * values.length, below), notAbove);
}

/** How many values, which come first, are as asked: by halving. */
function countWhile(values: Float64Array, isAsked: (value: number) => boolean): number {
  let [from, to] = [0, values.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (isAsked(values[middle] ?? Number.NaN)) from = middle + 1;
    else to = middle;
  }
  return from;
}
