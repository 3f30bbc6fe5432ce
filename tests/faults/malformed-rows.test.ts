/**
 * Rows as no device should write them: the service neither ends nor skips a window, and counts those that make sense. Once
 * in a database of UTF-8, once in one that holds any bytes.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogEntry } from '@edgewood/logs';
import { createLogTable, execute } from '../../packages/logs/src/testing/log-table.ts';
import { startPostgres } from '../../packages/logs/src/testing/postgres-server.ts';
import type { StoredWindow } from '../../packages/service/src/anomalies/anomaly-store.ts';
import { trafficOf, WINDOW_MS } from './access-points.ts';
import { FaultBench, nextWindowMs } from './fault-bench.ts';
import { assertCompleteChanges, assertSameFindings, type Findings, findingsIn } from './findings.ts';
import { insertBatch } from './row-stream.ts';
import { AGENTS, hasAnalysed, untilHealth } from './watched-service.ts';

const SEED = 7;
const WINDOWS = 60;
/** The last windows are ordinary: incidents are over. */
const CALM_FROM = 45;
const DEVICE = '5';
const CROWD = 100_000;
const FLOOD = 20_000;
const LONG_MESSAGE_BYTES = 1_000_000;

/** What is written into the `n`-th window: SQL for rows of the columns below. */
interface Malformed {
  readonly what: string;
  readonly rows: (time: string) => string;
  /** How many entries the wifi agent's window has more, of which device. */
  readonly counted: number;
  readonly deviceId?: string;
}

const COLUMNS = 'device_id, program, log_level, message, "timestamp"';
const one = (device: string, program: string, level: string, message: string) => (time: string) =>
  `SELECT ${device}, ${program}, ${level}, ${message}, ${time}`;

const CONTROL = String.raw`E'wlan0: \x01\x07\x08\x0b\x1b[31m\x7f \r\n "quoted", \\. \t AP-STA-CONNECTED 00:00:5e:00:53:01\n\\.\n'`;

const MALFORMED: readonly Malformed[] = [
  { what: 'no program', rows: one(DEVICE, 'NULL', "'info'", "'x'"), counted: 0 },
  { what: 'no device', rows: one('NULL', "'hostapd'", "'info'", "'x'"), counted: 1, deviceId: '' },
  { what: 'no level', rows: one(DEVICE, "'hostapd'", 'NULL', "'x'"), counted: 1 },
  { what: 'no message', rows: one(DEVICE, "'hostapd'", "'info'", 'NULL'), counted: 1 },
  { what: 'nothing at all', rows: one('NULL', 'NULL', 'NULL', 'NULL'), counted: 0 },
  { what: 'empty texts', rows: one(DEVICE, "''", "''", "''"), counted: 0 },
  {
    what: 'a long message',
    rows: one(DEVICE, "'hostapd'", "'info'", `repeat('AP-STA-CONNECTED ', ${Math.ceil(LONG_MESSAGE_BYTES / 17)})`),
    counted: 1,
  },
  {
    what: 'a long line without a space',
    rows: one(DEVICE, "'hostapd'", "'info'", `repeat(':', ${LONG_MESSAGE_BYTES})`),
    counted: 1,
  },
  { what: 'control characters', rows: one(DEVICE, "'hostapd'", "'info'", CONTROL), counted: 1 },
  {
    what: 'a flood of addresses',
    rows: (time) =>
      `SELECT ${DEVICE}, 'hostapd', 'info', 'wlan0: AP-STA-CONNECTED 02:00:00:' ||
         regexp_replace(lpad(to_hex(n), 6, '0'), '(..)(..)(..)', '\\1:\\2:\\3'), ${time} FROM generate_series(1, ${FLOOD}) n`,
    counted: FLOOD,
  },
  {
    what: 'a crowd of rows',
    rows: (time) =>
      `SELECT ${DEVICE}, 'hostapd', 'info', 'wlan0: AP-STA-DISCONNECTED 00:00:5e:00:53:01', ${time} FROM generate_series(1, ${CROWD})`,
    counted: CROWD,
  },
];

/** Only a database that checks nothing takes these. */
const NO_UTF8: Malformed = {
  what: 'bytes that are no UTF-8',
  rows: one(
    DEVICE,
    "'hostapd'",
    String.raw`E'\xc3\x28'`,
    String.raw`E'wlan0: \xff\xfe\x80 \xed\xa0\x80 AP-STA-CONNECTED'`,
  ),
  counted: 1,
};

