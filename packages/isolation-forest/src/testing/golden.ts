/**
 * The golden vectors: what scikit-learn made of small and large data sets, recorded once. Each file says by which release
 * and how its numbers were made; `golden.test.ts` replays them all.
 */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IsolationTree } from '../isolation-tree.ts';
import type { IsolationForestParameters } from '../parameters.ts';

/** One recorded fit. */
export interface GoldenCase {
  readonly params: GoldenParameters;
  /** Which of `max_samples` and `max_features` were floats, which JSON cannot tell. */
  readonly float_params: readonly string[];
  readonly max_samples_: number;
  readonly offset_: number;
  /** Of the first trees. */
  readonly seeds: readonly number[];
  readonly sum_node_count: number;
  readonly trees_sha256: string;
  /** Columns of the first trees. */
  readonly features: readonly (readonly number[])[];
  /** Anomalies among the training data. */
  readonly outliers: number;
  readonly score_rows: readonly number[];
  readonly scores: readonly number[];
  /** The first trees, where they are recorded. */
  readonly trees?: readonly GoldenTree[];
  readonly extra_X?: number[][];
  readonly extra_scores?: readonly number[];
  readonly extra_predict?: readonly number[];
}

interface GoldenParameters {
  readonly n_estimators: number;
  readonly random_state: number;
  readonly contamination?: 'auto' | number;
  readonly max_samples?: 'auto' | number;
  readonly max_features?: number;
  readonly bootstrap?: boolean;
}

interface GoldenTree {
  readonly node_count: number;
  readonly max_depth: number;
  readonly feature: readonly number[];
  readonly threshold: readonly number[];
  readonly left: readonly number[];
  readonly right: readonly number[];
  readonly n_node_samples: readonly number[];
  readonly weighted_n_node_samples: readonly number[];
  readonly impurity: readonly number[];
  readonly value: readonly number[];
}

/** The content of one golden file. */
// biome-ignore lint/suspicious/noExplicitAny: each file has a form of its own
export function readGolden(name: string): any {
  return JSON.parse(readFileSync(new URL(`golden/${name}.json`, import.meta.url), 'utf8'));
}

/** The parameters of a recorded fit in our words. */
export function parametersOf({ params, float_params }: GoldenCase): Partial<IsolationForestParameters> {
  const share = (name: string, value: number) => (float_params.includes(name) ? { fraction: value } : value);
  return {
    nEstimators: params.n_estimators,
    randomState: params.random_state,
    ...(params.contamination !== undefined && { contamination: params.contamination }),
    ...(params.bootstrap !== undefined && { bootstrap: params.bootstrap }),
    ...(params.max_features !== undefined && { maxFeatures: share('max_features', params.max_features) }),
    ...(params.max_samples !== undefined && {
      maxSamples: params.max_samples === 'auto' ? 'auto' : share('max_samples', params.max_samples),
    }),
  };
}

/** A tree in the words of the golden files. */
export function goldenTreeOf(tree: IsolationTree): GoldenTree {
  return {
    node_count: tree.feature.length,
    max_depth: tree.maxDepth,
    feature: [...tree.feature],
    threshold: [...tree.threshold],
    left: [...tree.leftChild],
    right: [...tree.rightChild],
    n_node_samples: [...tree.nNodeSamples],
    weighted_n_node_samples: [...tree.weightedNNodeSamples],
    impurity: [...tree.impurity],
    value: [...tree.value],
  };
}

/** SHA-256 over all trees, in the layout that the golden files describe as `digest_layout`. */
export function digestOf(trees: readonly IsolationTree[], extra: { missingGoToLeft?: boolean } = {}): string {
  const hash = createHash('sha256');
  for (const tree of trees) {
    hash.update(Int32Array.of(tree.feature.length));
    for (const nodes of [
      tree.feature,
      tree.threshold,
      tree.leftChild,
      tree.rightChild,
      tree.nNodeSamples,
      tree.weightedNNodeSamples,
      ...(extra.missingGoToLeft ? [tree.missingGoToLeft] : []),
    ]) {
      hash.update(nodes);
    }
  }
  return hash.digest('hex');
}
