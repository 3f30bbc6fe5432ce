import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LoadAttempt, RETRY_MS, retryDelayMs, shouldLoad } from './reload-policy.ts';

const loaded: LoadAttempt = { identity: 'a', outcome: 'loaded', failures: 0, atMs: 1_000 };
const failed: LoadAttempt = { identity: 'a', outcome: 'failed', failures: 1, atMs: 1_000 };

test('what is loaded when, case by case', () => {
  const cases: [LoadAttempt | undefined, string, number, boolean, string][] = [
    [undefined, 'a', 0, true, 'the first look loads'],
    [loaded, 'a', 1e9, false, 'what is in use is not loaded again, however old'],
    [loaded, 'b', 1_000, true, 'another version is loaded at once'],
    [failed, 'a', 1_000 + RETRY_MS.first - 1, false, 'a refused model is not tried at every look'],
    [failed, 'a', 1_000 + RETRY_MS.first, true, 'but again after a while'],
    [failed, 'b', 1_000, true, 'and at once if it changed'],
    [{ ...failed, failures: 50 }, 'a', 1_000 + RETRY_MS.longest, true, 'for ever'],
  ];
  for (const [last, identity, nowMs, expected, why] of cases)
    assert.equal(shouldLoad(last, identity, nowMs), expected, why);
});

test('the wait doubles and is bounded', () => {
  assert.deepEqual([1, 2, 3].map(retryDelayMs), [5_000, 10_000, 20_000]);
  assert.equal(retryDelayMs(1000), RETRY_MS.longest);
});
