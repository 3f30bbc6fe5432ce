import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DrivenClock, SystemClock } from './clock.ts';

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

test("the machine's clock wakes whoever is told to stop, however long the sleep was to be", async () => {
  const stopping = new AbortController();
  const clock = new SystemClock();
  const sleep = clock.sleepUntil(clock.nowMs() + 1e9, stopping.signal);
  stopping.abort();
  await sleep;
});

test("the machine's clock does not wait for what has passed", async () => {
  const clock = new SystemClock();
  await clock.sleepUntil(clock.nowMs() - 1, never);
  await clock.sleepUntil(clock.nowMs() + 5, never);
});

test("the machine's clock notices that it was set while somebody slept", async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 0 });
  const clock = new SystemClock();
  let awake = false;
  const sleep = clock.sleepUntil(3_600_000, never).then(() => {
    awake = true;
  });
  t.mock.timers.setTime(3_600_000 - 30_001); // as if an hour had been put on the clock
  await Promise.resolve();
  await Promise.resolve();
  assert.equal(awake, false);
  t.mock.timers.tick(30_001);
  await sleep;
});
