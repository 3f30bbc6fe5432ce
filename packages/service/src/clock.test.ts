import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DrivenClock } from './clock.ts';

const never = new AbortController().signal;

test('a driven clock stands still until somebody sleeps, and never goes back', async () => {
  const clock = new DrivenClock(1_000);
  assert.equal(clock.nowMs(), 1_000);
  await clock.sleepUntil(5_000, never);
  assert.equal(clock.nowMs(), 5_000);
  await clock.sleepUntil(2_000, never);
  assert.equal(clock.nowMs(), 5_000);
});

test('whoever is told to stop does not move a driven clock', async () => {
  const clock = new DrivenClock(1_000);
  await clock.sleepUntil(5_000, AbortSignal.abort());
  assert.equal(clock.nowMs(), 1_000);
});
