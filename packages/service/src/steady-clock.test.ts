import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SteadyClock } from './steady-clock.ts';

const START_MS = Date.parse('2025-05-01T00:00:00Z');
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const YEAR_MS = 365 * 86_400_000;

/** A clock whose sources a test moves. */
function setUp() {
  const time = { wallMs: START_MS, tickMs: 0 };
  const jumps: string[] = [];
  const clock = new SteadyClock({
    sources: { wallMs: () => time.wallMs, monotonicMs: () => time.tickMs },
    onJump: ({ byMs, held }) => jumps.push(`${byMs / MINUTE_MS} min ${held ? 'held' : 'believed'}`),
  });
  const pass = (durationMs: number) => {
    time.wallMs += durationMs;
    time.tickMs += durationMs;
    return clock.nowMs() - START_MS;
  };
  clock.nowMs();
  return { time, jumps, clock, pass };
}

test('a clock that nobody sets is followed, and so are small steps', () => {
  const { time, jumps, pass } = setUp();
  assert.equal(pass(HOUR_MS), HOUR_MS);
  time.wallMs -= MINUTE_MS;
  assert.equal(pass(HOUR_MS), 2 * HOUR_MS - MINUTE_MS);
  assert.deepEqual(jumps, []);
});

for (const byMs of [HOUR_MS, -HOUR_MS, YEAR_MS, -YEAR_MS]) {
  test(`a jump of ${byMs / HOUR_MS} h that is taken back within ten minutes was never there`, () => {
    const { time, jumps, pass, clock } = setUp();
    pass(MINUTE_MS);
    time.wallMs += byMs;
    assert.equal(pass(MINUTE_MS), 2 * MINUTE_MS);
    assert.equal(clock.heldJumpMs, byMs);
    assert.equal(pass(8 * MINUTE_MS), 10 * MINUTE_MS);
    time.wallMs -= byMs;
    assert.equal(pass(MINUTE_MS), 11 * MINUTE_MS);
    assert.equal(clock.heldJumpMs, undefined);
    assert.deepEqual(jumps, [`${byMs / MINUTE_MS} min held`]);
  });

  test(`a jump of ${byMs / HOUR_MS} h that stays is believed after ten minutes`, () => {
    const { time, jumps, pass } = setUp();
    time.wallMs += byMs;
    assert.equal(pass(MINUTE_MS), MINUTE_MS);
    assert.equal(pass(10 * MINUTE_MS), byMs + 11 * MINUTE_MS);
    assert.deepEqual(jumps, [`${byMs / MINUTE_MS} min held`, `${byMs / MINUTE_MS} min believed`]);
  });
}

test('a second jump before the first is believed begins the wait anew', () => {
  const { time, pass } = setUp();
  time.wallMs += HOUR_MS;
  pass(MINUTE_MS);
  time.wallMs += HOUR_MS;
  assert.equal(pass(9 * MINUTE_MS), 10 * MINUTE_MS);
  assert.equal(pass(9 * MINUTE_MS), 19 * MINUTE_MS);
  assert.equal(pass(MINUTE_MS), 2 * HOUR_MS + 20 * MINUTE_MS);
});

test('a sleep ends when the clock is believed to have been set back: what was a year ahead may be due', async () => {
  const time = { wallMs: START_MS + YEAR_MS, tickMs: 0 };
  const nap = async (durationMs: number) => {
    time.wallMs += durationMs;
    time.tickMs += durationMs;
  };
  const sources = { wallMs: () => time.wallMs, monotonicMs: () => time.tickMs };
  const clock = new SteadyClock({ sources, nap });
  clock.nowMs();
  time.wallMs -= YEAR_MS;
  await clock.sleepUntil(START_MS + YEAR_MS + HOUR_MS, new AbortController().signal);
  assert.ok(clock.nowMs() >= START_MS + 10 * MINUTE_MS && clock.nowMs() <= START_MS + 12 * MINUTE_MS);
});

test('a sleep ends with the signal', async () => {
  const { clock } = setUp();
  const stopping = new AbortController();
  const sleeping = clock.sleepUntil(START_MS + YEAR_MS, stopping.signal);
  stopping.abort();
  await sleeping;
});
