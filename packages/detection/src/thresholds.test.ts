import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SURPRISE_THRESHOLD, surpriseOf, thresholdsOf } from './thresholds.ts';

test("thresholds are what was asked for, else what training chose, else the forest's offset and the built-in one", () => {
  assert.deepEqual(thresholdsOf(-0.55), { forest: -0.55, surprise: SURPRISE_THRESHOLD });
  assert.deepEqual(thresholdsOf(-0.55, undefined, { surprise: 5 }), { forest: -0.55, surprise: 5 });
  assert.deepEqual(thresholdsOf(-0.55, { forest: -0.6 }, { forest: -0.7, surprise: 5 }), { forest: -0.6, surprise: 5 });
});

test('a surprise is its largest reason, to four decimals, and 0 without one', () => {
  const reason = { signal: 'entries', minutes: 5, count: 9, expected: 1 };
  assert.equal(
    surpriseOf([
      { ...reason, score: 4.299961 },
      { ...reason, score: 1 },
    ]),
    4.3,
  );
  assert.equal(surpriseOf([]), 0);
});
