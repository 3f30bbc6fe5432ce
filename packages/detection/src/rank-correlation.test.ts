import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rankCorrelation } from './rank-correlation.ts';

const CASES = [
  { one: [1, 2, 3, 4], other: [10, 20, 30, 400], gives: 1, that: 'the same order is 1, however far apart values are' },
  { one: [1, 2, 3, 4], other: [4, 3, 2, 1], gives: -1, that: 'the opposite order is -1' },
  // by hand: √0.9
  { one: [1, 2, 2, 3], other: [1, 3, 2, 4], gives: 0.9486832980505138, that: 'equal values share a rank' },
  // the example in scipy's documentation of spearmanr
  { one: [1, 2, 3, 4, 5], other: [5, 6, 7, 8, 7], gives: 0.8207826816681233, that: 'the usual example' },
  { one: [1, 1, 1], other: [1, 2, 3], gives: undefined, that: 'equal values have no order' },
  { one: [1], other: [2], gives: undefined, that: 'one value has no order' },
  { one: [], other: [], gives: undefined, that: 'nothing has no order' },
];

for (const { one, other, gives, that } of CASES) {
  test(that, () => {
    const found = rankCorrelation(one, other);
    if (gives === undefined) assert.equal(found, undefined);
    else assert.ok(Math.abs((found ?? Number.NaN) - gives) < 1e-12, `${found}`);
  });
}
