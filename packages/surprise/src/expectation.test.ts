import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DeviceBaseline } from './baseline.ts';
import { DeviceHistory } from './device-history.ts';
import { Expectation, hourPartsOf } from './expectation.ts';
import { SCALES } from './scales.ts';
import { SlotTally } from './slot-counts.ts';
import { HOUR_KINDS, hourKindOf, SLOTS_PER_HOUR } from './slot-time.ts';

/** Signal 0 is all entries, by whose shape the day is known. */
const SIGNALS = 2;
const SIGNAL = 1;
const [FIVE_MINUTES, HOUR, SIX_HOURS] = [5, 60, 360].map((minutes) => SCALES.findIndex((of) => of.minutes === minutes));
/** 2025-05-05, a Monday, 00:00. */
const MONDAY = (Date.UTC(2025, 4, 5) / 3_600_000) * SLOTS_PER_HOUR;

/** Twice as much by day as by night, half as much on weekends; of the signal a tenth of all entries. */
function meansOf(perMinute = 2): Float64Array {
  return Float64Array.from({ length: SIGNALS * HOUR_KINDS }, (_, at) => {
    const kind = at % HOUR_KINDS;
    const isDay = kind % 24 >= 8 && kind % 24 < 20;
    return perMinute * (isDay ? 2 : 1) * (kind < 24 ? 1 : 0.5) * (at < HOUR_KINDS ? 1 : 0.1);
  });
}

function baselineOf(means: Float64Array): DeviceBaseline {
  const dispersions = new Float64Array(SIGNALS * SCALES.length).fill(0.1);
  return { id: 'router', means, dispersions, longestSilences: new Float64Array(24).fill(5), kinds: new Set() };
}

/** A device of which each slot has what `countOf` says, at the given slot. */
function deviceAt(slot: number, slots: number, countOf: (signal: number, slot: number) => number) {
  const means = meansOf();
  const history = new DeviceHistory();
  const expectation = new Expectation(baselineOf(means), history);
  for (let at = slot - slots + 1; at <= slot; at += 1) {
    const tally = new SlotTally();
    for (let signal = 0; signal < SIGNALS; signal += 1) {
      for (let count = Math.round(countOf(signal, at)); count > 0; count -= 1) tally.add(signal, count % 5);
    }
    history.add(tally.finish(at));
    expectation.advanceTo(at, hourPartsOf(at));
  }
  return { means, expectation };
}

const slotMean = (means: Float64Array, signal: number, slot: number) =>
  means[signal * HOUR_KINDS + hourKindOf(Math.floor(slot / SLOTS_PER_HOUR))] * 5;

/** The mean of a scale's slots, one after the other. */
function meanOf(means: Float64Array, signal: number, scale: number, slot: number): number {
  const { slots } = SCALES[scale];
  if (slots === 0) return slotMean(means, signal, slot) / 5;
  let sum = 0;
  for (let at = slot - slots + 1; at <= slot; at += 1) sum += slotMean(means, signal, at);
  return sum;
}

test('the parts of a scale are its minutes, in the hours in which they are', () => {
  for (let slot = MONDAY - 40; slot < MONDAY + 7 * 288; slot += 1) {
    for (const [scale, parts] of hourPartsOf(slot).entries()) {
      const { minutes, slots } = SCALES[scale];
      assert.equal(
        parts.reduce((sum, part) => sum + part.minutes, 0),
        minutes,
      );
      const expected = new Map<number, number>();
      for (let at = slot - Math.max(1, slots) + 1; at <= slot; at += 1) {
        const kind = hourKindOf(Math.floor(at / SLOTS_PER_HOUR));
        expected.set(kind, (expected.get(kind) ?? 0) + minutes / Math.max(1, slots));
      }
      const found = new Map<number, number>();
      for (const { kind, minutes } of parts) found.set(kind, (found.get(kind) ?? 0) + minutes);
      assert.deepEqual(found, expected, `${SCALES[scale].minutes} minutes up to ${slot}`);
    }
  }
});

test('a device that is new here is expected to do what training says of these hours', () => {
  for (const slot of [MONDAY + 3, MONDAY + 8 * 12, MONDAY + 20 * 12 + 5, MONDAY - 1, MONDAY + 5 * 288]) {
    const { means, expectation } = deviceAt(slot, 3, () => 1);
    for (let signal = 0; signal < SIGNALS; signal += 1) {
      for (let scale = 0; scale < SCALES.length; scale += 1) {
        const usual = expectation.usual(signal, scale);
        assert.ok(Math.abs(usual / meanOf(means, signal, scale, slot) - 1) < 1e-12, `${signal} over ${scale}`);
        assert.equal(expectation.upper(signal, scale, usual), usual);
        assert.equal(expectation.lower(signal, scale, usual), usual);
      }
    }
  }
});

