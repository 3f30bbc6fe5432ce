/**
 * The pseudo-targets of a tree's rows. scikit-learn grows isolation trees with its regression tree builder on random
 * targets: they choose no split, but a node whose targets agree is not split, and each node's mean and variance are
 * stored. So the sums below are taken in its order, down to the last bit.
 */

import type { TreeRows } from './tree-rows.ts';

/** Of the rows of a node: the sums of their weights, weighted targets and weighted squared targets. */
export interface TargetSums {
  readonly weight: number;
  readonly targets: number;
  readonly squares: number;
}

/** What a split makes of a node. */
export interface SplitImpurity {
  readonly left: number;
  readonly right: number;
  /** By how much the impurity falls, relative to the weight of the whole tree. */
  readonly improvement: number;
}

/** Sums over the rows that `order` has at `[start, end)`. */
export function targetSumsOf(rows: TreeRows, order: Int32Array, start: number, end: number): TargetSums {
  let weight = 0;
  let targets = 0;
  let squares = 0;
  for (let i = start; i < end; i++) {
    const row = order[i];
    targets += rows.weightedTargets[row];
    squares += rows.weightedSquares[row];
    weight += rows.weights[row];
  }
  return { weight, targets, squares };
}

/** Variance of the targets, which rounding may leave slightly below 0. */
export function impurityOf({ weight, targets, squares }: TargetSums): number {
  const mean = targets / weight;
  return squares / weight - mean * mean;
}

/**
 * The impurity on both sides of a split at `position` of a node that `order` has at `[start, end)`.
 *
 * @param parent sums of the node, of the given `impurity`.
 * @param treeWeight sum of the weights of all rows of the tree.
 */
export function splitImpurityOf(
  rows: TreeRows,
  order: Int32Array,
  { start, position, end }: { readonly start: number; readonly position: number; readonly end: number },
  parent: TargetSums,
  impurity: number,
  treeWeight: number,
): SplitImpurity {
  const leftSums = leftSumsOf(rows, order, start, position, end, parent);
  const rightSums = {
    weight: parent.weight - leftSums.weight,
    targets: parent.targets - leftSums.targets,
    squares: parent.squares - leftSums.squares,
  };
  const left = impurityOf(leftSums);
  const right = impurityOf(rightSums);
  const remaining = impurity - (rightSums.weight / parent.weight) * right - (leftSums.weight / parent.weight) * left;
  return { left, right, improvement: (parent.weight / treeWeight) * remaining };
}

/** Sums of the left side; weight and targets are taken over the shorter side, the squares always over the left one. */
function leftSumsOf(
  rows: TreeRows,
  order: Int32Array,
  start: number,
  position: number,
  end: number,
  parent: TargetSums,
): TargetSums {
  const left = targetSumsOf(rows, order, start, position);
  if (position - start <= end - position) return left;
  let { weight, targets } = parent;
  for (let i = end - 1; i >= position; i--) {
    targets -= rows.weightedTargets[order[i]];
    weight -= rows.weights[order[i]];
  }
  return { weight, targets, squares: left.squares };
}
