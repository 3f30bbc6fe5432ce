/** A share of the rows or columns; JavaScript cannot tell scikit-learn's `1` (one row) from its `1.0` (all rows). */
export interface Fraction {
  /** In `(0, 1]`. */
  readonly fraction: number;
}

/** Which releases' trees to grow: they differ for almost constant features and for missing values only. */
export type Compatibility = 'classic' | '1.6' | '1.9';

/** scikit-learn's constructor parameters, in its meaning. */
export interface IsolationForestParameters {
  /** Number of trees, at least 1. Default 100. */
  readonly nEstimators: number;
  /** Rows for each tree: `auto` is `min(256, nSamples)`; an integer at least 1 is a count. Default `auto`. */
  readonly maxSamples: 'auto' | number | Fraction;
  /** Expected share of anomalies, in `(0, 0.5]`; `auto` fixes the offset at -0.5. Default `auto`. */
  readonly contamination: 'auto' | number;
  /** Columns for each tree: a count or a share. Default `{ fraction: 1 }`. */
  readonly maxFeatures: number | Fraction;
  /** Draw rows with replacement. Default false. */
  readonly bootstrap: boolean;
  /** Integer in `[0, 2^32)`. Default 0: unlike scikit-learn, a forest is always reproducible. */
  readonly randomState: number;
  /** Keep the trees of the previous `fit` and add the missing ones. Default false. */
  readonly warmStart: boolean;
  /** Default `1.9`, the newest rules. */
  readonly compatibility: Compatibility;
}
