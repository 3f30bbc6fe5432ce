/**
 * A forest packed for scoring.
 *
 * The nodes of all trees lie behind one another in a few typed arrays. Samples are scored in blocks, and a block goes
 * through tree after tree, so that the nodes of one tree and the samples of one block stay in the cache.
 */

import { averagePathLength, averagePathLengths } from './average-path-length.ts';
import { ForestError } from './errors.ts';
import { exp2 } from './exact-math.ts';
import type { ForestState } from './forest-state.ts';
import type { IsolationTree } from './isolation-tree.ts';
import type { PreparedSamples } from './samples.ts';

/** The nodes of all trees; nodes are numbered through the forest. */
export interface ScoringForest {
  /** First node of each tree. */
  readonly roots: Int32Array;
  /** Column of the samples that a node compares; -1 at a leaf. */
  readonly columns: Int32Array;
  readonly thresholds: Float64Array;
  /** Two for each node: where a value goes that is at most the threshold, and where others go. */
  readonly children: Int32Array;
  /** Which child a missing value takes: 0 or 1. */
  readonly missingChild: Uint8Array;
  /** At each node its depth, counting from 0, plus the average path length of its training rows: what a leaf adds to the sum. */
  readonly pathLengths: Float64Array;
  readonly nNodeSamples: Int32Array;
  /** `nTrees * averagePathLength(maxSamples)`: a sum of path lengths over this is the exponent of a score. */
  readonly denominator: number;
}

/**
 * Packs a forest for scoring.
 *
 * @throws {ForestError} `BAD_MODEL` if a child does not come after its parent or a tree compares a column that is not
 * there: following such a tree would not end, or end nowhere.
 */
export function scoringForestOf(state: ForestState): ScoringForest {
  const { estimators } = state;
  const nNodes = estimators.reduce((sum, tree) => sum + tree.feature.length, 0);
  const forest = {
    roots: new Int32Array(estimators.length),
    columns: new Int32Array(nNodes),
    thresholds: new Float64Array(nNodes),
    children: new Int32Array(2 * nNodes),
    missingChild: new Uint8Array(nNodes),
    pathLengths: new Float64Array(nNodes),
    nNodeSamples: new Int32Array(nNodes),
    denominator: estimators.length * averagePathLength(state.maxSamples),
  };
  const known = new Map<number, number>();
  let root = 0;
  estimators.forEach((tree, t) => {
    forest.roots[t] = root;
    const lengths = state.averagePathLengths?.[t] ?? averagePathLengths(tree.nNodeSamples, known);
    packTree(forest, root, tree, columnsOf(state, t), lengths);
    root += tree.feature.length;
  });
  return forest;
}

/** The column of the samples for each feature of tree `t`. */
function columnsOf({ nFeaturesIn, estimatorsFeatures }: ForestState, t: number): Int32Array {
  const columns = estimatorsFeatures[t];
  if (columns.every((column) => column >= 0 && column < nFeaturesIn)) return columns;
  throw new ForestError('BAD_MODEL', `tree ${t} must see columns in [0, ${nFeaturesIn - 1}], got ${columns}`);
}

function packTree(
  forest: ScoringForest,
  root: number,
  tree: IsolationTree,
  columns: Int32Array,
  averages: Float64Array,
): void {
  const nNodes = tree.feature.length;
  const depths = new Int32Array(nNodes);
  for (let i = 0; i < nNodes; i++) {
    const node = root + i;
    // the order of these two additions is scikit-learn's, and so is the detour by 1
    forest.pathLengths[node] = depths[i] + 1 + averages[i] - 1;
    forest.nNodeSamples[node] = tree.nNodeSamples[i];
    forest.thresholds[node] = tree.threshold[i];
    forest.missingChild[node] = tree.missingGoToLeft[i] === 1 ? 0 : 1;
    forest.columns[node] = tree.leftChild[i] < 0 ? -1 : columns[tree.feature[i]];
    if (tree.leftChild[i] < 0) continue;
    [tree.leftChild[i], tree.rightChild[i]].forEach((child, side) => {
      if (!(child > i && child < nNodes)) {
        throw new ForestError('BAD_MODEL', `children of node ${i} must lie in [${i + 1}, ${nNodes - 1}], got ${child}`);
      }
      forest.children[2 * node + side] = root + child;
      depths[child] = depths[i] + 1;
    });
  }
}

/** Samples that go through the trees together. */
const BLOCK = 256;

/**
 * For each sample the sum of its path lengths over all trees, added in the order of the trees.
 *
 * @param samples of as many features as the forest has been fitted to.
 */
export function pathLengthSums(forest: ScoringForest, samples: PreparedSamples): Float64Array {
  const sums = new Float64Array(samples.nSamples);
  const addBlock = samples.hasMissing ? addPathLengthsOrMissing : addPathLengths;
  for (let start = 0; start < samples.nSamples; start += BLOCK) {
    const end = Math.min(start + BLOCK, samples.nSamples);
    for (const root of forest.roots) addBlock(forest, root, samples, sums, start, end);
  }
  return sums;
}

/** Adds the path lengths in one tree of the samples `[start, end)`. */
function addPathLengths(
  { columns, thresholds, children, pathLengths }: ScoringForest,
  root: number,
  { data, nFeatures }: PreparedSamples,
  sums: Float64Array,
  start: number,
  end: number,
): void {
  for (let i = start; i < end; i++) {
    const row = i * nFeatures;
    let node = root;
    for (let column = columns[node]; column >= 0; column = columns[node]) {
      node = children[2 * node + (data[row + column] <= thresholds[node] ? 0 : 1)];
    }
    sums[i] += pathLengths[node];
  }
}

/** {@link addPathLengths} for samples of which some values are missing. */
function addPathLengthsOrMissing(
  forest: ScoringForest,
  root: number,
  { data, nFeatures }: PreparedSamples,
  sums: Float64Array,
  start: number,
  end: number,
): void {
  for (let i = start; i < end; i++) {
    let node = root;
    while (forest.columns[node] >= 0) node = childOf(forest, node, data[i * nFeatures + forest.columns[node]]);
    sums[i] += forest.pathLengths[node];
  }
}

/** Where `value`, which may be missing, goes from an inner node. */
export function childOf(forest: ScoringForest, node: number, value: number): number {
  const side = Number.isNaN(value) ? forest.missingChild[node] : value <= forest.thresholds[node] ? 0 : 1;
  return forest.children[2 * node + side];
}

/**
 * The scores that belong to sums of path lengths, in `[-1, 0)`: `-(2 ** -(mean length / average length))`. A forest whose
 * trees saw one row each can tell nothing apart and scores -0.5.
 */
export function scoresOf(pathLengthSums: Float64Array, { denominator }: ScoringForest): Float64Array {
  if (denominator === 0) return pathLengthSums.map(() => -0.5);
  return pathLengthSums.map((sum) => -exp2(-(sum / denominator)));
}
