import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { AGENT_PROFILES } from '@edgewood/features';
import type { LogEntry } from '@edgewood/logs';
import { BaselineLearner } from './learn-baseline.ts';
import { createKindFinder } from './slot-signals.ts';
import { GONE_MINUTES, MOST_NEW_DEVICES, SurpriseDetector } from './surprise-detector.ts';
import { DEVICES, entryOf, FIRST_SLOT, ordinaryDays, SLOTS_PER_DAY } from './testing/small-fleet.ts';

const TRAINED_DAYS = 7;
const [ATTIC, CELLAR] = DEVICES;
const START = FIRST_SLOT + TRAINED_DAYS * SLOTS_PER_DAY;
const GONE_SLOTS = GONE_MINUTES / 5;

const findKind = createKindFinder(AGENT_PROFILES);
const baseline = learn();

function learn() {
  const learner = new BaselineLearner(findKind);
  const days = DEVICES.map((device, at) => ordinaryDays(device, 0, TRAINED_DAYS, at + 1));
  for (let slot = FIRST_SLOT; slot < START; slot += 1) {
    for (const [at, device] of DEVICES.entries()) learner.add(slot, device, days[at].get(slot) ?? []);
  }
  return learner.finish();
}

/** Inspects a device's slots from `fromSlot` to before `toSlot`; slots that are not in the map are silent. */
function inspect(
  detector: SurpriseDetector,
  device: string,
  slots: ReadonlyMap<number, readonly LogEntry[]>,
  fromSlot: number,
  toSlot: number,
) {
  const told = [];
  for (let slot = fromSlot; slot < toSlot; slot += 1)
    told.push({ slot, reasons: detector.inspect(slot, device, slots.get(slot) ?? []) });
  return told;
}

test('a device that falls silent is told of for two days, and not after that', () => {
  const detector = new SurpriseDetector(baseline, findKind);
  const day = ordinaryDays(ATTIC, TRAINED_DAYS, 1, 5);
  inspect(detector, ATTIC, day, START, START + SLOTS_PER_DAY);
  const fell = START + SLOTS_PER_DAY;
  const told = inspect(detector, ATTIC, new Map(), fell, fell + 2 * GONE_SLOTS);
  const silence = told.filter(({ reasons }) => reasons.some(({ signal }) => signal === 'minutes without an entry'));
  assert.ok((silence.at(-1)?.slot ?? 0) >= fell + GONE_SLOTS - 2, `last told after ${silence.length} slots`);
  assert.ok(told.slice(GONE_SLOTS + 1).every(({ reasons }) => reasons.length === 0));
});

test('a device that was gone begins anew when it is heard again, and its next silence is told', () => {
  const detector = new SurpriseDetector(baseline, findKind);
  const fresh = new SurpriseDetector(baseline, findKind);
  inspect(detector, ATTIC, ordinaryDays(ATTIC, TRAINED_DAYS, 1, 5), START, START + SLOTS_PER_DAY);
  const back = START + 6 * SLOTS_PER_DAY;
  inspect(detector, ATTIC, new Map(), START + SLOTS_PER_DAY, back);
  const days = ordinaryDays(ATTIC, TRAINED_DAYS + 6, 1, 6);
  const told = inspect(detector, ATTIC, days, back, back + 2 * SLOTS_PER_DAY);
  assert.deepEqual(told, inspect(fresh, ATTIC, days, back, back + 2 * SLOTS_PER_DAY));
  assert.ok(told.slice(-12).every(({ reasons }) => reasons.some(({ signal }) => /without an entry/.test(signal))));
});

test('devices that come and go are judged alike by a detector that began four days and three hours before', () => {
  const always = new SurpriseDetector(baseline, findKind);
  const sameAfterSlots = (4 * 24 + 3) * 12;
  const presence: Record<string, (hour: number) => boolean> = {
    [ATTIC]: (hour) => hour % 90 < 41,
    [CELLAR]: (hour) => hour % 60 < 13,
    garage: (hour) => hour % 120 < 70,
  };
  const starts = [0, 7, 100, 395, 600].map((slots) => START + 2 * SLOTS_PER_DAY + slots);
  const later = starts.map((from) => ({ from, detector: new SurpriseDetector(baseline, findKind) }));
  const days = Object.keys(presence).map((device, at) => ordinaryDays(device, TRAINED_DAYS, 12, at + 20));
  let compared = 0;
  for (let slot = START; slot < START + 12 * SLOTS_PER_DAY; slot += 1) {
    for (const [at, [device, isThere]] of Object.entries(presence).entries()) {
      const entries = isThere(Math.floor((slot - START) / 12)) ? (days[at].get(slot) ?? []) : [];
      const reasons = always.inspect(slot, device, entries);
      for (const { from, detector } of later) {
        if (slot < from) continue;
        const others = detector.inspect(slot, device, entries);
        if (slot < from + sameAfterSlots) continue;
        assert.deepEqual(others, reasons, `${device}, ${slot - from} slots after the later one began`);
        compared += reasons.length;
      }
    }
  }
  assert.ok(compared > 1_000, `${compared} reasons`);
});

test('devices that training never had are judged up to a limit; those that it had always, and places become free', () => {
  const detector = new SurpriseDetector(baseline, findKind);
  const odd = (device: string, slot: number) => [entryOf(device, slot, 0, 'kernel', 'gremlins')];
  const isJudged = (device: string, slot: number) => detector.inspect(slot, device, odd(device, slot)).length > 0;
  for (let at = 0; at < MOST_NEW_DEVICES; at += 1) assert.ok(isJudged(`new-${at}`, START), `${at}`);
  assert.equal(detector.unjudgedDevices, 0);
  assert.ok(!isJudged('one-more', START));
  assert.deepEqual(detector.inspect(START, 'silent', []), []);
  assert.equal(detector.unjudgedDevices, 1);
  assert.ok(isJudged(CELLAR, START));
  assert.ok(isJudged('new-0', START + 1));
  assert.ok(isJudged('one-more', START + GONE_SLOTS + 72));
});

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** What is in use, in megabytes. */
function usedMegabytes(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / 1e6;
}

/** A message of a kind and a station of its own. */
function floodMessage(number: number): string {
  const kind = [...number.toString(26)].map((digit) => 'abcdefghijklmnopqrstuvwxyz'[Number.parseInt(digit, 26)]);
  const station = number.toString(16).padStart(12, '0').match(/../g)?.join(':');
  return `${kind.join('')} ${station} ${'long '.repeat(100)}`;
}

test('a flood of new devices, kinds and stations takes no more memory after sixteen hours than after eight', () => {
  const detector = new SurpriseDetector(baseline, findKind);
  const used: number[] = [];
  let number = 0;
  for (let slot = START; slot < START + 16 * 12; slot += 1) {
    for (let at = 0; at < 300; at += 1, number += 1) {
      const message = floodMessage(number);
      detector.inspect(slot, `flood-${number}`, [entryOf(`flood-${number}`, slot, 0, 'kernel', message)]);
      detector.inspect(slot, ATTIC, [entryOf(ATTIC, slot, at * 900, 'kernel', message)]);
    }
    if ((slot + 1 - START) % (8 * 12) === 0) used.push(usedMegabytes());
  }
  const [afterEight = 0, afterSixteen = 0] = used;
  assert.ok(afterSixteen < afterEight + 5, `${used.map((megabytes) => megabytes.toFixed(0)).join(', then ')} MB`);
});
