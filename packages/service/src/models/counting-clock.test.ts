import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CountingClock } from './counting-clock.ts';

test('it has about the time of day, and counts on when the clock of the machine is set back by a year', async (t) => {
  const clock = new CountingClock();
  assert.ok(Math.abs(clock.nowMs() - Date.now()) < 5_000);
  const wallMs = Date.now;
  t.after(() => {
    Date.now = wallMs;
  });
  const beforeMs = clock.nowMs();
  Date.now = () => wallMs() - 365 * 86_400_000;
  await clock.sleepUntil(beforeMs + 20, new AbortController().signal);
  assert.ok(clock.nowMs() >= beforeMs + 20);
});

test('a sleep ends at once when it is broken off, and does not begin when its time has passed', async () => {
  const clock = new CountingClock();
  const breaking = new AbortController();
  const sleeping = clock.sleepUntil(clock.nowMs() + 3e9, breaking.signal);
  breaking.abort();
  await sleeping;
  await clock.sleepUntil(clock.nowMs() - 1, new AbortController().signal);
});
