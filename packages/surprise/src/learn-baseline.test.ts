import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { LogEntry } from '@edgewood/logs';
import type { Baseline } from './baseline.ts';
import { BaselineLearner } from './learn-baseline.ts';
import { SCALES } from './scales.ts';
import { createKindFinder } from './slot-signals.ts';
import { HOUR_KINDS } from './slot-time.ts';
import { poisson, seededRandom } from './testing/seeded-random.ts';
import { entryOf, FIRST_SLOT, inOrder, SLOTS_PER_DAY } from './testing/small-fleet.ts';

const DAYS = 14;
const SLOTS = DAYS * SLOTS_PER_DAY;

/** Learns of devices by what each says in a slot: so often each message. */
function learn(counts: Record<string, (slot: number) => Record<string, number>>, slots = SLOTS): Baseline {
  const learner = new BaselineLearner(createKindFinder([]));
  const random = seededRandom(5);
  for (let slot = FIRST_SLOT; slot < FIRST_SLOT + slots; slot += 1) {
    for (const [device, countsOf] of Object.entries(counts)) {
      const entries: LogEntry[] = [];
      for (const [message, count] of Object.entries(countsOf(slot))) {
        for (let at = 0; at < count; at += 1)
          entries.push(entryOf(device, slot, random() * 299_999, 'daemon', message));
      }
      if (entries.length > 0) learner.add(slot, device, inOrder(entries));
    }
  }
  return learner.finish();
}

const placeOf = ({ signals }: Baseline, name: string) => signals.findIndex((signal) => signal.name === name);
function meansOf(baseline: Baseline, device: string, name: string): Float64Array {
  const at = placeOf(baseline, name);
  assert.ok(at >= 0, name);
  return baseline.devices.get(device)?.means.slice(at * HOUR_KINDS, (at + 1) * HOUR_KINDS) ?? new Float64Array();
}
const hourOf = (slot: number) => Math.floor(slot / 12) % 24;
const isNear = (actual: number, expected: number, share: number) => Math.abs(actual / expected - 1) < share;

describe('means', () => {
  test('are what came in a minute, by hour and by kind of day, nearer to the mean of all where there are few days', () => {
    const isWeekend = (slot: number) => [5, 6].includes(Math.floor((slot - FIRST_SLOT) / SLOTS_PER_DAY) % 7);
    const baseline = learn({
      a: (slot) => ({ hello: (hourOf(slot) < 12 ? 10 : 20) * (isWeekend(slot) ? 2 : 1) }),
    });
    const means = meansOf(baseline, 'a', 'entries');
    // Of twelve days that are learnt from, eight are working days; the mean of all is 20 and counts as six hours.
    for (const [kind, perSlot, days] of [
      [5, 10, 8],
      [17, 20, 8],
      [24 + 5, 20, 4],
      [24 + 17, 40, 4],
    ] as const) {
      const threeHours = days * 3 * 60;
      const expected = (perSlot * threeHours + 20 * 360) / (threeHours + 360);
      assert.ok(isNear(means[kind] * 5, expected, 1e-3), `${means[kind] * 5} in hour kind ${kind}, not ${expected}`);
    }
  });

  test('are above 0 for what never came on a device, the less the longer it did not', () => {
    const shortly = learn({
      a: () => ({ hello: 1, rarely: 0 }),
      b: (slot) => ({ hello: 1, rarely: slot % 100 ? 0 : 1 }),
    });
    const mean = meansOf(shortly, 'a', 'minutes with daemon: rarely');
    assert.ok(
      mean.every((of) => of > 0 && of < 0.01 / 5),
      `${mean}`,
    );
    const [silent] = shortly.signals.filter(({ name }) => name === 'critical entries');
    assert.ok(silent.fleetMeans.every((of) => of > 0 && of < 1e-4));
    const { fleetMeans } = learn({ a: () => ({ hello: 1 }) }, SLOTS / 2).signals[placeOf(shortly, 'critical entries')];
    assert.ok(fleetMeans[3] > silent.fleetMeans[3]);
  });

  test('of a device that training never saw are those of all together', () => {
    const baseline = learn({ a: () => ({ hello: 2 }), b: () => ({ hello: 6 }) });
    const { fleetMeans } = baseline.signals[placeOf(baseline, 'entries')];
    assert.ok(
      fleetMeans.every((mean) => isNear(mean * 5, 4, 0.02)),
      `${fleetMeans}`,
    );
  });
});

