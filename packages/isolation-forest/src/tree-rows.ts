import type { PreparedSamples } from './samples.ts';

/** The training rows of one tree, copied together: each row once, in their order in the training data. */
export interface TreeRows {
  readonly nRows: number;
  readonly nFeatures: number;
  /** Column-major: row `i` of the tree's feature `f` is at `f * nRows + i`. */
  readonly columns: Float32Array;
  /** How often each row was drawn. */
  readonly weights: Float64Array;
  /** `weight * y`, where y is the row's pseudo-target. */
  readonly weightedTargets: Float64Array;
  /** `weight * y * y`, rounded after each product. */
  readonly weightedSquares: Float64Array;
}

/**
 * Gathers what one tree is grown from.
 *
 * @param targets pseudo-target of every sample.
 * @param drawn indices of the samples drawn, in any order; one drawn again counts again.
 * @param features the columns that the tree sees, in its order.
 */
export function treeRowsOf(
  samples: PreparedSamples,
  targets: Float64Array,
  drawn: Int32Array,
  features: Int32Array,
): TreeRows {
  const { indices, weights } = countDistinct(drawn);
  const nRows = indices.length;
  const columns = new Float32Array(features.length * nRows);
  features.forEach((feature, f) => {
    for (let i = 0; i < nRows; i++) columns[f * nRows + i] = samples.data[indices[i] * samples.nFeatures + feature];
  });
  const weightedTargets = weights.map((weight, i) => weight * targets[indices[i]]);
  const weightedSquares = weightedTargets.map((weighted, i) => weighted * targets[indices[i]]);
  return { nRows, nFeatures: features.length, columns, weights, weightedTargets, weightedSquares };
}

/** The different ones of `drawn`, ascending, and how often each was drawn. */
function countDistinct(drawn: Int32Array): { indices: Int32Array; weights: Float64Array } {
  const sorted = drawn.toSorted();
  const weights = new Float64Array(sorted.length);
  let nDistinct = 0;
  for (const index of sorted) {
    if (nDistinct === 0 || sorted[nDistinct - 1] !== index) sorted[nDistinct++] = index;
    weights[nDistinct - 1]++;
  }
  return { indices: sorted.slice(0, nDistinct), weights: weights.slice(0, nDistinct) };
}
