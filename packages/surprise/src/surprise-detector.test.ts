import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { AGENT_PROFILES } from '@edgewood/features';
import type { LogEntry } from '@edgewood/logs';
import { BaselineLearner } from './learn-baseline.ts';
import { createKindFinder } from './slot-signals.ts';
import { SurpriseDetector, type SurpriseReason } from './surprise-detector.ts';
import { seededRandom } from './testing/seeded-random.ts';
import {
  DEVICES,
  entryOf,
  FIRST_SLOT,
  inOrder,
  ordinaryDays,
  ordinaryEntries,
  SLOTS_PER_DAY,
  stationOf,
} from './testing/small-fleet.ts';

const TRAINED_DAYS = 10;
const DAYS_AFTER = 5;
const [ATTIC, CELLAR] = DEVICES;
/** Two days are read before anything is judged, as in production. */
const JUDGED_FROM = FIRST_SLOT + (TRAINED_DAYS + 2) * SLOTS_PER_DAY;
/** A Saturday, 12:00 and 14:00. */
const NOON = FIRST_SLOT + (TRAINED_DAYS + 2) * SLOTS_PER_DAY + 12 * 12;
const AFTERNOON = NOON + 24;
const END = FIRST_SLOT + (TRAINED_DAYS + DAYS_AFTER) * SLOTS_PER_DAY;
const ALARM = 4;

const findKind = createKindFinder(AGENT_PROFILES);

function learn() {
  const learner = new BaselineLearner(findKind);
  const days = DEVICES.map((device, at) => ordinaryDays(device, 0, TRAINED_DAYS, at + 1));
  for (let slot = FIRST_SLOT; slot < FIRST_SLOT + TRAINED_DAYS * SLOTS_PER_DAY; slot += 1) {
    for (const [at, device] of DEVICES.entries()) learner.add(slot, device, days[at].get(slot) ?? []);
  }
  return learner.finish();
}

const baseline = learn();

/** The days after training of both devices, of which some slots may be otherwise. */
function daysAfter(change: (device: string, slot: number, entries: readonly LogEntry[]) => readonly LogEntry[]) {
  const days = new Map<string, ReadonlyMap<number, readonly LogEntry[]>>();
  for (const [at, device] of DEVICES.entries()) {
    const ordinary = ordinaryDays(device, TRAINED_DAYS, DAYS_AFTER, at + 100);
    days.set(device, new Map([...ordinary].map(([slot, entries]) => [slot, change(device, slot, entries)])));
  }
  return days;
}

interface Told {
  readonly slot: number;
  readonly device: string;
  readonly reasons: readonly SurpriseReason[];
}

function inspectAll(
  days: ReadonlyMap<string, ReadonlyMap<number, readonly LogEntry[]>>,
  fromSlot = FIRST_SLOT + TRAINED_DAYS * SLOTS_PER_DAY,
): Told[] {
  const detector = new SurpriseDetector(baseline, findKind);
  const told: Told[] = [];
  for (let slot = fromSlot; slot < END; slot += 1) {
    for (const [device, slots] of days) {
      const reasons = detector.inspect(slot, device, slots.get(slot) ?? []);
      if (slot >= JUDGED_FROM) told.push({ slot, device, reasons });
    }
  }
  return told;
}

const scoreOf = ({ reasons }: Told) => reasons[0]?.score ?? 0;
const worstOf = (told: readonly Told[]) =>
  told.reduce((worst, each) => (scoreOf(each) > scoreOf(worst) ? each : worst));
const shown = ({ slot, device, reasons }: Told) =>
  `${device}, ${slot - NOON} slots after noon: ${reasons.map((of) => `${of.signal} ${of.score.toFixed(2)}`).join('; ')}`;

