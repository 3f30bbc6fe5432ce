/**
 * What the releases of scikit-learn do differently while a tree grows, as a table: when a column is constant within a
 * node, and what becomes of missing values (NaN).
 */

import type { Compatibility } from './parameters.ts';

/** What a node needs to know of its values in one column. */
export interface ValueRange {
  readonly min: number;
  readonly max: number;
  /** How many values are missing, as far as the rules look for them. */
  readonly nMissing: number;
}

/** How one group of releases reads a column. */
export interface SplitRules {
  /** Whether fit and score take NaN and infinite values. */
  readonly acceptsMissing: boolean;
  /**
   * Whether missing values, where a node has seen none, are to follow the larger of its sides; if not, they go right. The
   * `classic` trees only store this.
   */
  readonly missingFollowMost: boolean;
  /** A column whose values lie no further apart (in float32) is not split. */
  readonly constantMargin: number;
  /** The range of the first `length` values. */
  readonly rangeOf: (values: Float32Array, length: number) => ValueRange;
}

const CONSTANT_MARGIN = Math.fround(1e-7);

/** The rules of each group of releases. */
export const SPLIT_RULES: Readonly<Record<Compatibility, SplitRules>> = {
  /** 0.23 to 1.5; for finite values 1.8 too, apart from `missingFollowMost`. */
  classic: {
    acceptsMissing: false,
    missingFollowMost: false,
    constantMargin: CONSTANT_MARGIN,
    rangeOf: rangeOfAll,
  },
  /** 1.6 and 1.7, which lost the margin and accept missing values without looking for them. */
  '1.6': {
    acceptsMissing: true,
    missingFollowMost: true,
    constantMargin: 0,
    rangeOf: rangeOfAll,
  },
  /** 1.9 and later; 1.8 for finite values. */
  '1.9': {
    acceptsMissing: true,
    missingFollowMost: true,
    constantMargin: CONSTANT_MARGIN,
    rangeOf: rangeOfPresent,
  },
};

/** Whether a column of this range, in a node of `nRows` rows, is not to be split. */
export function isConstant({ min, max, nMissing }: ValueRange, nRows: number, rules: SplitRules): boolean {
  if (nMissing > 0) return nMissing === nRows;
  return max <= Math.fround(min + rules.constantMargin);
}

/** Compares as if nothing could be missing: a first value of NaN stays the range, a later one goes unnoticed. */
function rangeOfAll(values: Float32Array, length: number): ValueRange {
  let min = values[0];
  let max = min;
  for (let i = 1; i < length; i++) {
    const value = values[i];
    if (value < min) min = value;
    else if (value > max) max = value;
  }
  return { min, max, nMissing: 0 };
}

function rangeOfPresent(values: Float32Array, length: number): ValueRange {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let nMissing = 0;
  for (let i = 0; i < length; i++) {
    const value = values[i];
    if (value < min) min = value;
    if (value > max) max = value;
    if (Number.isNaN(value)) nMissing++;
  }
  return { min, max, nMissing };
}