test('dispersions tell bursts from what comes evenly', () => {
  const random = seededRandom(6);
  const baseline = learn({
    a: () => ({ evenly: poisson(random, 4), 'by fits and starts': random() < 0.1 ? poisson(random, 20) : 0, hello: 1 }),
  });
  const at = (name: string, scale: number) =>
    baseline.devices.get('a')?.dispersions[placeOf(baseline, name) * SCALES.length + scale] ?? 0;
  const five = SCALES.findIndex(({ minutes }) => minutes === 5);
  assert.ok(
    at('minutes with daemon: by fits and starts', five) > 2,
    `${at('minutes with daemon: by fits and starts', five)}`,
  );
  assert.ok(at('minutes with daemon: evenly', five) < 0.1, `${at('minutes with daemon: evenly', five)}`);
});

test('silences are as long as they were, by the hour of the day, and of a device', () => {
  const baseline = learn({
    a: () => ({ hello: 5 }),
    b: (slot) => ({ hello: hourOf(slot) < 6 ? (slot % 6 ? 0 : 5) : 5 }),
  });
  const [a, b] = ['a', 'b'].map((device) => baseline.devices.get(device)?.longestSilences ?? new Float64Array());
  assert.ok(
    a.every((minutes) => minutes <= 10),
    `${a}`,
  );
  assert.ok(b[3] >= 25 && b[3] <= 40, `${b}`);
  assert.ok(b[15] <= 10, `${b}`);
  assert.ok(baseline.fleetSilences[3] >= b[3] - 5, 'nobody is told of a silence that is usual of somebody');
});

test('kinds of messages are known by device, and by hours', () => {
  const baseline = learn({
    a: (slot) => ({ hello: 1, once: slot === FIRST_SLOT + 500 ? 3 : 0 }),
    b: (slot) => ({ hello: 1, often: slot % 12 ? 0 : 1 }),
  });
  assert.deepEqual([...(baseline.devices.get('a')?.kinds ?? [])].sort(), ['daemon: hello', 'daemon: once']);
  assert.deepEqual([...(baseline.devices.get('b')?.kinds ?? [])].sort(), ['daemon: hello', 'daemon: often']);
  assert.equal(baseline.kindHours.get('daemon: once'), 1);
  assert.equal(baseline.kindHours.get('daemon: often'), DAYS * 24);
  assert.equal(baseline.kindHours.get('daemon: hello'), DAYS * 24);
});

test('the first two days are not learnt from, of a short training the first seventh', () => {
  assert.equal(learn({ a: () => ({ hello: 1 }), b: () => ({ hello: 1 }) }).deviceDays, 2 * (DAYS - 2));
  assert.equal(learn({ a: () => ({ hello: 1 }) }, 7 * SLOTS_PER_DAY).deviceDays, 6);
  const strange = learn({ a: (slot) => ({ hello: slot < FIRST_SLOT + 2 * SLOTS_PER_DAY ? 50 : 5 }) });
  assert.ok(meansOf(strange, 'a', 'entries').every((mean) => isNear(mean * 5, 5, 0.01)));
});

test('the same entries give the same baseline', () => {
  const random = () => {
    const next = seededRandom(8);
    return learn({ a: () => ({ hello: poisson(next, 3), bye: poisson(next, 0.1) }) });
  };
  assert.deepEqual(random(), random());
});