describe('the most surprising slot of the days is', () => {
  const repeated = (count: number, of: (at: number) => LogEntry) => Array.from({ length: count }, (_, at) => of(at));
  const cases: {
    title: string;
    change: (device: string, slot: number, entries: readonly LogEntry[]) => readonly LogEntry[];
    signal: RegExp;
    lastSlot?: number;
  }[] = [
    {
      title: 'a burst of something that comes now and then',
      change: (device, slot, entries) =>
        device === ATTIC && slot >= NOON && slot < NOON + 2
          ? inOrder([
              ...entries,
              ...repeated(40, (at) =>
                entryOf(
                  device,
                  slot,
                  at * 7_000,
                  'hostapd',
                  `wlan0: AP-STA-POSSIBLE-PSK-MISMATCH ${stationOf(device, 3)}`,
                ),
              ),
            ])
          : entries,
      signal: /psk_mismatch|busiest station/,
    },
    {
      title: 'a silence of a device that is never silent',
      change: (device, slot, entries) => (device === CELLAR && slot >= NOON && slot < AFTERNOON ? [] : entries),
      signal: /minutes without an entry|^entries|minutes with|^stations/,
    },
    {
      title: 'a message that was never seen, many times',
      change: (device, slot, entries) =>
        device === ATTIC && slot >= NOON && slot < NOON + 3
          ? inOrder([
              ...entries,
              ...repeated(5, (at) => entryOf(device, slot, at * 60_000, 'kernel', 'gremlins in the antenna')),
            ])
          : entries,
      signal: /gremlins|new to|rare kinds|kernel/,
    },
    {
      title: 'six hours with twice as much as usual',
      change: (device, slot, entries) =>
        device === CELLAR && slot >= NOON && slot < NOON + 72
          ? inOrder([...entries, ...ordinaryEntries(device, slot, seededRandom(slot)).slice(1)])
          : entries,
      signal: /entries|minutes with|stations/,
      lastSlot: NOON + 72,
    },
  ];
  for (const { title, change, signal, lastSlot = AFTERNOON + 12 } of cases) {
    test(title, () => {
      const worst = worstOf(inspectAll(daysAfter(change)));
      assert.match(worst.reasons[0]?.signal ?? '', signal, shown(worst));
      assert.ok(worst.slot >= NOON && worst.slot <= lastSlot, shown(worst));
      assert.ok(scoreOf(worst) > ALARM / 2, shown(worst));
    });
  }
});

const asUsual = (_device: string, _slot: number, entries: readonly LogEntry[]) => entries;

test('a silence is told by its minutes, and ends with the first entry', () => {
  const told = inspectAll(
    daysAfter((device, slot, entries) => (device === CELLAR && slot >= NOON && slot < NOON + 12 ? [] : entries)),
  );
  const silenceIn = (slot: number) =>
    told
      .find((each) => each.device === CELLAR && each.slot === slot)
      ?.reasons.find(({ signal }) => signal === 'minutes without an entry');
  const { count = 0, expected = 0, score = 0 } = silenceIn(NOON + 11) ?? {};
  assert.ok(count >= 60 && count < 65, `${count} minutes`);
  assert.ok(expected <= 10 && score > ALARM, `${expected} minutes expected, score ${score}`);
  assert.ok((silenceIn(NOON + 5)?.score ?? 0) < score);
  assert.equal(silenceIn(NOON + 12), undefined);
});

test('what is over is not told for hours: after its last entry it is told for an hour at most', () => {
  const told = inspectAll(
    daysAfter((device, slot, all) => {
      const entries = all.filter(({ message }) => !message.includes('PSK-MISMATCH'));
      if (device !== ATTIC || slot < NOON || slot >= NOON + 12) return entries;
      const message = `wlan0: AP-STA-POSSIBLE-PSK-MISMATCH ${stationOf(device, slot - NOON)}`;
      return inOrder([...entries, entryOf(device, slot, 60_000, 'hostapd', message)]);
    }),
  );
  const slots = told
    .filter(({ device, reasons: [first] }) => device === ATTIC && first !== undefined && first.score >= ALARM)
    .filter(({ reasons }) => reasons[0]?.signal.includes('psk_mismatch'))
    .map(({ slot }) => slot - NOON);
  assert.ok(
    slots.some((slot) => slot >= 6 && slot < 12),
    `${slots}`,
  );
  assert.ok(Math.max(...slots) < 12 + 12, `${slots}`);
});

test('days like those of training alarm nobody', () => {
  const worst = worstOf(inspectAll(daysAfter(asUsual)));
  assert.ok(scoreOf(worst) < ALARM, shown(worst));
});

test('a lasting change is told, and is usual after two days', () => {
  const told = inspectAll(
    daysAfter((device, slot, entries) =>
      device === ATTIC && slot >= NOON
        ? inOrder([
            ...entries,
            ...Array.from({ length: 8 }, (_, at) =>
              entryOf(device, slot, at * 30_000, 'hostapd', 'wlan0: hello again'),
            ),
          ])
        : entries,
    ),
  );
  const ofAttic = told.filter(({ device }) => device === ATTIC);
  const between = (from: number, to: number) => worstOf(ofAttic.filter(({ slot }) => slot >= from && slot < to));
  const [first, later] = [between(NOON, NOON + 24), between(NOON + 2 * SLOTS_PER_DAY, END)];
  assert.ok(scoreOf(first) > ALARM, shown(first));
  assert.ok(scoreOf(later) < ALARM, shown(later));
  assert.ok(scoreOf(later) < scoreOf(first) / 2, shown(later));
});

test('a device that training never saw is not alarmed by ordinary traffic', () => {
  const stranger = ordinaryDays('garage', TRAINED_DAYS, DAYS_AFTER, 77);
  const told = inspectAll(new Map([...daysAfter(asUsual), ['garage', stranger]]));
  const worst = worstOf(told.filter(({ device }) => device === 'garage'));
  assert.ok(scoreOf(worst) < ALARM, shown(worst));
});

