import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitMs } from './backoff.ts';

test('a wait doubles with every failure and is bounded, however many there were', () => {
  const backoff = { firstMs: 1_000, longestMs: 60_000 };
  assert.deepEqual(
    [0, 1, 2, 3, 6, 7, 10_000].map((failures) => waitMs(backoff, failures)),
    [1_000, 1_000, 2_000, 4_000, 32_000, 60_000, 60_000],
  );
});
