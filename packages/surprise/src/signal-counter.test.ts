import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { LogEntry } from '@edgewood/logs';
import { type KnownKinds, MOST_NEW_KINDS, SignalCounter } from './signal-counter.ts';
import { MOST_SIGNALS, SignalNames } from './signal-names.ts';
import type { SlotCounts } from './slot-counts.ts';
import { createKindFinder } from './slot-signals.ts';
import { SLOT_MS, slotOf } from './slot-time.ts';
import { seededRandom } from './testing/seeded-random.ts';

const START_MS = Date.UTC(2025, 4, 5);
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const [ONE, TWO] = ['00:00:5e:00:53:01', '00:00:5e:00:53:02'];

/** In production, as if training had had nothing. */
const NOTHING_KNOWN: KnownKinds = { onDevice: () => false, hours: () => 0 };

/** Counts what comes, and tells counts by the signals' names. */
function createCounter({ known = NOTHING_KNOWN, most = MOST_SIGNALS }: { known?: KnownKinds; most?: number } = {}) {
  const names = new SignalNames(undefined, most);
  const counter = new SignalCounter(names, createKindFinder([]), known);
  const named = ({ signals, counts }: SlotCounts) =>
    new Map([...signals].map((signal, at) => [names.all[signal].name, counts[at]]));
  return {
    names,
    /** @param messages of one moment of a device. */
    at: (timeMs: number, device: string, ...messages: string[]) =>
      named(
        counter.count(
          slotOf(timeMs),
          device,
          messages.map((message) => entryOf(timeMs, device, message)),
        ),
      ),
    slot: counter.count.bind(counter),
    named,
  };
}

const entryOf = (timeMs: number, deviceId: string, message: string, level = 'info'): LogEntry => {
  return { timeMs, deviceId, program: 'daemon', level, message };
};

describe('of the entries of a slot', () => {
  test('all are counted, and the minutes that had them, by kind and by severity', () => {
    const counter = createCounter();
    const entries = [
      entryOf(START_MS, 'a', 'link up'),
      entryOf(START_MS + 1_000, 'a', 'link up'),
      entryOf(START_MS + MINUTE_MS, 'a', 'link up', 'warning'),
      entryOf(START_MS + 2 * MINUTE_MS, 'a', 'link down', 'err'),
      entryOf(START_MS + 2 * MINUTE_MS + 1, 'a', 'link down', 'crit'),
      entryOf(START_MS + SLOT_MS - 1, 'a', 'link down', 'error'),
    ];
    const counts = counter.slot(slotOf(START_MS), 'a', entries);
    const named = counter.named(counts);
    for (const [signal, count] of [
      ['entries', 6],
      ['entries of daemon', 6],
      ['minutes with daemon: link up', 2],
      ['minutes with daemon: link down', 2],
      ['warnings', 1],
      ['minutes with warnings', 1],
      ['errors', 3],
      ['minutes with errors', 2],
      ['critical entries', 1],
      ['minutes with critical entries', 1],
    ] as const) {
      assert.equal(named.get(signal), count, signal);
    }
    const peakOf = (signal: string) => counts.peaks[counts.signals.indexOf(counter.names.numberOf(signal, true))];
    assert.equal(peakOf('entries'), 2);
    assert.equal(peakOf('minutes with daemon: link down'), 1);
    assert.ok(counts.signals.every((signal, at) => counts.counts[at] > 0 && counts.signals.indexOf(signal) === at));
  });

  test('there may be none', () => {
    assert.deepEqual(createCounter().at(START_MS, 'a'), new Map());
  });

  test('the program may have no name', () => {
    const counter = createCounter();
    const entry = { ...entryOf(START_MS, 'a', 'hello'), program: '' };
    assert.equal(counter.named(counter.slot(slotOf(START_MS), 'a', [entry])).get('entries of no program'), 1);
  });

  test('those of signals beyond the most are counted as entries all the same', () => {
    const counter = createCounter({ most: 15 });
    for (let at = 0; at < 100; at += 1) {
      const counts = counter.at(START_MS + at * SLOT_MS, 'a', `kind ${'x'.repeat(at)} of message`);
      assert.equal(counts.get('entries'), 1);
    }
    assert.equal(counter.names.all.length, 15);
  });
});

