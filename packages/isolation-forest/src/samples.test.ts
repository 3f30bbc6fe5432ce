import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { prepareSamples, samplesOf } from './samples.ts';

const badInput = (message: RegExp) => ({ name: 'ForestError', code: 'BAD_INPUT', message });

describe('samplesOf', () => {
  it('lays rows behind one another', () => {
    assert.deepEqual(
      samplesOf([
        [1, 2, 3],
        [4, 5, 6],
      ]),
      { data: Float64Array.of(1, 2, 3, 4, 5, 6), nSamples: 2, nFeatures: 3 },
    );
  });

  it('makes no samples of no rows', () => {
    assert.deepEqual(samplesOf([]), { data: new Float64Array(), nSamples: 0, nFeatures: 0 });
  });

  it('refuses rows that differ in length, and names the row', () => {
    assert.throws(() => samplesOf([[1, 2], [3]]), badInput(/^sample 1 must have 2 features like sample 0, got 1$/));
  });

  it('refuses what is not a number, and names the place', () => {
    const rows = [[1, null]] as unknown as number[][];
    assert.throws(() => samplesOf(rows), badInput(/^sample 0, feature 1 must be a number, got object$/));
  });
});

describe('prepareSamples', () => {
  it('rounds to float32', () => {
    assert.deepEqual([...prepareSamples([[0.1, 1 + 2 ** -30]], false).data], [Math.fround(0.1), 1]);
  });

  it('does not copy what is float32 already', () => {
    const data = Float32Array.of(1, 2);
    assert.equal(prepareSamples({ data, nSamples: 1, nFeatures: 2 }, false).data, data);
  });

  it('refuses sizes that do not match the data', () => {
    const samples = { data: new Float64Array(5), nSamples: 2, nFeatures: 3 };
    assert.throws(() => prepareSamples(samples, true), badInput(/^2 samples of 3 features must have 6 values, got 5$/));
  });

  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e39]) {
    it(`refuses ${value} where the rules do, and names the place`, () => {
      const rows = [
        [1, 2],
        [3, value],
      ];
      assert.throws(
        () => prepareSamples(rows, false),
        badInput(
          new RegExp(`^sample 1, feature 1 must be finite as a float32, got ${String(value).replace('+', '.')}$`),
        ),
      );
    });
  }

  it('tells missing values, which are not infinite ones, where the rules take both', () => {
    assert.equal(prepareSamples([[1, Number.POSITIVE_INFINITY]], true).hasMissing, false);
    assert.equal(prepareSamples([[1, Number.NaN]], true).hasMissing, true);
    assert.equal(prepareSamples([[1, 2]], true).hasMissing, false);
  });
});
