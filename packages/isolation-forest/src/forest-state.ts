import type { IsolationTree } from './isolation-tree.ts';
import type { IsolationForestParameters } from './parameters.ts';

/**
 * A fitted forest as plain data: what `fit` finds, what a file carries, what scoring needs. Names are scikit-learn's
 * fitted attributes without the trailing underscore.
 */
export interface ForestState {
  readonly parameters: IsolationForestParameters;
  readonly nFeaturesIn: number;
  /** Column names, if the forest was fitted on a table that had them. */
  readonly featureNamesIn: readonly string[] | undefined;
  /** `decision = score - offset`; -0.5 if the contamination is `auto`. */
  readonly offset: number;
  /** scikit-learn's `max_samples_`: rows drawn for each tree; the denominator of the score uses it. */
  readonly maxSamples: number;
  /** Rows of the training data. */
  readonly nSamples: number;
  /** Columns drawn for each tree. */
  readonly maxFeatures: number;
  /** One a tree, in `[0, 2^31 - 1)`. scikit-learn keeps only those of the last batch after a warm start. */
  readonly seeds: readonly number[];
  readonly estimators: readonly IsolationTree[];
  /** For each tree the columns it sees, in its order. scikit-learn ignores them if it sees all. */
  readonly estimatorsFeatures: readonly Int32Array[];
  /**
   * Average path lengths of each tree's nodes as the file had them, if it had them (scikit-learn 1.3 and later score with
   * these); undefined: computed from `nNodeSamples`.
   */
  readonly averagePathLengths: readonly Float64Array[] | undefined;
}