describe('a kind of message that is new', () => {
  const HERE = 'entries of kinds new to the device';
  const ANYWHERE = 'entries of kinds new to all devices';

  test('is news for an hour and then no more', () => {
    const counter = createCounter();
    for (const [minutes, isNews] of [
      [0, true],
      [5, true],
      [59, true],
      [60, false],
      [65, false],
      [1_440, false],
      [2_880, false],
    ] as const) {
      const counts = counter.at(START_MS + minutes * MINUTE_MS, 'a', 'something new');
      assert.equal(counts.has(HERE), isNews, `after ${minutes} minutes`);
      assert.equal(counts.has(ANYWHERE), isNews, `after ${minutes} minutes`);
    }
  });

  test('is news of each device, and of all devices once', () => {
    const counter = createCounter();
    assert.ok(counter.at(START_MS, 'a', 'something new').has(ANYWHERE));
    const later = counter.at(START_MS + 2 * HOUR_MS, 'b', 'something new');
    assert.ok(later.has(HERE));
    assert.ok(!later.has(ANYWHERE));
  });

  test('is news again when it was away for more than two days', () => {
    const counter = createCounter();
    counter.at(START_MS, 'a', 'something new');
    assert.ok(!counter.at(START_MS + 48 * HOUR_MS, 'a', 'something new').has(HERE));
    assert.ok(counter.at(START_MS + 97 * HOUR_MS, 'a', 'something new').has(HERE));
  });

  test('is no news where training had it', () => {
    const known: KnownKinds = { onDevice: (device) => device === 'a', hours: () => 30 };
    const counter = createCounter({ known });
    assert.ok(!counter.at(START_MS, 'a', 'something old').has(HERE));
    const elsewhere = counter.at(START_MS, 'b', 'something old');
    assert.ok(elsewhere.has(HERE));
    assert.ok(!elsewhere.has(ANYWHERE));
  });
});

describe('a kind of message that is rare', () => {
  const RARE = 'rare kinds of entries';
  const rareHours = (known: KnownKinds, gapMs = HOUR_MS) => {
    const counter = createCounter({ known });
    const rare = (at: number) => counter.at(START_MS + at * gapMs, 'a', 'seldom').has(RARE);
    return Array.from({ length: 10 }, (_, at) => rare(at)).filter((isRare) => isRare).length;
  };

  test('is one that came in no more than five hours', () => {
    assert.equal(rareHours(NOTHING_KNOWN), 5);
    assert.equal(rareHours({ onDevice: () => true, hours: () => 3 }), 2);
    assert.equal(rareHours({ onDevice: () => true, hours: () => 5 }), 0);
  });

  test('stays rare if it never comes oftener within two days', () => {
    assert.equal(rareHours(NOTHING_KNOWN, 13 * HOUR_MS), 10);
  });

  test('counts once however often it comes within minutes', () => {
    const counter = createCounter();
    assert.equal(counter.at(START_MS, 'a', 'seldom', 'seldom', 'seldom').get(RARE), 1);
    assert.ok(!counter.at(START_MS + 5 * MINUTE_MS, 'a', 'seldom').has(RARE));
    assert.ok(counter.at(START_MS + 5 * MINUTE_MS, 'b', 'seldom').has(RARE), 'of each device');
    assert.ok(counter.at(START_MS + 30 * MINUTE_MS, 'a', 'seldom').has(RARE));
  });
});

describe('a station', () => {
  const JOINS = 'daemon: * joins';
  const joins = (station: string) => `${station} joins`;

  test('counts again when it was not there for more than ten minutes', () => {
    const counter = createCounter();
    for (const [minutes, count] of [
      [0, 1],
      [5, undefined],
      [15, undefined],
      [26, 1],
      [37, 1],
    ] as const) {
      const counts = counter.at(START_MS + minutes * MINUTE_MS, 'a', joins(ONE), joins(ONE));
      assert.equal(counts.get('stations'), count, `after ${minutes} minutes`);
      assert.equal(counts.get(`stations with ${JOINS}`), count, `after ${minutes} minutes`);
    }
  });

  test('counts once for each station and each device', () => {
    const counter = createCounter();
    assert.equal(counter.at(START_MS, 'a', joins(ONE), joins(TWO), joins(ONE)).get('stations'), 2);
    assert.equal(counter.at(START_MS, 'b', joins(ONE)).get('stations'), 1);
  });

  test('does something for the first time when it did not for more than six hours, wherever', () => {
    const counter = createCounter();
    const first = `stations for the first time with ${JOINS}`;
    for (const [hours, device, message, isFirst] of [
      [0, 'a', joins(ONE), true],
      [1, 'b', joins(ONE), false],
      [2, 'a', `${ONE} leaves`, false],
      [6, 'a', joins(ONE), false],
      [13, 'b', joins(ONE), true],
    ] as const) {
      const counts = counter.at(START_MS + hours * HOUR_MS, device, message);
      assert.equal(counts.has(first), isFirst, `after ${hours} hours`);
    }
  });

  test('is new when nobody saw it for more than two days', () => {
    const counter = createCounter();
    const isNew = 'stations not seen for two days';
    for (const [hours, device, expected] of [
      [0, 'a', true],
      [47, 'b', false],
      [95, 'a', false],
      [144, 'a', true],
    ] as const) {
      assert.equal(
        counter.at(START_MS + hours * HOUR_MS, device, joins(ONE)).has(isNew),
        expected,
        `after ${hours} hours`,
      );
    }
  });
});

