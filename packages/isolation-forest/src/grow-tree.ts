import { findSplit, type Growth, type Split } from './find-split.ts';
import type { IsolationTree } from './isolation-tree.ts';
import { impurityOf, splitImpurityOf, type TargetSums, targetSumsOf } from './node-impurity.ts';
import { RandomState, SplitRandom } from './random-state.ts';
import type { SplitRules } from './split-rules.ts';
import type { TreeRows } from './tree-rows.ts';

/** Impurities, and losses of impurity, up to this count as none. */
const EPSILON = 2 ** -52;

/** Trees, and the generators of their splits, are seeded with integers up to this. */
export const MAX_TREE_SEED = 2147483646;

/** A part of the tree's rows, `[start, end)` of their order, on its way to become a node. */
interface PendingNode {
  readonly start: number;
  readonly end: number;
  readonly depth: number;
  /** The node whose right child this will be; a left child needs no link, it follows its parent. */
  readonly rightChildOf: number | undefined;
  readonly impurity: number;
  /** How many columns are known to be constant. */
  readonly nConstants: number;
}

/** A tree whose nodes are being added. */
type GrowingTree = IsolationTree & { maxDepth: number; nNodes: number };

/**
 * Grows one isolation tree as scikit-learn's `ExtraTreeRegressor(max_features=1, splitter="random")` does: depth first,
 * left before right, each node split at random until it is at `maxDepth`, has one row, or its rows do not differ.
 *
 * @param rows at least one.
 * @param maxDepth of the deepest leaf.
 * @param randomState of the tree, in `[0, MAX_TREE_SEED]`.
 */
export function growTree(rows: TreeRows, maxDepth: number, randomState: number, rules: SplitRules): IsolationTree {
  const growth = beginGrowth(rows, randomState, rules);
  const tree = emptyTree(rows, randomState);
  const whole = targetSumsOf(rows, growth.order, 0, rows.nRows);
  const pending: PendingNode[] = [
    { start: 0, end: rows.nRows, depth: 0, rightChildOf: undefined, impurity: impurityOf(whole), nConstants: 0 },
  ];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    const sums = targetSumsOf(rows, growth.order, node.start, node.end);
    const id = addNode(tree, node, sums);
    if (node.depth >= maxDepth || node.end - node.start < 2 || node.impurity <= EPSILON) continue;
    const { split, nConstants } = findSplit(growth, node.start, node.end, node.nConstants);
    if (split === undefined) continue;
    const { start, end, impurity } = node;
    const { position } = split;
    const sides = splitImpurityOf(rows, growth.order, { start, position, end }, sums, impurity, whole.weight);
    if (sides.improvement + EPSILON < 0) continue;
    addSplit(tree, id, split);
    const depth = node.depth + 1;
    pending.push({ start: position, end, depth, rightChildOf: id, impurity: sides.right, nConstants });
    pending.push({ start, end: position, depth, rightChildOf: undefined, impurity: sides.left, nConstants });
  }
  return trimmed(tree);
}

function beginGrowth(rows: TreeRows, randomState: number, rules: SplitRules): Growth {
  return {
    rows,
    rules,
    random: new SplitRandom(new RandomState(randomState).upTo(MAX_TREE_SEED)),
    order: new Int32Array(rows.nRows).map((_, row) => row),
    features: new Int32Array(rows.nFeatures).map((_, feature) => feature),
    constants: new Int32Array(rows.nFeatures),
    values: new Float32Array(rows.nRows),
  };
}

/** A tree without nodes and with room for all that so many rows can lead to. */
function emptyTree({ nFeatures, nRows }: TreeRows, randomState: number): GrowingTree {
  const capacity = 2 * nRows - 1;
  return {
    nFeatures,
    randomState,
    maxDepth: 0,
    nNodes: 0,
    leftChild: new Int32Array(capacity),
    rightChild: new Int32Array(capacity),
    feature: new Int32Array(capacity),
    threshold: new Float64Array(capacity),
    impurity: new Float64Array(capacity),
    nNodeSamples: new Int32Array(capacity),
    weightedNNodeSamples: new Float64Array(capacity),
    missingGoToLeft: new Uint8Array(capacity),
    value: new Float64Array(capacity),
  };
}

/** Adds a node as a leaf and returns its number. */
function addNode(tree: GrowingTree, node: PendingNode, sums: TargetSums): number {
  const id = tree.nNodes++;
  if (node.rightChildOf !== undefined) tree.rightChild[node.rightChildOf] = id;
  tree.maxDepth = Math.max(tree.maxDepth, node.depth);
  tree.leftChild[id] = -1;
  tree.rightChild[id] = -1;
  tree.feature[id] = -2;
  tree.threshold[id] = -2;
  tree.impurity[id] = node.impurity;
  tree.nNodeSamples[id] = node.end - node.start;
  tree.weightedNNodeSamples[id] = sums.weight;
  tree.value[id] = sums.targets / sums.weight;
  return id;
}

/** Makes the leaf `id`, the newest node, an inner node; its right child links itself when it is added. */
function addSplit(tree: GrowingTree, id: number, split: Split): void {
  tree.leftChild[id] = id + 1;
  tree.feature[id] = split.feature;
  tree.threshold[id] = split.threshold;
  tree.missingGoToLeft[id] = split.missingGoToLeft ? 1 : 0;
}

function trimmed({ nNodes, ...tree }: GrowingTree): IsolationTree {
  return {
    ...tree,
    leftChild: tree.leftChild.slice(0, nNodes),
    rightChild: tree.rightChild.slice(0, nNodes),
    feature: tree.feature.slice(0, nNodes),
    threshold: tree.threshold.slice(0, nNodes),
    impurity: tree.impurity.slice(0, nNodes),
    nNodeSamples: tree.nNodeSamples.slice(0, nNodes),
    weightedNNodeSamples: tree.weightedNNodeSamples.slice(0, nNodes),
    missingGoToLeft: tree.missingGoToLeft.slice(0, nNodes),
    value: tree.value.slice(0, nNodes),
  };
}
