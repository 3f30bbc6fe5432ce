import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { percentile } from './offset.ts';

describe('percentile', () => {
  // what numpy.percentile 1.24 to 2.4 gives
  const cases: [values: number[], percent: number, expected: number][] = [
    [[7], 50, 7],
    [[3, 1, 2], 0, 1],
    [[3, 1, 2], 100, 3],
    [[3, 1, 2], 50, 2],
    [[1, 2], 30, 1.3],
    [[1, 2], 70, 1.7],
    [[0.1, 0.7, 0.3, 0.9], 33, 0.298],
    [[0.1, 0.7, 0.3, 0.9], 99, 0.894],
  ];
  for (const [values, percent, expected] of cases) {
    it(`${percent} of ${values.join(', ')} is ${expected}`, () => {
      assert.equal(percentile(Float64Array.from(values), percent), expected);
    });
  }

  it('leaves the values in their order', () => {
    const values = Float64Array.of(3, 1, 2);
    percentile(values, 50);
    assert.deepEqual(values, Float64Array.of(3, 1, 2));
  });
});
