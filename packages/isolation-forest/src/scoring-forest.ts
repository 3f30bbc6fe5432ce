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
  /** Where a value goes that is at most the threshold. */
  readonly leftChildren: Int32Array;
  /** Where a larger value goes. */
  readonly rightChildren: Int32Array;
  /** 1 where a missing value goes left. */
  readonly missingGoLeft: Uint8Array;
  /** At each node its depth, counting from 0, plus the average path length of its training rows: what a leaf adds to the sum. */
  readonly pathLengths: Float64Array;
  readonly nNodeSamples: Int32Array;
  /** `nTrees * averagePathLength(maxSamples)`: a sum of path lengths over this is the exponent of a score. */
  readonly denominator: number;
}

/**
 * Packs a forest for scoring.
 *
 * @throws {ForestError} `BAD_MODEL` if a tree has no node, a child does not come after its parent, or a column that is
 * compared does not exist: following such a tree would not end, or end nowhere.
 */
export function scoringForestOf(state: ForestState): ScoringForest {
  const { estimators } = state;
  const nNodes = estimators.reduce((sum, tree) => sum + tree.feature.length, 0);
  const forest = {
    roots: new Int32Array(estimators.length),
    columns: new Int32Array(nNodes),
    thresholds: new Float64Array(nNodes),
    leftChildren: new Int32Array(nNodes),
    rightChildren: new Int32Array(nNodes),
    missingGoLeft: new Uint8Array(nNodes),
    pathLengths: new Float64Array(nNodes),
    nNodeSamples: new Int32Array(nNodes),
    denominator: estimators.length * averagePathLength(state.maxSamples),
  };
  const known = new Map<number, number>();
  let root = 0;
  estimators.forEach((tree, t) => {
    forest.roots[t] = root;
    const columns = state.estimatorsFeatures[t];
    checkTree(tree, columns, state.nFeaturesIn, t);
    const lengths = state.averagePathLengths?.[t] ?? averagePathLengths(tree.nNodeSamples, known);
    packTree(forest, root, tree, columns, lengths);
    root += tree.feature.length;
  });
  return forest;
}

function checkTree(tree: IsolationTree, columns: Int32Array, nFeaturesIn: number, t: number): void {
  const nNodes = tree.feature.length;
  if (nNodes === 0) throw new ForestError('BAD_MODEL', `tree ${t} must have at least one node, got none`);
  for (let node = 0; node < nNodes; node++) {
    if (tree.leftChild[node] < 0) continue;
    const place = `tree ${t}, node ${node}`;
    checkWithin(`${place}: left child`, tree.leftChild[node], node + 1, nNodes);
    checkWithin(`${place}: right child`, tree.rightChild[node], node + 1, nNodes);
    checkWithin(`${place}: feature`, tree.feature[node], 0, columns.length);
    checkWithin(`${place}: column`, columns[tree.feature[node]], 0, nFeaturesIn);
  }
}

function checkWithin(what: string, value: number, from: number, end: number): void {
  if (value >= from && value < end) return;
  throw new ForestError('BAD_MODEL', `${what} must be in [${from}, ${end}), got ${value}`);
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
    const isLeaf = tree.leftChild[i] < 0;
    // scikit-learn adds in this order, the detour by 1 included
    forest.pathLengths[node] = depths[i] + 1 + averages[i] - 1;
    forest.nNodeSamples[node] = tree.nNodeSamples[i];
    forest.columns[node] = isLeaf ? -1 : columns[tree.feature[i]];
    if (isLeaf) continue;
    forest.thresholds[node] = tree.threshold[i];
    forest.missingGoLeft[node] = tree.missingGoToLeft[i];
    forest.leftChildren[node] = root + tree.leftChild[i];
    forest.rightChildren[node] = root + tree.rightChild[i];
    depths[tree.leftChild[i]] = depths[i] + 1;
    depths[tree.rightChild[i]] = depths[i] + 1;
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
  { columns, thresholds, leftChildren, rightChildren, pathLengths }: ScoringForest,
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
      node = data[row + column] <= thresholds[node] ? leftChildren[node] : rightChildren[node];
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
  const goesLeft = Number.isNaN(value) ? forest.missingGoLeft[node] === 1 : value <= forest.thresholds[node];
  return goesLeft ? forest.leftChildren[node] : forest.rightChildren[node];
}

/**
 * scikit-learn's `score_samples`: for each sample `-(2 ** -(mean path length / average path length))`, in `[-1, 0)`. A
 * forest whose trees saw one row each can tell nothing apart and scores -0.5.
 */
export function scoresOf(forest: ScoringForest, samples: PreparedSamples): Float64Array {
  const { denominator } = forest;
  if (denominator === 0) return new Float64Array(samples.nSamples).fill(-0.5);
  return pathLengthSums(forest, samples).map((sum) => -exp2(-(sum / denominator)));
}
