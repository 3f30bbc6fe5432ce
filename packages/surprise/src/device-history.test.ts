import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeviceHistory, HISTORY_HOURS } from './device-history.ts';
import { SCALES } from './scales.ts';
import { type SlotCounts, SlotTally } from './slot-counts.ts';
import { SLOTS_PER_HOUR } from './slot-time.ts';
import { seededRandom } from './testing/seeded-random.ts';

const SIGNALS = 4;
const MINUTES = 5;

/** Counts by signal and minute of one slot. */
type Minutes = readonly (readonly number[])[];

/** Signal 0 comes all the time, 1 in bursts, 2 once a day, 3 never. */
function randomMinutes(random: () => number, slot: number): Minutes {
  const often = Array.from({ length: MINUTES }, () => Math.floor(random() * 4));
  const burst = Array.from({ length: MINUTES }, () => (random() < 0.02 ? Math.floor(random() * 50) : 0));
  const daily = slot % 288 === 17 ? [0, 1, 0, 0, 0] : [0, 0, 0, 0, 0];
  return [often, burst, daily, [0, 0, 0, 0, 0]];
}

function countsOf(slot: number, minutes: Minutes): SlotCounts {
  const tally = new SlotTally();
  for (const [signal, ofSignal] of minutes.entries()) {
    for (const [minute, count] of ofSignal.entries()) {
      for (let at = 0; at < count; at += 1) tally.add(signal, minute);
    }
  }
  return tally.finish(slot);
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

for (const { title, first, isSkipped } of [
  { title: 'from the beginning of an hour', first: 5_000 * SLOTS_PER_HOUR, isSkipped: () => false },
  { title: 'from the middle of an hour', first: 70_007, isSkipped: () => false },
  {
    title: 'with slots passed over',
    first: 70_007,
    isSkipped: (slot: number) => slot % 5 === 3 || (slot > 70_400 && slot < 70_490),
  },
]) {
  test(`what it remembers of random counts is what counting again gives, ${title}`, () => {
    const random = seededRandom(7);
    const history = new DeviceHistory();
    const slots = new Map<number, Minutes>();
    const countOf = (signal: number, from: number, to: number) => {
      let total = 0;
      for (let slot = from; slot <= to; slot += 1) total += sum(slots.get(slot)?.[signal] ?? []);
      return total;
    };
    for (let slot = first; slot < first + 2_000; slot += 1) {
      if (isSkipped(slot)) continue;
      const minutes = randomMinutes(random, slot);
      slots.set(slot, minutes);
      history.add(countsOf(slot, minutes));
      assert.equal(history.knownSlots, slot - first + 1);
      for (let signal = 0; signal < SIGNALS; signal += 1) {
        assert.equal(
          history.countOf(signal, 0),
          Math.max(...minutes[signal]),
          `busiest minute of ${signal} in ${slot}`,
        );
        for (let scale = 1; scale < SCALES.length; scale += 1) {
          const expected = countOf(signal, slot - SCALES[scale].slots + 1, slot);
          assert.equal(
            history.countOf(signal, scale),
            expected,
            `${signal} over ${SCALES[scale].minutes} min in ${slot}`,
          );
        }
        const longest = countOf(signal, slot - SCALES[SCALES.length - 1].slots + 1, slot);
        assert.equal(history.active.has(signal), longest > 0, `whether ${signal} is active in ${slot}`);
      }
    }
  });
}

test('the hours of the last two days are remembered, the one under way too', () => {
  const random = seededRandom(8);
  const first = 4_321 * SLOTS_PER_HOUR + 5;
  const history = new DeviceHistory();
  const byHour = new Map<string, number>();
  for (let slot = first; slot < first + 2_000; slot += 1) {
    const minutes = randomMinutes(random, slot);
    const hour = Math.floor(slot / SLOTS_PER_HOUR);
    for (const [signal, counts] of minutes.entries()) {
      byHour.set(`${signal} ${hour}`, (byHour.get(`${signal} ${hour}`) ?? 0) + sum(counts));
    }
    history.add(countsOf(slot, minutes));
    if (slot % 7 !== 0) continue;
    for (const hours of [1, 6, 24, HISTORY_HOURS - 1]) {
      for (let signal = 0; signal < SIGNALS; signal += 1) {
        let expected = 0;
        for (let at = hour - hours + 1; at <= hour; at += 1) expected += byHour.get(`${signal} ${at}`) ?? 0;
        assert.equal(history.hourlyCount(signal, hour - hours + 1, hour + 1), expected, `${hours} h up to ${hour}`);
      }
    }
  }
});

test('nothing is known before the first slot', () => {
  const history = new DeviceHistory();
  assert.equal(history.knownSlots, 0);
  assert.equal(history.active.size, 0);
  assert.equal(history.countOf(0, 1), 0);
});
