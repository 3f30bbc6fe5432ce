import assert from 'node:assert/strict';
import { test } from 'node:test';
import { binomialTail } from './binomial-tail.ts';

/** Values as `scipy.stats.binom.sf(least - 1, trials, probability)` gives them, and the ends. */
const CASES: [trials: number, least: number, probability: number, expected: number][] = [
  [10, 0, 0.3, 1],
  [10, 11, 0.3, 0],
  [0, 1, 0.3, 0],
  [10, 3, 0, 0],
  [10, 3, 1, 1],
  [1, 1, 0.25, 0.25],
  [2, 1, 0.5, 0.75],
  [10, 10, 0.5, 1 / 1024],
  [5, 3, 0.05, 0.0011581250000000001],
  [20, 3, 0.03, 0.021008], // 1 - (0.97^20 + 20·0.03·0.97^19 + 190·0.03²·0.97^18)
];

test('the tail of a binomial distribution is exact', () => {
  for (const [trials, least, probability, expected] of CASES) {
    const found = binomialTail(trials, least, probability);
    assert.ok(
      Math.abs(found - expected) <= 1e-4 * Math.max(expected, 1e-9),
      `${trials} ${least} ${probability}: ${found}`,
    );
  }
});

test('it falls with the number that is asked for, is never above 1, and large numbers do not overflow', () => {
  let before = 1;
  for (let least = 0; least <= 3_000; least += 100) {
    const tail = binomialTail(100_000, least, 0.01);
    assert.ok(tail <= before + 1e-9 && tail >= 0, `${least}: ${tail}`);
    before = tail;
  }
  assert.ok(before < 1e-200);
});
