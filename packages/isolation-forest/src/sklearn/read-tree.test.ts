import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ForestState } from '../forest-state.ts';
import { IsolationForest } from '../isolation-forest.ts';
import type { IsolationTree } from '../isolation-tree.ts';
import { readSklearnFile } from './read-sklearn-file.ts';
import { writeSklearnForest } from './write-forest.ts';

/** A tree of two splits: node 0 leads to 1 and 4, node 1 to 2 and 3. */
const TREE: IsolationTree = {
  nFeatures: 2,
  maxDepth: 2,
  randomState: 1,
  leftChild: Int32Array.of(1, 2, -1, -1, -1),
  rightChild: Int32Array.of(4, 3, -1, -1, -1),
  feature: Int32Array.of(0, 1, -2, -2, -2),
  threshold: Float64Array.of(0.5, 0.25, -2, -2, -2),
  impurity: new Float64Array(5),
  nNodeSamples: Int32Array.of(4, 3, 1, 2, 1),
  weightedNNodeSamples: Float64Array.of(4, 3, 1, 2, 1),
  missingGoToLeft: new Uint8Array(5),
  value: new Float64Array(5),
};

const ROWS = { data: Float64Array.of(0, 0, 1, 1, 2, 0, 3, 1), nSamples: 4, nFeatures: 2 };

const STATE: ForestState = {
  ...new IsolationForest({ nEstimators: 1 }).fit(ROWS).state,
  estimators: [TREE],
};

/** Reads a forest of one tree, written without the path lengths that would give a wrong one away first. */
function readTreeWith(change: Partial<IsolationTree>): Promise<unknown> {
  const state = { ...STATE, estimators: [{ ...TREE, ...change }] };
  return readSklearnFile(writeSklearnForest(state, { sklearnVersion: '1.2' }));
}

describe('a tree', () => {
  it('is read as it is', async () => {
    const { forest } = await readSklearnFile(writeSklearnForest(STATE, { sklearnVersion: '1.2' }));
    assert.deepEqual(forest?.estimators, [TREE]);
  });

  const refused: Readonly<Record<string, Partial<IsolationTree>>> = {
    'whose node has two parents, while all are reached': {
      rightChild: Int32Array.of(3, 3, -1, -1, -1),
      nNodeSamples: Int32Array.of(5, 3, 1, 2, 1),
    },
    'whose nodes share a child and reach every one': {
      leftChild: Int32Array.of(1, 2, 3, -1, -1),
      rightChild: Int32Array.of(2, 3, 4, -1, -1),
      feature: Int32Array.of(0, 0, 0, -2, -2),
      nNodeSamples: Int32Array.of(8, 5, 3, 2, 1),
      maxDepth: 3,
    },
    'that leads back to its root': { leftChild: Int32Array.of(1, 0, -1, -1, -1) },
    'that leads beyond its nodes': { rightChild: Int32Array.of(5, 3, -1, -1, -1) },
    'that has a child on one side only': { rightChild: Int32Array.of(4, -1, -1, -1, -1) },
    'that has a child -2': { rightChild: Int32Array.of(-2, 3, -1, -1, -1) },
    'that splits a column that it does not see': { feature: Int32Array.of(2, 1, -2, -2, -2) },
    'that splits in a leaf': { feature: Int32Array.of(0, 1, -2, 0, -2) },
    'that splits by no threshold': { threshold: Float64Array.of(0.5, Number.NaN, -2, -2, -2) },
    'whose children have other rows than their parent': { nNodeSamples: Int32Array.of(4, 3, 1, 1, 1) },
    'that has a leaf without rows': { nNodeSamples: Int32Array.of(3, 2, 0, 2, 1) },
    'that says another depth': { maxDepth: 3 },
    'that sees other columns than the forest says': { nFeatures: 3 },
  };
  for (const [what, change] of Object.entries(refused)) {
    it(`${what} is refused`, () => assert.rejects(readTreeWith(change), { code: 'BAD_MODEL' }));
  }

  it('that is one leaf is read', async () => {
    const only = (array: Float64Array) => array.slice(-1);
    await readTreeWith({
      maxDepth: 0,
      leftChild: Int32Array.of(-1),
      rightChild: Int32Array.of(-1),
      feature: Int32Array.of(-2),
      threshold: only(TREE.threshold),
      impurity: only(TREE.impurity),
      nNodeSamples: Int32Array.of(4),
      weightedNNodeSamples: Float64Array.of(4),
      missingGoToLeft: new Uint8Array(1),
      value: only(TREE.value),
    });
  });

  it('that splits by infinity is read', async () => {
    await readTreeWith({ threshold: Float64Array.of(0.5, Number.POSITIVE_INFINITY, -2, -2, -2) });
  });
});
