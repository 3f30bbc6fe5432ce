import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { averagePathLength } from './average-path-length.ts';
import type { ForestState } from './forest-state.ts';
import { IsolationForest } from './isolation-forest.ts';
import type { IsolationTree } from './isolation-tree.ts';
import { prepareSamples } from './samples.ts';
import { pathLengthSums, scoringForestOf } from './scoring-forest.ts';
import { bellSamples } from './testing/synthetic-samples.ts';

const SAMPLES = bellSamples(700, 3, 8);
const STATE = new IsolationForest({ nEstimators: 20, maxFeatures: 2 }).fit(SAMPLES).state;

/** A state whose first tree is changed. */
function withTree(change: Partial<IsolationTree>): ForestState {
  const [first, ...others] = STATE.estimators;
  return { ...STATE, estimators: [{ ...first, ...change }, ...others] };
}

/** The path length of one row in one tree, by the definition. */
function pathLength(tree: IsolationTree, columns: Int32Array, row: Float32Array): number {
  let node = 0;
  let depth = 0;
  for (; tree.leftChild[node] !== -1; depth++) {
    const value = row[columns[tree.feature[node]]];
    node = value <= tree.threshold[node] ? tree.leftChild[node] : tree.rightChild[node];
  }
  return depth + 1 + averagePathLength(tree.nNodeSamples[node]) - 1;
}

describe('pathLengthSums', () => {
  it('add up each tree for itself, in the order of the trees, over the borders of the blocks', () => {
    const prepared = prepareSamples(SAMPLES, false);
    const sums = pathLengthSums(scoringForestOf(STATE), prepared);
    sums.forEach((sum, i) => {
      const row = prepared.data.subarray(3 * i, 3 * i + 3);
      const expected = STATE.estimators.reduce(
        (total, tree, t) => total + pathLength(tree, STATE.estimatorsFeatures[t], row),
        0,
      );
      assert.equal(sum, expected);
    });
  });

  it('do not depend on whether another sample misses a value', () => {
    const { data } = SAMPLES;
    const more = { data: Float64Array.of(...data, Number.NaN, 0, 0), nSamples: 701, nFeatures: 3 };
    const forest = scoringForestOf(STATE);
    assert.deepEqual(
      pathLengthSums(forest, prepareSamples(more, true)).subarray(0, 700),
      pathLengthSums(forest, prepareSamples(SAMPLES, true)),
    );
  });

  it('use the average path lengths that a file brought', () => {
    const ours = pathLengthSums(scoringForestOf(STATE), prepareSamples([[0, 0, 0]], true))[0];
    const averagePathLengths = STATE.estimators.map((tree) => new Float64Array(tree.feature.length));
    const brought = scoringForestOf({ ...STATE, averagePathLengths });
    const sum = pathLengthSums(brought, prepareSamples([[0, 0, 0]], true))[0];
    assert.ok(Number.isInteger(sum), 'nothing but depths are left');
    assert.ok(sum < ours);
  });
});

describe('scoringForestOf', () => {
  const cases: [what: string, Partial<IsolationTree>, message: RegExp][] = [
    ['a cycle', { leftChild: STATE.estimators[0].leftChild.with(0, 0) }, /tree 0, node 0: left child must be in \[1, /],
    ['a child beyond the end', { rightChild: STATE.estimators[0].rightChild.with(0, 9999) }, /right child .* got 9999/],
    ['a feature that the tree does not see', { feature: STATE.estimators[0].feature.with(0, 2) }, /feature .* got 2/],
    [
      'no node at all',
      { feature: new Int32Array(), leftChild: new Int32Array() },
      /tree 0 must have at least one node/,
    ],
  ];
  for (const [what, change, message] of cases) {
    it(`refuses a tree with ${what}`, () => {
      assert.throws(() => scoringForestOf(withTree(change)), { name: 'ForestError', code: 'BAD_MODEL', message });
    });
  }

  it('refuses a tree that sees a column that the samples do not have', () => {
    const estimatorsFeatures = STATE.estimatorsFeatures.map((columns) => columns.map((column) => column + 2));
    assert.throws(() => scoringForestOf({ ...STATE, estimatorsFeatures }), { code: 'BAD_MODEL', message: /column / });
  });
});
