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

/**
 * What every source of log entries does.
 *
 * @param open gives a source that holds {@link CONTRACT_ENTRIES} in that order, and belongs to the test.
 */
export function testLogSource(name: string, open: () => Promise<LogSource>): void {
  const whole: LogQuery = { span: { fromMs: START_MS, toMs: START_MS + 60 * MINUTE_MS }, programs: 'all' };
  const using = (use: (source: LogSource) => Promise<void>) => async () => {
    const source = await open();
    try {
      await use(source);
    } finally {
      await source.close();
    }
  };
  const entriesOf = async (source: LogSource, query: LogQuery) => (await collect(source.read(query))).flat();

  describe(`${name} as a source of log entries`, () => {
    it(
      'gives every entry of the span as it is, in order of time and arrival',
      using(async (source) => {
        assert.deepEqual(await entriesOf(source, whole), CONTRACT_ENTRIES);
      }),
    );

    it(
      'gives the entry at the start of a span and not the one at its end',
      using(async (source) => {
        const span = { fromMs: START_MS + 20_000, toMs: START_MS + 40_000 };
        const times = (await entriesOf(source, { span, programs: 'all' })).map(({ timeMs }) => timeMs - START_MS);
        assert.deepEqual(times, [20_000, 30_000]);
      }),
    );

    it(
      'matches programs exactly, whatever characters they have',
      using(async (source) => {
        for (const programs of [
          ['hostapd'],
          ['hostapd_cli', "d'Artagnan"],
          ['host%', '.*', "' OR true --", 'a\0b'],
          [],
        ]) {
          const expected = CONTRACT_ENTRIES.filter(({ program }) => programs.includes(program));
          assert.deepEqual(await entriesOf(source, { ...whole, programs }), expected, String(programs));
        }
      }),
    );

    it(
      'gives no chunk for a span without entries, and a header all the same',
      using(async (source) => {
        const query: LogQuery = { span: { fromMs: 0, toMs: 1 }, programs: 'all' };
        assert.deepEqual(await collect(source.read(query)), []);
        const csv = Buffer.concat(await collect(source.readCsv(query))).toString();
        assert.equal(csv, 'timestamp,device_id,program,log_level,message\n');
      }),
    );

    it(
      'prints as CSV the entries that it reads',
      using(async (source) => {
        assert.deepEqual((await collect(parseLogCsv(source.readCsv(whole)))).flat(), CONTRACT_ENTRIES);
      }),
    );

    it(
      'gives no empty chunks',
      using(async (source) => {
        for await (const chunk of source.read(whole)) assert.ok(chunk.length > 0);
      }),
    );

    it(
      'ends with ABORTED when the signal comes, also before the first entry',
      using(async (source) => {
        await assert.rejects(collect(source.read(whole, AbortSignal.abort())), { code: 'ABORTED' });
        const controller = new AbortController();
        const reading = source.readCsv(whole, controller.signal)[Symbol.asyncIterator]();
        await reading.next();
        controller.abort();
        await assert.rejects(
          async () => {
            while ((await reading.next()).done !== true);
          },
          { code: 'ABORTED' },
        );
      }),
    );

    it(
      'can be left in the middle and read again',
      using(async (source) => {
        for await (const _ of source.readCsv(whole)) break;
        assert.equal((await entriesOf(source, whole)).length, CONTRACT_ENTRIES.length);
      }),
    );

    it(
      'serves several readers at once',
      using(async (source) => {
        const all = await Promise.all([1, 2, 3].map(() => entriesOf(source, whole)));
        assert.deepEqual(
          all.map((entries) => entries.length),
          [360, 360, 360],
        );
      }),
    );

    it(
      'estimates how many entries there are',
      using(async (source) => {
        const rows = await source.estimateRows(whole);
        assert.ok(rows > 0 && Number.isFinite(rows), String(rows));
      }),
    );

    it(
      'describes itself',
      using(async (source) => {
        const { description, warnings } = await source.check();
        assert.ok(description.length > 0);
        assert.ok(Array.isArray(warnings));
      }),
    );

    it(
      'may be closed twice',
      using(async (source) => {
        await source.close();
      }),
    );
  });
}
