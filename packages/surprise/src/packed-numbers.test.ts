import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SurpriseError } from './errors.ts';
import { packNumbers, rounded, unpackNumbers } from './packed-numbers.ts';
import { seededRandom } from './testing/seeded-random.ts';

const LIMITS = { least: 1e-9, most: 1e9 };

test('numbers keep four significant digits', () => {
  for (const [value, expected] of [
    [0.0123456, 0.01235],
    [2.76e-8, 2.76e-8],
    [152.63888, 152.6],
    [123_456, 123_500],
    [1, 1],
    [0, 0],
  ] as const) {
    assert.equal(rounded(value), expected);
    assert.equal(rounded(rounded(value)), expected);
  }
});

test('a number that comes again is written as how often', () => {
  for (const [values, list] of [
    [[], []],
    [[0.5], [0.5]],
    [
      [0.5, 0.5],
      [0.5, -1],
    ],
    [
      [0.02, 0.02, 0.02, 0.02, 0.5],
      [0.02, -3, 0.5],
    ],
    [
      [1, 2, 2, 1, 1],
      [1, 2, -1, 1, -1],
    ],
    [
      [1.00001, 1.00002],
      [1, -1],
    ],
  ]) {
    assert.deepEqual(packNumbers(values), list);
    assert.deepEqual([...unpackNumbers(list, values.length, LIMITS, 'it')], values.map(rounded));
  }
});

test('what is packed is unpacked, whatever the numbers', () => {
  const random = seededRandom(4);
  for (let round = 0; round < 200; round += 1) {
    const values = Array.from({ length: Math.floor(random() * 50) }, () => 10 ** Math.round(random() * 4 - 2));
    assert.deepEqual([...unpackNumbers(packNumbers(values), values.length, LIMITS, 'it')], values);
  }
});

test('a list that gives other numbers than it must is refused, in words', () => {
  for (const [list, message] of [
    [[], 'it must be 3 numbers, got 0'],
    [[1, 2], 'it must be 3 numbers, got 2'],
    [[1, 2, 3, 4], 'it must be 3 numbers, but 4 stands behind 3'],
    [[1, -3], 'it must be 3 numbers, but -3 stands behind 1'],
    [[1, -1e300], 'it must be 3 numbers, but -1e+300 stands behind 1'],
    [[1, -1.5, 2], 'it must be 3 numbers, but -1.5 stands behind 1'],
    [[-1, 2, 3], 'it must be from 1e-9 to 1000000000, got 0'],
    [[1, 0, 3], 'it must be from 1e-9 to 1000000000, got 0'],
    [[1, 1e10, 3], 'it must be from 1e-9 to 1000000000, got 10000000000'],
    [[1, Number.NaN, 3], 'it must be from 1e-9 to 1000000000, got NaN'],
    [[1, Number.POSITIVE_INFINITY, 3], 'it must be from 1e-9 to 1000000000, got Infinity'],
    [[1, Number.NEGATIVE_INFINITY, 3], 'it must be 3 numbers, but -Infinity stands behind 1'],
  ] as const) {
    assert.throws(() => unpackNumbers(list, 3, LIMITS, 'it'), new SurpriseError('BAD_BASELINE', message));
  }
});
