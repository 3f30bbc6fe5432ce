import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { averagePathLength, averagePathLengths } from './average-path-length.ts';
import { readGolden } from './testing/golden.ts';

/** Where the C library's logarithm is not the exact one, rounded. */
const ONE_ULP_OFF = 9171;

describe('averagePathLength', () => {
  for (const [count, expected] of Object.entries<number>(readGolden('path_length').c)) {
    if (Number(count) === ONE_ULP_OFF) continue;
    it(`of ${count} rows is scikit-learn's, bit for bit`, () => {
      assert.equal(averagePathLength(Number(count)), expected);
    });
  }

  it(`of ${ONE_ULP_OFF} rows, the documented exception, is one unit in the last place away`, () => {
    const difference = averagePathLength(ONE_ULP_OFF) - readGolden('path_length').c[ONE_ULP_OFF];
    assert.equal(Math.abs(difference), 2 ** -48);
  });

  it('is 0 where there is nothing to tell apart', () => {
    assert.deepEqual([0, 1].map(averagePathLength), [0, 0]);
  });
});

describe('averagePathLengths', () => {
  it('are those of each count', () => {
    const counts = Int32Array.of(256, 1, 3, 256, 2);
    assert.deepEqual(averagePathLengths(counts), Float64Array.from(counts, averagePathLength));
  });
});
