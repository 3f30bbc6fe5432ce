/** Where a feature or score lies in the training data. */
export interface Quantiles {
  readonly min: number;
  readonly p01: number;
  readonly p05: number;
  readonly p25: number;
  readonly p50: number;
  readonly p75: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/**
 * Quantiles by linear interpolation between order statistics (R-7, numpy's default).
 *
 * @param values at least one, all finite; not changed.
 */
export function quantilesOf(values: Float64Array): Quantiles {
  const sorted = values.toSorted();
  const at = (q: number) => {
    const position = (sorted.length - 1) * q;
    const below = Math.floor(position);
    const low = sorted[below] ?? Number.NaN;
    const high = sorted[Math.min(below + 1, sorted.length - 1)] ?? Number.NaN;
    return low + (high - low) * (position - below);
  };
  return {
    min: at(0),
    p01: at(0.01),
    p05: at(0.05),
    p25: at(0.25),
    p50: at(0.5),
    p75: at(0.75),
    p95: at(0.95),
    p99: at(0.99),
    max: at(1),
  };
}