describe('the level of the last two days', () => {
  const slot = MONDAY + 3 * 288 + 12 * 12;
  const days = (factor: number) => deviceAt(slot, 3 * 288, (signal, at) => slotMean(meansOf(), signal, at) * factor);
  const levelOf = ({ means, expectation }: ReturnType<typeof days>) =>
    expectation.usual(0, HOUR) / meanOf(means, 0, HOUR, slot);

  for (const { factor, least, most } of [
    { factor: 0, least: 0.5, most: 0.5 },
    { factor: 0.2, least: 0.5, most: 0.5 },
    { factor: 0.8, least: 0.79, most: 0.82 },
    { factor: 1, least: 0.99, most: 1.01 },
    { factor: 1.5, least: 1.48, most: 1.52 },
    { factor: 10, least: 2, most: 2 },
  ]) {
    test(`is from ${least} to ${most} when there is ${factor} times as much as in training`, () => {
      const level = levelOf(days(factor));
      assert.ok(level >= least && level <= most, `${level}`);
    });
  }

  test('does not know the last hour, so that an outbreak does not excuse itself', () => {
    const outbreak = deviceAt(slot, 3 * 288, (signal, at) => (at > slot - 12 ? 400 : slotMean(meansOf(), signal, at)));
    assert.ok(Math.abs(levelOf(outbreak) - 1) < 0.01);
  });

  test('does not know what was more than two days and an hour ago', () => {
    const levelAfter = (hours: number) =>
      levelOf(
        deviceAt(slot, 4 * 288, (signal, at) => {
          const hoursAgo = (slot - at) / 12;
          return hoursAgo > hours && hoursAgo <= hours + 1 ? 3_000 : slotMean(meansOf(), signal, at);
        }),
      );
    assert.equal(levelAfter(47), 2);
    assert.ok(Math.abs(levelAfter(49) - 1) < 0.01);
  });

  test('is not guessed from less than half a day', () => {
    const young = deviceAt(slot, 12 * 12, () => 0);
    assert.equal(young.expectation.usual(0, HOUR), meanOf(young.means, 0, HOUR, slot));
  });
});

describe('what came lately', () => {
  const slot = MONDAY + 3 * 288 + 14 * 12 + 11;

  test('is expected again when it was more than usual, and never less than the usual', () => {
    const since = slot - 30 * 12;
    const usualCount = (signal: number, at: number) => slotMean(meansOf(), signal, at);
    const changed = deviceAt(
      slot,
      3 * 288,
      (signal, at) => usualCount(signal, at) * (signal === SIGNAL && at > since ? 8 : 1),
    );
    for (const scale of [HOUR, SIX_HOURS]) {
      const usual = changed.expectation.usual(SIGNAL, scale);
      const upper = changed.expectation.upper(SIGNAL, scale, usual);
      assert.ok(upper > usual * 2, `${upper} after a lasting change, usually ${usual}`);
      assert.ok(upper < meanOf(changed.means, SIGNAL, scale, slot) * 8 * 1.05, `${upper} is no more than what came`);
    }
    const quiet = deviceAt(slot, 3 * 288, () => 0);
    for (let scale = 0; scale < SCALES.length; scale += 1) {
      const usual = quiet.expectation.usual(SIGNAL, scale);
      assert.equal(quiet.expectation.upper(SIGNAL, scale, usual), usual);
    }
  });

  test('does not count while it is in the span that is judged', () => {
    const burst = deviceAt(slot, 3 * 288, (signal, at) =>
      signal === SIGNAL && at > slot - 12 ? 300 : slotMean(meansOf(), signal, at),
    );
    for (const scale of [HOUR, SIX_HOURS]) {
      const usual = burst.expectation.usual(SIGNAL, scale);
      assert.ok(burst.expectation.upper(SIGNAL, scale, usual) < usual * 1.2, `${SCALES[scale].minutes} minutes`);
    }
  });

  test('is expected to stay away when it has gone, but not wholly', () => {
    const gone = (hours: number) =>
      deviceAt(slot, 3 * 288, (signal, at) =>
        signal === SIGNAL && at > slot - hours * 12 ? 0 : slotMean(meansOf(), signal, at),
      ).expectation;
    const share = (hours: number, scale: number) => {
      const expectation = gone(hours);
      const usual = expectation.usual(SIGNAL, scale);
      return expectation.lower(SIGNAL, scale, usual) / usual;
    };
    assert.equal(share(0, FIVE_MINUTES), 1);
    assert.equal(share(1, HOUR), 1);
    assert.ok(share(9, HOUR) < 0.2, `${share(9, HOUR)} after nine hours`);
    assert.ok(share(9, HOUR) > 0);
    assert.ok(share(20, SIX_HOURS) < 0.2);
  });
});
