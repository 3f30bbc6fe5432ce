import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseLogCsv } from '../log-csv.ts';
import type { LogEntry } from '../log-entry.ts';
import type { LogQuery, LogSource } from '../log-source.ts';
import { collect } from './collect.ts';

const START_MS = Date.parse('2025-05-01T00:00:00Z');
const MINUTE_MS = 60_000;
const PROGRAMS = ['hostapd', 'hostapd_cli', 'Hostapd', '', "d'Artagnan"];
const MESSAGES = [
  'plain',
  'with, "quotes"',
  'two\nlines',
  'and\r\nthree\n',
  '',
  ' leading',
  'Zürich 無線 🛜',
  "o'clock\\",
];

/** An hour of entries, one every ten seconds; the first two are of one time. */
export const CONTRACT_ENTRIES: readonly LogEntry[] = Array.from({ length: 360 }, (_, i) => ({
  timeMs: START_MS + (i < 2 ? 0 : i * 10_000),
  deviceId: i % 7 === 0 ? '' : String(1 + (i % 3)),
  program: PROGRAMS[i % PROGRAMS.length]!,
  level: i % 5 === 0 ? '' : 'info',
  message: `${MESSAGES[i % MESSAGES.length]}`,
}));

const WHOLE: LogQuery = { span: { fromMs: START_MS, toMs: START_MS + 60 * MINUTE_MS }, programs: 'all' };

/** What every source does that holds {@link CONTRACT_ENTRIES}. */
const PROMISES: Readonly<Record<string, (source: LogSource) => Promise<void>>> = {
  'gives every entry of the span as it is, in order of time and arrival': async (source) => {
    assert.deepEqual(await entriesOf(source, WHOLE), CONTRACT_ENTRIES);
  },

  'gives the entry at the start of a span and not the one at its end': async (source) => {
    const span = { fromMs: START_MS + 20_000, toMs: START_MS + 40_000 };
    const times = (await entriesOf(source, { span, programs: 'all' })).map(({ timeMs }) => timeMs - START_MS);
    assert.deepEqual(times, [20_000, 30_000]);
  },

  'matches programs exactly, whatever characters they have': async (source) => {
    for (const programs of [['hostapd'], ['hostapd_cli', "d'Artagnan"], ['host%', '.*', "' OR true --", 'a\0b'], []]) {
      const expected = CONTRACT_ENTRIES.filter(({ program }) => programs.includes(program));
      assert.deepEqual(await entriesOf(source, { ...WHOLE, programs }), expected, String(programs));
    }
  },

  'gives no chunk for a span without entries, and a header all the same': async (source) => {
    const query: LogQuery = { span: { fromMs: 0, toMs: 1 }, programs: 'all' };
    assert.deepEqual(await collect(source.read(query)), []);
    const csv = Buffer.concat(await collect(source.readCsv(query))).toString();
    assert.equal(csv, 'timestamp,device_id,program,log_level,message\n');
  },

  'counts the entries that it reads, by window and device': async (source) => {
    const windowMs = 5 * MINUTE_MS;
    for (const programs of ['all', ['hostapd']] as const) {
      const query: LogQuery = { span: { fromMs: START_MS + 1, toMs: START_MS + 30 * MINUTE_MS }, programs };
      const expected = new Map<string, number>();
      for (const { timeMs, deviceId } of await entriesOf(source, query)) {
        const key = `${Math.floor(timeMs / windowMs) * windowMs} ${deviceId}`;
        expected.set(key, (expected.get(key) ?? 0) + 1);
      }
      const counted = await source.countEntries(query, windowMs);
      assert.equal(counted.length, expected.size);
      for (const { fromMs, deviceId, entries } of counted) assert.equal(entries, expected.get(`${fromMs} ${deviceId}`));
    }
  },

  'prints as CSV the entries that it reads': async (source) => {
    assert.deepEqual((await collect(parseLogCsv(source.readCsv(WHOLE)))).flat(), CONTRACT_ENTRIES);
  },

  'gives no empty chunks': async (source) => {
    for await (const chunk of source.read(WHOLE)) assert.ok(chunk.length > 0);
  },

  'ends with ABORTED when the signal comes, also before the first entry': async (source) => {
    await assert.rejects(collect(source.read(WHOLE, AbortSignal.abort())), { code: 'ABORTED' });
    const controller = new AbortController();
    const reading = source.readCsv(WHOLE, controller.signal)[Symbol.asyncIterator]();
    await reading.next();
    controller.abort();
    await assert.rejects(
      async () => {
        while ((await reading.next()).done !== true);
      },
      { code: 'ABORTED' },
    );
  },

  'can be left in the middle and read again': async (source) => {
    for await (const _ of source.readCsv(WHOLE)) break;
    assert.equal((await entriesOf(source, WHOLE)).length, CONTRACT_ENTRIES.length);
  },

  'serves several readers at once': async (source) => {
    const all = await Promise.all([1, 2, 3].map(() => entriesOf(source, WHOLE)));
    assert.deepEqual(
      all.map((entries) => entries.length),
      [360, 360, 360],
    );
  },

  'estimates how many entries there are': async (source) => {
    const rows = await source.estimateRows(WHOLE);
    assert.ok(rows > 0 && Number.isFinite(rows), String(rows));
  },

  'describes itself': async (source) => {
    const { description, warnings, newestMs = 0 } = await source.check();
    assert.ok(description.length > 0);
    assert.ok(Array.isArray(warnings));
    const last = CONTRACT_ENTRIES.slice(-101).map(({ timeMs }) => timeMs);
    assert.ok(last.includes(newestMs), String(newestMs));
  },

  'may be closed twice': async (source) => {
    await source.close();
  },
};

async function entriesOf(source: LogSource, query: LogQuery): Promise<LogEntry[]> {
  return (await collect(source.read(query))).flat();
}

/**
 * Tests what every source of log entries does.
 *
 * @param open gives a source that holds {@link CONTRACT_ENTRIES} in that order; it is closed after each test.
 */
export function testLogSource(name: string, open: () => Promise<LogSource>): void {
  describe(`${name} as a source of log entries`, () => {
    for (const [promise, keepsIt] of Object.entries(PROMISES)) {
      it(promise, async () => {
        const source = await open();
        try {
          await keepsIt(source);
        } finally {
          await source.close();
        }
      });
    }
  });
}
