import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Baseline } from './baseline.ts';
import { BaselineLearner } from './learn-baseline.ts';
import { SCALES } from './scales.ts';
import { createKindFinder } from './slot-signals.ts';
import { HOUR_KINDS } from './slot-time.ts';
import { poisson, seededRandom } from './testing/seeded-random.ts';
import { entryOf, FIRST_SLOT, inOrder, SLOTS_PER_DAY } from './testing/small-fleet.ts';

const DAYS = 14;
/** Five hours of the sixth day, a Saturday, and the first of them. */
const INCIDENT = { from: FIRST_SLOT + 5 * SLOTS_PER_DAY + 36, to: FIRST_SLOT + 5 * SLOTS_PER_DAY + 96 };
const FIRST_HOUR = INCIDENT.from / 12;
const HOURS = new Set([0, 1, 2, 3, 4].map((at) => FIRST_HOUR + at));

const isIncident = (slot: number) => slot >= INCIDENT.from && slot < INCIDENT.to;
const isLeftOut = (device: string, slot: number) => device === 'a' && isIncident(slot);

/** Two devices; to one of them something may happen, once. */
function learnerOf(
  incident: Record<string, number>,
  { learner = new BaselineLearner(createKindFinder([])), perSlot = (): number => 5 } = {},
): BaselineLearner {
  for (let slot = FIRST_SLOT; slot < FIRST_SLOT + DAYS * SLOTS_PER_DAY; slot += 1) {
    for (const device of ['a', 'b']) {
      const counts = isLeftOut(device, slot) ? incident : { hello: perSlot() };
      const entries = Object.entries(counts).flatMap(([message, count]) =>
        Array.from({ length: count }, (_, at) => entryOf(device, slot, at * 5_000, 'daemon', message)),
      );
      if (entries.length > 0) learner.add(slot, device, inOrder(entries));
    }
  }
  return learner;
}

function learnerThatLeavesOut(incident: Record<string, number>, perSlot?: () => number): BaselineLearner {
  return learnerOf(incident, {
    learner: new BaselineLearner(createKindFinder([]), isLeftOut),
    ...(perSlot && { perSlot }),
  });
}

function entriesPerSlot({ signals, devices }: Baseline, device: string): Float64Array {
  const at = signals.findIndex(({ name }) => name === 'entries');
  const means = devices.get(device)?.means ?? new Float64Array();
  return means.slice(at * HOUR_KINDS, (at + 1) * HOUR_KINDS).map((mean) => mean * 5);
}

/** But for those of single minutes: entries come in the first. */
function dispersionsOfEntries({ signals, devices }: Baseline, device: string): Float64Array {
  const at = signals.findIndex(({ name }) => name === 'entries');
  return devices.get(device)?.dispersions.slice(at * SCALES.length + 1, (at + 1) * SCALES.length) ?? new Float64Array();
}

describe('time that is left out', () => {
  test('leaves no trace, whatever happened in it', () => {
    const [quiet, loud] = [learnerThatLeavesOut({}), learnerThatLeavesOut({ hello: 50, 'never heard of': 9 })];
    assert.deepEqual(loud.finish(), quiet.finish());
  });

  test('counts as not looked at, so that rates are those of the rest, while silence would lower them', () => {
    const isFive = (perSlot: number) => Math.abs(perSlot - 5) < 1e-3;
    assert.ok(entriesPerSlot(learnerThatLeavesOut({ hello: 50 }).finish(), 'a').every(isFive));
    assert.ok(!entriesPerSlot(learnerOf({}).finish(), 'a').every(isFive));
  });

  test('is no silence', () => {
    const longest = (learner: BaselineLearner) =>
      Math.max(...(learner.finish().devices.get('a')?.longestSilences ?? []));
    assert.ok(longest(learnerThatLeavesOut({})) <= 10, `${longest(learnerThatLeavesOut({}))}`);
    assert.ok(longest(learnerOf({})) >= 300);
  });

  test('is not learnt to vary, and what comes behind it neither', () => {
    const random = seededRandom(3);
    const evenly = () => poisson(random, 5);
    const most = (learner: BaselineLearner) => Math.max(...dispersionsOfEntries(learner.finish(), 'a'));
    assert.ok(most(learnerThatLeavesOut({ hello: 50 }, evenly)) < 0.1);
    assert.ok(most(learnerOf({ hello: 50 }, { perSlot: evenly })) > 0.3);
  });

  test('is no time of a device that was watched', () => {
    const days = learnerOf({ hello: 5 }).finish().deviceDays;
    assert.ok(Math.abs(days - learnerThatLeavesOut({}).finish().deviceDays - 5 / 24) < 1e-9);
  });

  test('may be everything of a device', () => {
    const learner = new BaselineLearner(createKindFinder([]), () => false);
    const all = new Set(Array.from({ length: 24 * DAYS }, (_, hour) => FIRST_SLOT / 12 + hour));
    const { baseline } = learnerOf({ hello: 5 }, { learner }).learn(new Map([['a', all]]));
    assert.ok(
      entriesPerSlot(baseline, 'a').every((perSlot) => Math.abs(perSlot - 5) < 0.1),
      'as the others are',
    );
  });
});

describe('hours that are left out after a first look', () => {
  test('are as if they had been left out from the beginning', () => {
    const learner = learnerOf({ hello: 50 });
    learner.finish();
    assert.deepEqual(learner.learn(new Map([['a', HOURS]])).baseline, learnerThatLeavesOut({ hello: 50 }).finish());
  });

  test('take with them the kinds of messages that only they had', () => {
    const learner = learnerOf({ hello: 5, 'never heard of': 9 });
    assert.ok(learner.finish().devices.get('a')?.kinds.has('daemon: never heard of'));
    const { baseline } = learner.learn(new Map([['a', HOURS]]));
    assert.deepEqual([...(baseline.devices.get('a')?.kinds ?? [])], ['daemon: hello']);
    assert.deepEqual([...baseline.kindHours.keys()], ['daemon: hello']);
  });

  test('change nothing for good: learning again without them left out gives what it gave', () => {
    const learner = learnerOf({ hello: 50 });
    const before = learner.finish();
    learner.learn(new Map([['a', HOURS]]));
    assert.deepEqual(learner.finish(), before);
  });
});

test('an hour of training that is unlike all others surprises most, and why is told', () => {
  const random = seededRandom(4);
  const { surprisingHours } = learnerOf({ hello: 60 }, { perSlot: () => poisson(random, 5) }).learn();
  const [first, ...others] = surprisingHours;
  assert.equal(first?.deviceId, 'a');
  assert.ok(HOURS.has(first.hour), `${first.hour - FIRST_HOUR}`);
  assert.match(first.signal, /^entries/);
  assert.ok(first.score > 1.5 && others.every(({ score }) => score <= first.score), `${first.score}`);
});