const FAR_TIMES = [
  '0001-01-01',
  '0099-12-31',
  '9999-12-31 23:59:59',
  '294276-12-31',
  '4713-01-02 BC',
  'infinity',
  '-infinity',
];

const literal = (timeMs: number) => `'${new Date(timeMs).toISOString()}'::timestamptz`;
const insert = (url: string, rows: string) => execute(url, `INSERT INTO log_entries (${COLUMNS}) ${rows}`);

/** Ordinary traffic, all of it in time. */
async function writeTraffic(url: string, fromMs: number): Promise<void> {
  const entries: LogEntry[] = [];
  for (let n = 0; n < WINDOWS; n += 1) entries.push(...trafficOf(fromMs + n * WINDOW_MS, SEED, n >= CALM_FROM).inTime);
  await insertBatch(url, { firstId: 1_000_000_000, entries });
}

/** One kind in each window, and rows of far times. */
async function writeMalformed(url: string, fromMs: number, all: readonly Malformed[]): Promise<number> {
  for (const [n, { rows }] of all.entries()) {
    await insert(url, rows(literal(fromMs + (n + 1) * WINDOW_MS + WINDOW_MS / 2)));
  }
  await execute(url, 'ALTER TABLE log_entries ALTER "timestamp" DROP NOT NULL');
  const times = [...FAR_TIMES.map((time) => `'${time}'::timestamptz`), literal(Date.now() + 86_400_000), 'NULL'];
  for (const time of times) await insert(url, one(DEVICE, "'hostapd'", "'info'", "'x'")(time));
  const [row] = await execute(url, 'SELECT count(*) AS count FROM log_entries');
  return Number(row?.count);
}

function entriesOf(found: Findings, place: string): number {
  return (found.windows.get(place) as StoredWindow | undefined)?.entries ?? 0;
}

/** Every window is there, has the malformed rows that make sense, and those without any are as they were. */
function assertCounted(found: Findings, before: Findings, fromMs: number, all: readonly Malformed[]): void {
  const touched = new Set<string>();
  for (const [n, { what, counted, deviceId = DEVICE }] of all.entries()) {
    const place = `wifi ${deviceId} ${new Date(fromMs + (n + 1) * WINDOW_MS).toISOString()}`;
    assert.equal(entriesOf(found, place), entriesOf(before, place) + counted, what);
    touched.add(place);
  }
  for (const [place, window] of before.windows) {
    assert.ok(found.windows.has(place), `${place} is gone`);
    if (!touched.has(place)) assert.deepEqual(found.windows.get(place), window);
  }
  const others = [...found.windows.keys()].filter((place) => !before.windows.has(place));
  assert.deepEqual(
    others.filter((place) => !place.startsWith('wifi  ')),
    [],
    'windows of nobody',
  );
}

for (const encoding of ['UTF8', 'SQL_ASCII']) {
  test(`malformed rows in a database of ${encoding} end nothing, and those that make sense are counted`, async (t) => {
    const server = await startPostgres({ encoding });
    t.after(() => server.stop());
    const bench = new FaultBench(await createLogTable(server.url));
    t.after(() => bench.end());
    await bench.addVersions(1);
    const fromMs = nextWindowMs() - WINDOWS * WINDOW_MS;
    const toMs = fromMs + WINDOWS * WINDOW_MS;
    await writeTraffic(server.url, fromMs);
    const before = await bench.undisturbed(fromMs, toMs, 'before');
    const all = encoding === 'UTF8' ? MALFORMED : [...MALFORMED, NO_UTF8];
    const rows = await writeMalformed(server.url, fromMs, all);
    const found = await bench.undisturbed(fromMs, toMs, 'after');
    assertCounted(found, before, fromMs, all);

    const live = bench.service('live');
    await live.beginAt(fromMs);
    const service = live.start();
    await untilHealth(service, hasAnalysed(toMs + 3 * WINDOW_MS));
    await untilHealth(service, ({ status }) => status === 'ok');
    service.signal('SIGTERM');
    assert.equal(await service.ended, 0);
    assert.deepEqual(
      service.log.filter(({ level, msg }) => level === 'error' || /given up|never analysed/.test(msg)),
      [],
    );
    const foundLive = await live.withStore((store) => findingsIn(store, AGENTS, toMs));
    assertSameFindings(foundLive, found, 'live');
    await live.withStore((store) => assertCompleteChanges(store, 'live'));
    console.log(
      `malformed rows, ${encoding}: ${all.length + FAR_TIMES.length + 2} kinds, ${rows} rows, ${found.windows.size} windows, 0 crashes, 0 lost`,
    );
  });
}
