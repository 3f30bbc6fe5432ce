/**
 * The random draws of a fit, in scikit-learn's order. One seed S starts them all:
 *
 *     RandomState(S)           pseudo-targets, one for each sample
 *     RandomState(S)           again: a seed s for each tree
 *       RandomState(s)         the tree's own random state, which seeds its splits
 *       RandomState(s)         again: the tree's columns, then its rows
 *
 * So a tree depends on its number, S and the data, and not on how many trees there are.
 */

import { growTree, MAX_TREE_SEED } from './grow-tree.ts';
import type { IsolationTree } from './isolation-tree.ts';
import type { IsolationForestParameters } from './parameters.ts';
import { RandomState } from './random-state.ts';
import type { PreparedSamples } from './samples.ts';
import { SPLIT_RULES } from './split-rules.ts';
import { treeRowsOf } from './tree-rows.ts';

/** The trees of a forest; the three lists have one element a tree. */
export interface GrownTrees {
  readonly seeds: readonly number[];
  readonly estimators: readonly IsolationTree[];
  /** The columns that each tree sees, in its order. */
  readonly estimatorsFeatures: readonly Int32Array[];
}

/** How much of the samples each tree sees. */
export interface SampleSize {
  readonly maxSamples: number;
  readonly maxFeatures: number;
}

/** Grows the trees from number `from` up to `parameters.nEstimators`. */
export function growTrees(
  samples: PreparedSamples,
  parameters: IsolationForestParameters,
  size: SampleSize,
  from = 0,
): GrownTrees {
  const targets = pseudoTargets(samples.nSamples, parameters.randomState);
  const seeds = treeSeeds(parameters).slice(from);
  const maxDepth = maxDepthOf(size.maxSamples);
  const rules = SPLIT_RULES[parameters.compatibility];
  const estimatorsFeatures: Int32Array[] = [];
  const estimators = seeds.map((seed) => {
    const { features, drawn } = drawTreeSample(samples, size, parameters.bootstrap, seed);
    estimatorsFeatures.push(features);
    const rows = treeRowsOf(samples, targets, drawn, features);
    return growTree(rows, maxDepth, new RandomState(seed).upTo(MAX_TREE_SEED), rules);
  });
  return { seeds, estimators, estimatorsFeatures };
}

/** What scikit-learn fits its regression trees to; see `node-impurity.ts` for what it does. */
function pseudoTargets(nSamples: number, randomState: number): Float64Array {
  const random = new RandomState(randomState);
  return new Float64Array(nSamples).map(() => random.uniform());
}

function treeSeeds({ nEstimators, randomState }: IsolationForestParameters): number[] {
  const random = new RandomState(randomState);
  return Array.from({ length: nEstimators }, () => random.upTo(MAX_TREE_SEED));
}

/** The columns of a tree, and its rows in the order in which they were drawn. */
function drawTreeSample(
  { nSamples, nFeatures }: PreparedSamples,
  { maxSamples, maxFeatures }: SampleSize,
  bootstrap: boolean,
  seed: number,
): { features: Int32Array; drawn: Int32Array } {
  const random = new RandomState(seed);
  const features = random.sampleWithoutReplacement(nFeatures, maxFeatures);
  const drawn = bootstrap
    ? new Int32Array(maxSamples).map(() => random.upTo(nSamples - 1))
    : random.sampleWithoutReplacement(nSamples, maxSamples);
  return { features, drawn };
}

/** The depth at which a balanced tree of so many rows would end: `ceil(log2(maxSamples))`, at least 1. */
function maxDepthOf(maxSamples: number): number {
  return 32 - Math.clz32(Math.max(maxSamples, 2) - 1);
}
