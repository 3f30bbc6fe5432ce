/**
 * The `percent` percentile of `values`, interpolated linearly between the two nearest, with the rounding of
 * `numpy.percentile` (1.24 and later).
 *
 * @param values at least one, none NaN; they are not changed.
 * @param percent in `[0, 100]`.
 */
export function percentile(values: Float64Array, percent: number): number {
  const sorted = values.toSorted();
  const at = (sorted.length - 1) * (percent / 100);
  const below = Math.floor(at);
  if (below + 1 >= sorted.length) return sorted[sorted.length - 1];
  const low = sorted[below];
  const high = sorted[below + 1];
  const weight = at - below;
  return weight >= 0.5 ? high - (high - low) * (1 - weight) : low + (high - low) * weight;
}

/** Offset of a forest of contamination `auto`. */
export const AUTO_OFFSET = -0.5;

/**
 * The score below which a sample counts as an anomaly, so that a share of `contamination` of the training data does.
 *
 * @param scores of the training data.
 */
export function offsetOf(scores: Float64Array, contamination: number): number {
  return percentile(scores, 100 * contamination);
}