test('the same slots give the same reasons', () => {
  const days = daysAfter((device, slot, entries) =>
    device === ATTIC && slot > NOON && slot < AFTERNOON ? [] : entries,
  );
  const told = inspectAll(days);
  assert.ok(told.some(({ reasons }) => reasons.length > 0));
  assert.deepEqual(inspectAll(days), told);
});

test('reasons are at most five, each signal once, the most surprising first', () => {
  for (const { reasons } of inspectAll(daysAfter(asUsual))) {
    assert.ok(reasons.length <= 5);
    assert.equal(new Set(reasons.map(({ signal }) => signal)).size, reasons.length);
    const scores = reasons.map(({ score }) => score);
    assert.deepEqual(
      scores.toSorted((a, b) => b - a),
      scores,
    );
    assert.ok(scores.every((score) => score > 0));
  }
});

test('reasons of the same score stand in the order of their names, whatever came first', () => {
  const reasonsOf = (messages: readonly string[]) => {
    const detector = new SurpriseDetector(baseline, findKind);
    const entries = messages.map((message) => entryOf(ATTIC, NOON, 0, 'kernel', message));
    return detector.inspect(NOON, ATTIC, entries).map(({ signal }) => signal);
  };
  const reasons = reasonsOf(['first oddity', 'second oddity']);
  assert.ok(reasons.includes('minutes with kernel: first oddity'));
  assert.deepEqual(reasonsOf(['second oddity', 'first oddity']), reasons);
});

/** Kinds and stations that come seldom, and none all the time: what detectors must remember to know. */
function withOddities(days: ReadonlyMap<number, readonly LogEntry[]>, device: string, seed: number) {
  const random = seededRandom(seed);
  return new Map(
    [...days].map(([slot, entries]) => {
      const odd: LogEntry[] = [];
      for (const [at, kind] of ['first', 'second', 'third', 'fourth', 'fifth'].entries()) {
        if (random() > 0.02 / (at + 1)) continue;
        odd.push(entryOf(device, slot, Math.floor(random() * 300_000), 'kernel', `${kind} oddity`));
        const station = stationOf(device, Math.floor(random() * 15));
        odd.push(entryOf(device, slot, Math.floor(random() * 300_000), 'hostapd', `somebody called ${station}`));
      }
      return [slot, inOrder([...entries, ...odd])];
    }),
  );
}

test('a detector that begins days later than another gives the same reasons after four days and three hours', () => {
  const days = 10;
  /** Counts look back two days and an hour, what is expected by them as far again, and hours are whole ones. */
  const sameAfterSlots = (2 * 49 + 1) * 12;
  const first = FIRST_SLOT + TRAINED_DAYS * SLOTS_PER_DAY;
  const entries = DEVICES.map((device, at) => withOddities(ordinaryDays(device, TRAINED_DAYS, days, at), device, at));
  const createDetector = () => new SurpriseDetector(baseline, findKind);
  const early = createDetector();
  const later = [0, 5, 36, 131, 288, 499].map((slots) => ({
    detector: createDetector(),
    from: first + 2 * SLOTS_PER_DAY + slots,
  }));
  let compared = 0;
  for (let slot = first; slot < first + days * SLOTS_PER_DAY; slot += 1) {
    for (const [at, device] of DEVICES.entries()) {
      const ofSlot = entries[at].get(slot) ?? [];
      const reasons = early.inspect(slot, device, ofSlot);
      for (const { detector, from } of later) {
        if (slot < from) continue;
        const others = detector.inspect(slot, device, ofSlot);
        if (slot < from + sameAfterSlots) continue;
        assert.deepEqual(others, reasons, `${device}, ${slot - from} slots after the later one began`);
        compared += reasons.length;
      }
    }
  }
  assert.ok(compared > 1_000, `${compared} reasons`);
});

test('each device is judged by what is usual of it', () => {
  const days = { training: 7, after: 1 };
  const random = seededRandom(9);
  const levels = new Map([
    [ATTIC, 1],
    [CELLAR, 6],
  ]);
  const learner = new BaselineLearner(findKind);
  const firstAfter = FIRST_SLOT + days.training * SLOTS_PER_DAY;
  for (let slot = FIRST_SLOT; slot < firstAfter; slot += 1) {
    for (const [device, level] of levels) learner.add(slot, device, ordinaryEntries(device, slot, random, level));
  }
  const detector = new SurpriseDetector(learner.finish(), findKind);
  const noon = firstAfter + 12 * 12;
  for (let slot = firstAfter; slot <= noon; slot += 1) {
    for (const [device, level] of levels) {
      const entries = ordinaryEntries(device, slot, random, slot === noon ? 6 : level);
      const told = { slot, device, reasons: detector.inspect(slot, device, entries) };
      if (slot < noon) continue;
      if (device === ATTIC) assert.ok(scoreOf(told) > ALARM, shown(told));
      else assert.ok(scoreOf(told) < ALARM / 2, shown(told));
    }
  }
});
