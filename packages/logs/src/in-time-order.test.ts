import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { inTimeOrder, LONGEST_HOLE_MS } from './in-time-order.ts';
import type { LogEntry } from './log-entry.ts';
import { collect } from './testing/collect.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

function entry(timeMs: number, message = ''): LogEntry {
  return { timeMs, deviceId: '1', program: 'hostapd', level: 'info', message };
}

/** What comes of entries that arrive in chunks of a size. */
async function ordered(entries: readonly LogEntry[], { chunkEntries = 700, horizonMs = 2 * HOUR } = {}) {
  let late = 0;
  async function* chunks() {
    for (let at = 0; at < entries.length; at += chunkEntries) yield entries.slice(at, at + chunkEntries);
  }
  const source = inTimeOrder(chunks(), {
    horizonMs,
    onLate(count) {
      late += count;
    },
  });
  const chunksOut = await collect(source);
  assert.ok(chunksOut.every((chunk) => chunk.length > 0));
  return { entries: chunksOut.flat(), late };
}

/** One entry every ten seconds, for so many of them. */
function steadyLog(count: number): LogEntry[] {
  return Array.from({ length: count }, (_, at) => entry(at * 10_000, `${at}`));
}

test('entries that come in order come through as they are, over holes of months', async () => {
  for (const holeMs of [300 * HOUR, 8_000 * HOUR]) {
    const log = steadyLog(5_000).map((one, at) => (at < 2_500 ? one : { ...one, timeMs: one.timeMs + holeMs }));
    for (const chunkEntries of [1, 100, 511, 4_000, 10_000]) {
      assert.deepEqual(await ordered(log, { chunkEntries }), { entries: log, late: 0 });
    }
  }
});

test('a log with an entry a week comes through, also over years', async () => {
  const log = Array.from({ length: 1_500 }, (_, at) => entry(at * 7 * 24 * HOUR));
  assert.deepEqual(await ordered(log), { entries: log, late: 0 });
  const end = log.slice(0, 1_030);
  assert.deepEqual(await ordered(end), { entries: end, late: 0 });
});

test('what is more than a month from all others is passed over and counted: an entry of 2099, and one of 1970', async () => {
  const [past, future] = [entry(Date.parse('1970-01-01T00:00:07Z')), entry(Date.parse('2099-06-01T12:00:00Z'))];
  const start = Date.parse('2025-05-01T00:00:00Z');
  const log = steadyLog(2_560).map((one) => ({ ...one, timeMs: one.timeMs + start }));
  for (const at of [0, 1, 700, 2_519, 2_559, 2_560]) {
    for (const stray of [past, future]) {
      const arrivals = log.toSpliced(at, 0, stray);
      for (const chunkEntries of [1, 512, 5_000]) {
        assert.deepEqual(await ordered(arrivals, { chunkEntries }), { entries: log, late: 1 }, `${stray.timeMs} ${at}`);
      }
    }
  }
});

test('boots at 1970, all of them sorted to the beginning, are passed over', async () => {
  const boots = Array.from({ length: 1_400 }, (_, at) => entry(Math.floor(at / 20) * 1_000, 'booting'));
  const log = steadyLog(5_000).map((one) => ({ ...one, timeMs: one.timeMs + 9_000 * HOUR }));
  assert.deepEqual(await ordered([...boots, ...log]), { entries: log, late: 1_400 });
});

test('a log that is half of one century and half of another is refused, and says where it is torn', async () => {
  const log = steadyLog(5_000).map((one, at) => (at < 2_500 ? one : { ...one, timeMs: one.timeMs + 1e12 }));
  await assert.rejects(ordered(log), {
    code: 'TIMES_APART',
    message: /between 1970-01-01T06:57:00\.000Z and 2001-09-09T\S+, more than a year/,
  });
});

test('what is not a month away is not astray', async () => {
  const log = [...steadyLog(5_000), entry(steadyLog(5_000).length * 10_000 + LONGEST_HOLE_MS - HOUR)];
  assert.deepEqual(await ordered(log), { entries: log, late: 0 });
});

test('entries of one millisecond keep the order in which they came', async () => {
  const log = Array.from({ length: 1_000 }, (_, at) => entry(Math.floor(at / 10) * 10, `${at}`));
  assert.deepEqual((await ordered(log)).entries, log);
});

test('whatever comes up to the horizon late is put where it belongs', async () => {
  const sizes = {
    seed: fc.nat(),
    share: fc.integer({ min: 1, max: 9 }),
    chunkEntries: fc.integer({ min: 1, max: 2_000 }),
  };
  await fc.assert(
    fc.asyncProperty(fc.record(sizes), async ({ seed, share, chunkEntries }) => {
      const log = steadyLog(3_000);
      const lateness = (at: number) => (Math.imul(at + 1, seed | 1) >>> 0) % (2 * HOUR + 1);
      const arrivals = log
        .map((one, at) => ({ one, atMs: one.timeMs + (at % share === 0 ? lateness(at) : 0) }))
        .sort((a, b) => a.atMs - b.atMs)
        .map(({ one }) => one);
      const { entries, late } = await ordered(arrivals, { chunkEntries });
      const misplaced = entries.findIndex((one, at) => one !== log[at]);
      assert.deepEqual({ late, misplaced, count: entries.length }, { late: 0, misplaced: -1, count: log.length });
    }),
    { numRuns: 30 },
  );
});

test('what a clock days behind has stamped is passed over and counted, and nothing else is', async () => {
  const log = steadyLog(10_000);
  const behind = Array.from({ length: 14 }, (_, at) => entry(at * 1_000, 'booting'));
  const arrivals = [...log.slice(0, 8_000), ...behind, ...log.slice(8_000)];
  assert.deepEqual(await ordered(arrivals), { entries: log, late: 14 });
});

test('a few clocks that are ahead do not make all others late, and are passed over if it is more than a month', async () => {
  for (const { aheadMs, passedOver } of [
    { aheadMs: 500 * HOUR, passedOver: 0 },
    { aheadMs: 9_000 * HOUR, passedOver: 100 },
  ]) {
    const isAhead = (at: number) => at % 100 === 0;
    const log = steadyLog(10_000).map((one, at) => (isAhead(at) ? { ...one, timeMs: one.timeMs + aheadMs } : one));
    const { entries, late } = await ordered(log);
    assert.equal(late, passedOver);
    const believed = log.filter((_, at) => passedOver === 0 || !isAhead(at));
    assert.deepEqual(
      entries,
      believed.toSorted((a, b) => a.timeMs - b.timeMs),
    );
  }
});

test('more entries than can be held are let go before the horizon, still in order', async () => {
  const log = Array.from({ length: 700_000 }, (_, at) => entry(at));
  const stray = entry(0);
  const { entries, late } = await ordered([...log, stray], { horizonMs: 48 * HOUR, chunkEntries: 5_000 });
  assert.equal(late, 1);
  assert.equal(entries.length, log.length);
  assert.ok(entries.every((one, at) => one.timeMs === at));
});

test('no entries give none', async () => {
  assert.deepEqual(await ordered([]), { entries: [], late: 0 });
});
