import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { IsolationTree } from '../isolation-tree.ts';
import { type NodeBytes, nodeRecords } from './node-records.ts';

const TREE: IsolationTree = {
  nFeatures: 3,
  maxDepth: 1,
  randomState: 0,
  leftChild: Int32Array.of(1, -1, -1),
  rightChild: Int32Array.of(2, -1, -1),
  feature: Int32Array.of(2, -2, -2),
  threshold: Float64Array.of(0.1, -2, -2),
  impurity: Float64Array.of(0.25, 0, 0.5),
  nNodeSamples: Int32Array.of(70_000, 69_999, 1),
  weightedNNodeSamples: Float64Array.of(80_000, 79_998, 2),
  missingGoToLeft: Uint8Array.of(1, 0, 0),
  value: Float64Array.of(1, 2, 3),
};

/** Where the fields are that moved; the others are where they always were. */
const MOVED: readonly { size: NodeBytes; impurity: number; nSamples: number; weighted: number; missing?: number }[] = [
  { size: 56, impurity: 32, nSamples: 40, weighted: 48 },
  { size: 64, impurity: 32, nSamples: 40, weighted: 48, missing: 56 },
  { size: 96, impurity: 64, nSamples: 72, weighted: 80, missing: 88 },
];

describe('a record of a node', () => {
  for (const { size, impurity, nSamples, weighted, missing } of MOVED) {
    it(`of ${size} bytes has every field at its offset, and zeros elsewhere`, () => {
      const { shape, bytes } = nodeRecords(TREE, size);
      assert.deepEqual(shape, [3]);
      const expected = new DataView(new ArrayBuffer(3 * size));
      for (let node = 0; node < 3; node++) {
        const at = node * size;
        expected.setBigInt64(at, BigInt(TREE.leftChild[node]), true);
        expected.setBigInt64(at + 8, BigInt(TREE.rightChild[node]), true);
        expected.setBigInt64(at + 16, BigInt(TREE.feature[node]), true);
        expected.setFloat64(at + 24, TREE.threshold[node], true);
        expected.setFloat64(at + impurity, TREE.impurity[node], true);
        expected.setBigInt64(at + nSamples, BigInt(TREE.nNodeSamples[node]), true);
        expected.setFloat64(at + weighted, TREE.weightedNNodeSamples[node], true);
        if (missing !== undefined) expected.setUint8(at + missing, TREE.missingGoToLeft[node]);
      }
      assert.deepEqual(bytes, new Uint8Array(expected.buffer));
    });
  }
});