test('what is forgotten for its age changes no count', () => {
  const random = seededRandom(3);
  const counter = createCounter();
  const stationLast = new Map<string, number>();
  const kindLast = new Map<string, { since: number; last: number }>();
  let slot = slotOf(START_MS);
  for (let step = 0; step < 4_000; step += 1) {
    slot += random() < 0.02 ? 100 : 1;
    const minute = slot * 5;
    const station = `00:00:5e:00:53:${String(10 + Math.floor(random() ** 3 * 80))}`;
    const message = `${station} ${'abcdefghijklmnopqrstuvwxyz'[Math.floor(random() ** 4 * 26)]}`;
    const counts = counter.at(slot * SLOT_MS, 'a', message);
    const away = minute - (stationLast.get(station) ?? Number.NEGATIVE_INFINITY);
    assert.equal(counts.has('stations not seen for two days'), away > 2_880, `${station} after ${away} minutes`);
    assert.equal(counts.has('stations'), away > 10, `${station} after ${away} minutes`);
    stationLast.set(station, minute);
    const kind = message.slice(-1);
    const before = kindLast.get(kind);
    const since = before === undefined || minute - before.last > 2_880 ? minute : before.since;
    kindLast.set(kind, { since, last: minute });
    assert.equal(
      counts.has('entries of kinds new to the device'),
      minute - since < 60,
      `${kind} since ${minute - since}`,
    );
  }
});

describe('a place of a signal', () => {
  const newKind = (at: number) => `kind ${'x'.repeat(at + 1)} of message`;
  const first = new SignalNames().all.length;

  test('is given to another when its kind has been away until no history has its counts', () => {
    const counter = createCounter({ most: first + 4 });
    counter.at(START_MS, 'a', newKind(0));
    counter.at(START_MS + 48 * HOUR_MS, 'a', newKind(1));
    assert.ok(!counter.at(START_MS + 56 * HOUR_MS, 'a', newKind(1)).has(`minutes with daemon: ${newKind(1)}`));
    const later = counter.at(START_MS + 66 * HOUR_MS, 'a', newKind(1));
    assert.equal(later.get(`minutes with daemon: ${newKind(1)}`), 1);
    assert.equal(counter.names.all.length, first + 4);
  });

  test('stays with its kind as long as that comes once in two days', () => {
    const counter = createCounter({ most: first + 4 });
    for (let hours = 0; hours < 24 * 14; hours += 48) {
      const counts = counter.at(START_MS + hours * HOUR_MS, 'a', newKind(0), newKind(1));
      assert.equal(counts.get(`minutes with daemon: ${newKind(0)}`), 1, `after ${hours} hours`);
      assert.ok(!counts.has(`minutes with daemon: ${newKind(1)}`), `after ${hours} hours`);
    }
  });
});

test('kinds beyond 20,000 are counted as one, which ends when the flood has been over for days', () => {
  const counter = createCounter();
  const flood = Array.from({ length: MOST_NEW_KINDS + 1_000 }, (_, at) => {
    return { ...entryOf(START_MS, 'a', 'hello'), program: `program-${at}` };
  });
  const told = new Set<string>();
  counter.slot(slotOf(START_MS), 'a', flood, (kind) => told.add(kind));
  assert.equal(told.size, MOST_NEW_KINDS + 1);
  assert.ok(told.has('other kinds of messages'));
  const kindOf = (timeMs: number) => {
    const kinds: string[] = [];
    counter.slot(slotOf(timeMs), 'a', [entryOf(timeMs, 'a', 'a new one')], (kind) => kinds.push(kind));
    return kinds;
  };
  assert.deepEqual(kindOf(START_MS + HOUR_MS), ['other kinds of messages']);
  assert.deepEqual(kindOf(START_MS + 72 * HOUR_MS), ['daemon: a new one']);
});

test('kinds that training had have their place in every flood', () => {
  const counter = createCounter({ known: { onDevice: () => true, hours: (kind) => (kind.includes('old') ? 9 : 0) } });
  const flood = Array.from({ length: MOST_NEW_KINDS + 1 }, (_, at) => {
    return { ...entryOf(START_MS, 'a', 'hello'), program: `program-${at}` };
  });
  counter.slot(slotOf(START_MS), 'a', flood);
  const kinds: string[] = [];
  counter.slot(slotOf(START_MS) + 1, 'a', [entryOf(START_MS + SLOT_MS, 'a', 'an old one')], (kind) => kinds.push(kind));
  assert.deepEqual(kinds, ['daemon: an old one']);
});
