/**
 * One tree, its nodes numbered in the order in which scikit-learn numbers them: depth first, left before right, so the
 * left child of node `i` is `i + 1`. All arrays have one element a node.
 */
export interface IsolationTree {
  /** Number of columns that this tree sees; its features are positions in the forest's `estimatorsFeatures` list. */
  readonly nFeatures: number;
  /** Depth of the deepest leaf; the root alone has 0. */
  readonly maxDepth: number;
  /** scikit-learn's `random_state` of the tree: an integer in `[0, 2^31 - 1)`. */
  readonly randomState: number;
  /** -1 at a leaf. */
  readonly leftChild: Int32Array;
  /** -1 at a leaf. */
  readonly rightChild: Int32Array;
  /** -2 at a leaf. */
  readonly feature: Int32Array;
  /** A value `<= threshold` goes left; -2 at a leaf. */
  readonly threshold: Float64Array;
  readonly impurity: Float64Array;
  /** Distinct training rows that reached the node. */
  readonly nNodeSamples: Int32Array;
  /** The same, counting a row as often as it was drawn. */
  readonly weightedNNodeSamples: Float64Array;
  /** Where a missing value goes: 1 left, 0 right. */
  readonly missingGoToLeft: Uint8Array;
  /** Mean of scikit-learn's pseudo-target; never used to score. */
  readonly value: Float64Array;
}
