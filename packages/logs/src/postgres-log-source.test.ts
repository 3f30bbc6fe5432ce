import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import type { LogTableSettings } from './column-mapping.ts';
import type { LogQuery } from './log-source.ts';
import { postgresConnection } from './postgres-connection.ts';
import { PostgresLogSource } from './postgres-log-source.ts';
import { collect } from './testing/collect.ts';
import { CONTRACT_ENTRIES, testLogSource } from './testing/log-source-contract.ts';
import { createLogTable, execute, loadLogTable } from './testing/log-table.ts';
import { csvRow } from './testing/memory-log-source.ts';
import { type PostgresServer, startPostgres } from './testing/postgres-server.ts';
import { parseTimeSpan } from './time-text.ts';

const MAY: LogQuery = { span: parseTimeSpan('2025-05-01', '2025-06-01'), programs: 'all' };

let server: PostgresServer;
let readerUrl = '';

before(async () => {
  server = await startPostgres();
  readerUrl = await createLogTable(server.url);
  await loadLogTable(server.url, contractCsv());
});
after(() => server.stop());

async function* contractCsv() {
  yield 'timestamp,device_id,program,log_level,message\n';
  yield* CONTRACT_ENTRIES.map(csvRow);
}

function open(table: LogTableSettings = {}, url = readerUrl): PostgresLogSource {
  return new PostgresLogSource({ connection: postgresConnection(url, {}), table });
}

async function messagesOf(source: PostgresLogSource, query: LogQuery = MAY): Promise<string[]> {
  return (await collect(source.read(query))).flat().map(({ message }) => message);
}

testLogSource('PostgreSQL', async () => open());

describe('entries of a PostgreSQL', () => {
  let table = '';
  let tables = 0;
  beforeEach(() => {
    table = `logs_${++tables}`;
  });

  const create = (columns: string, rows: string) =>
    execute(
      server.url,
      `CREATE TABLE ${table} (${columns}); INSERT INTO ${table} VALUES ${rows}; GRANT SELECT ON ${table} TO log_reader`,
    );
  const STANDARD = 'id int, "timestamp" timestamptz, device_id int, program text, log_level text, message text';

  it('keep their microseconds in the CSV, in UTC, whatever zone and date style the role has', async () => {
    await create(STANDARD, `(1, '2025-05-01 02:00:05.123456+02', 1, 'a', 'info', 'x')`);
    await execute(
      server.url,
      `ALTER ROLE log_reader SET TimeZone = 'Asia/Tokyo'; ALTER ROLE log_reader SET DateStyle = 'German'`,
    );
    const csv = Buffer.concat(await collect(open({ table }).readCsv(MAY))).toString();
    await execute(server.url, 'ALTER ROLE log_reader RESET ALL');
    assert.equal(csv, 'timestamp,device_id,program,log_level,message\n2025-05-01 00:00:05.123456+00:00,1,a,info,x\n');
  });

  it('without a time are in no span, and NULL elsewhere is an empty text', async () => {
    await create(
      STANDARD,
      `(1, NULL, 1, 'a', 'info', 'x'), (2, '2025-05-01Z', NULL, NULL, NULL, NULL), (3, 'infinity', 1, 'a', 'info', 'y')`,
    );
    const span = { fromMs: Number.MIN_SAFE_INTEGER, toMs: Number.MAX_SAFE_INTEGER };
    const entries = (await collect(open({ table }).read({ span, programs: 'all' }))).flat();
    assert.deepEqual(entries, [{ timeMs: MAY.span.fromMs, deviceId: '', program: '', level: '', message: '' }]);
  });

  it('of the same time come in order of the id', async () => {
    await create(
      STANDARD,
      `(3, '2025-05-01Z', 1, 'a', '', 'third'), (1, '2025-05-01Z', 1, 'a', '', 'first'), (2, '2025-05-01Z', 1, 'a', '', 'second')`,
    );
    assert.deepEqual(await messagesOf(open({ table })), ['first', 'second', 'third']);
  });

  it('may be in a table of another schema with names that need quotes', async () => {
    await execute(server.url, `CREATE SCHEMA "Net"; GRANT USAGE ON SCHEMA "Net" TO log_reader`);
    table = '"Net"."the ""log"""';
    await create(
      `"Zeit" timestamptz, host text, process_name varchar(20), severity int, "mes'sage" text`,
      `('2025-05-01Z', 'ap1', 'hostapd', 6, 'x')`,
    );
    const settings = { table: 'Net.the "log"', columns: { timestamp: 'Zeit', device_id: 'host', message: "mes'sage" } };
    const source = open(settings);
    const entries = (await collect(source.read({ ...MAY, programs: ['hostapd'] }))).flat();
    assert.deepEqual(entries, [
      { timeMs: MAY.span.fromMs, deviceId: 'ap1', program: 'hostapd', level: '6', message: 'x' },
    ]);
    assert.match(
      (await source.check()).description,
      /table Net\.the "log", timestamp from Zeit, .*program from process_name/,
    );
  });

  it('may be in a view, and in a program column that is no text', async () => {
    await execute(server.url, `CREATE TYPE daemon AS ENUM ('hostapd', 'crond')`);
    await create(
      STANDARD.replace('program text', 'program daemon'),
      `(1, '2025-05-01Z', 1, 'hostapd', '', 'x'), (2, '2025-05-01Z', 1, 'crond', '', 'y')`,
    );
    await execute(
      server.url,
      `CREATE VIEW ${table}_view AS SELECT * FROM ${table}; GRANT SELECT ON ${table}_view TO log_reader`,
    );
    const source = open({ table: `${table}_view` });
    assert.deepEqual(await messagesOf(source, { ...MAY, programs: ['hostapd', 'sshd'] }), ['x']);
  });

  it('with times of no zone are taken in the zone of the settings', async () => {
    const rows = [
      '2025-10-26 01:59:59',
      '2025-10-26 02:30',
      '2025-10-26 03:00',
      '2025-03-30 02:30',
      '2025-03-30 03:00',
      '2025-07-01 00:00',
    ];
    await create(
      STANDARD.replace('timestamptz', 'timestamp'),
      rows.map((time, i) => `(${i}, '${time}', 1, 'a', '', '${time}')`).join(),
    );
    const year = { span: parseTimeSpan('2025-01-01', '2026-01-01', 'Europe/Berlin'), programs: 'all' } as const;
    const timeZone = 'Europe/Berlin';
    const entries = (await collect(open({ table, timeZone }).read(year))).flat();
    // The table's text, read in that zone by us, is the same instant, also where clocks change …
    for (const { timeMs, message } of entries)
      assert.equal(timeMs, parseTimeSpan(message, '2027-01-01', timeZone).fromMs, message);
    assert.deepEqual(
      entries.map(({ timeMs }) => timeMs),
      entries.map(({ timeMs }) => timeMs).sort((a, b) => a - b),
    );
    // … and spans are cut at instants.
    const july = { span: parseTimeSpan('2025-06-30T22:00Z', '2025-06-30T22:01Z'), programs: 'all' } as const;
    assert.deepEqual(await messagesOf(open({ table, timeZone }), july), ['2025-07-01 00:00']);
    assert.deepEqual(await messagesOf(open({ table }), july), []);
  });

  it('are read while the table grows, with memory that does not', async () => {
    await create(STANDARD, `(0, '2025-05-01Z', 1, 'a', '', 'x')`);
    await execute(
      server.url,
      `INSERT INTO ${table} SELECT i, timestamptz '2025-05-01Z' + i * interval '1 second', i % 5, 'hostapd', 'info', repeat('m', 100) FROM generate_series(1, 300000) i`,
    );
    let [rows, largestChunk, largestHeapBytes] = [0, 0, 0];
    for await (const chunk of open({ table }).read(MAY)) {
      rows += chunk.length;
      largestChunk = Math.max(largestChunk, chunk.length);
      largestHeapBytes = Math.max(largestHeapBytes, process.memoryUsage().heapUsed);
    }
    assert.equal(rows, 300_001);
    assert.ok(largestChunk < 5_000, `a chunk of ${largestChunk} entries`);
    assert.ok(
      largestHeapBytes < 150e6,
      `${largestHeapBytes} bytes of heap; all entries would take more than 80 MB alone`,
    );
  });
});

describe('a source in PostgreSQL that is looked at before it is read', () => {
  it('has nothing to warn of: a reading role, an index, times with a zone', async () => {
    assert.deepEqual((await open().check()).warnings, []);
  });

  it('warns of a role that may write', async () => {
    const { warnings } = await open({}, server.url).check();
    assert.match(warnings.join(), /^role postgres may write to log_entries/);
  });

  it('warns of a missing index, an assumed zone and a missing id', async () => {
    await execute(
      server.url,
      `CREATE TABLE bare ("timestamp" timestamp, device_id int, program text, log_level text, message text); CREATE INDEX ON bare (device_id, "timestamp"); GRANT SELECT ON bare TO log_reader`,
    );
    const { warnings } = await open({ table: 'bare' }).check();
    assert.equal(warnings.length, 3);
    assert.match(warnings.join('\n'), /no index of bare begins with timestamp.*taken to be in UTC.*no column id/s);
    const named = await open({ table: 'bare', timeZone: 'Europe/Berlin' }).check();
    assert.equal(named.warnings.length, 2);
    assert.match(named.description, /times are of Europe\/Berlin/);
    await execute(server.url, 'CREATE INDEX ON bare (program, "timestamp")');
    assert.equal((await open({ table: 'bare', timeZone: 'UTC' }).check()).warnings.length, 1);
  });

  for (const id of ['id bigint', 'number bigint']) {
    it(`knows the time of its newest entries, whatever a few rows say, of a table with the column ${id}`, async () => {
      const table = `newest_${id.slice(0, 2)}`;
      await execute(
        server.url,
        `CREATE TABLE ${table} (${id}, "timestamp" timestamptz, device_id int, program text, log_level text, message text);
         GRANT SELECT ON ${table} TO log_reader`,
      );
      assert.equal((await open({ table }).check()).newestMs, undefined);
      await execute(
        server.url,
        `INSERT INTO ${table} SELECT i, timestamptz '2025-05-01Z' + i * interval '1 second' FROM generate_series(0, 999) i;
         INSERT INTO ${table} SELECT 2000 + i, timestamptz '2035-05-01Z' FROM generate_series(1, 20) i;
         INSERT INTO ${table} VALUES (3000, 'infinity'), (3001, NULL)`,
      );
      const newestMs = (await open({ table }).check()).newestMs ?? Number.NaN;
      const lastMs = Date.parse('2025-05-01T00:16:39Z');
      assert.ok(newestMs <= lastMs && newestMs > lastMs - 100_000, new Date(newestMs).toISOString());
    });
  }
});

describe('a source in PostgreSQL that cannot be read', () => {
  const refuses = async (source: PostgresLogSource, code: string, message: RegExp) => {
    await assert.rejects(source.check(), { code, message });
    await assert.rejects(collect(source.read(MAY)), { code, message });
    await assert.rejects(source.estimateRows(MAY), { code, message });
  };
  const withUrl = (change: (url: URL) => void) => {
    const url = new URL(readerUrl);
    change(url);
    return open({}, url.href);
  };

  it('is SOURCE_UNREACHABLE where nobody listens', () =>
    refuses(
      withUrl((url) => {
        url.port = '1';
      }),
      'SOURCE_UNREACHABLE',
      /postgresql:\/\/log_reader@127\.0\.0\.1:1\/postgres.* cannot be reached: .*ECONNREFUSED/,
    ));

  it('is SOURCE_REFUSED to a role that is not there, or may not read', async () => {
    await refuses(
      withUrl((url) => {
        url.username = 'nobody';
      }),
      'SOURCE_REFUSED',
      /role "nobody" does not exist/,
    );
    await execute(server.url, 'CREATE ROLE stranger LOGIN');
    await refuses(
      withUrl((url) => {
        url.username = 'stranger';
      }),
      'SOURCE_REFUSED',
      /permission denied for table log_entries/,
    );
  });

  it('is SOURCE_MISMATCH without its database, its table or its columns', async () => {
    await refuses(
      withUrl((url) => {
        url.pathname = '/none';
      }),
      'SOURCE_MISMATCH',
      /database "none" does not exist/,
    );
    await refuses(open({ table: 'none' }), 'SOURCE_MISMATCH', /no table none/);
    await execute(
      server.url,
      `CREATE TABLE other ("timestamp" text, message text, device_id int, log_level int); GRANT SELECT ON other TO log_reader`,
    );
    await refuses(
      open({ table: 'other' }),
      'SOURCE_MISMATCH',
      /other has no column program or process_name; it has timestamp, message/,
    );
    await refuses(
      open({ table: 'other', columns: { program: 'message' } }),
      'SOURCE_MISMATCH',
      /time column timestamp of other is of type text/,
    );
  });

  it('is BAD_MAPPING where the settings name what cannot be', async () => {
    await refuses(
      open({ columns: { message: 'text' } }),
      'BAD_MAPPING',
      /message is set to text, but log_entries has only id, device_id/,
    );
    await refuses(open({ table: 'a.b.c' }), 'BAD_MAPPING', /'a\.b\.c'/);
    await refuses(open({ timeZone: 'Mars' }), 'BAD_MAPPING', /'Mars' is no time zone/);
  });

  it('can be read again once the fault is gone', async () => {
    const source = open({ table: 'late' });
    await assert.rejects(source.check(), { code: 'SOURCE_MISMATCH' });
    await execute(server.url, `CREATE VIEW late AS SELECT * FROM log_entries; GRANT SELECT ON late TO log_reader`);
    assert.equal((await messagesOf(source)).length, CONTRACT_ENTRIES.length);
  });
});

describe('a reading of a PostgreSQL that ends early', () => {
  before(() =>
    execute(
      server.url,
      `CREATE TABLE slow AS SELECT i AS id, timestamptz '2025-05-01Z' AS "timestamp", 1 AS device_id, 'a'::text AS program, 'info'::text AS log_level, repeat('x', 500) AS message FROM generate_series(1, 60000) i;
      CREATE VIEW stuck AS SELECT id, "timestamp", device_id, program, log_level, message || pg_sleep(60)::text AS message FROM slow WHERE id = 1;
      GRANT SELECT ON slow, stuck TO log_reader`,
    ),
  );

  /** Resolves when no backend works for the reader; the server's own statement of it, asked until it is so. */
  const untilIdle = async () => {
    const deadline = performance.now() + 10_000;
    for (;;) {
      const busy = await execute(
        server.url,
        `SELECT query FROM pg_stat_activity WHERE usename = 'log_reader' AND application_name = 'edgewood'`,
      );
      if (busy.length === 0) return;
      assert.ok(performance.now() < deadline, `still busy: ${JSON.stringify(busy)}`);
    }
  };

  it('because of the signal leaves no query running, though the server has sent nothing yet', async () => {
    const controller = new AbortController();
    const reading = collect(open({ table: 'stuck' }).read(MAY, controller.signal));
    await Promise.all([
      assert.rejects(reading, { code: 'ABORTED', message: /was aborted/ }),
      untilRunning('pg_sleep|stuck').then(() => controller.abort()),
    ]);
    await untilIdle();
  });

  it('because the reader leaves, or the source is closed, leaves no query running', async () => {
    const source = open({ table: 'slow' });
    for await (const _ of source.readCsv(MAY)) break;
    await untilIdle();
    const reading = source.readCsv(MAY);
    await reading.next();
    await source.close();
    await assert.rejects(collect(reading), { code: 'ABORTED' });
    await untilIdle();
  });

  it('because the server ends the session is SOURCE_UNREACHABLE, and the next one works', async () => {
    const source = open({ table: 'slow' });
    const reading = source.readCsv(MAY);
    await reading.next();
    await execute(server.url, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'log_reader'`);
    await assert.rejects(collect(reading), { code: 'SOURCE_UNREACHABLE', message: /log_reader@.*terminat/ });
    assert.equal((await messagesOf(source)).length, 60_000);
  });

  it('because it takes too long is SOURCE_UNREACHABLE', async () => {
    const source = new PostgresLogSource({
      connection: postgresConnection(readerUrl, {}),
      table: { table: 'stuck' },
      statementTimeoutMs: 200,
    });
    await assert.rejects(collect(source.read(MAY)), { code: 'SOURCE_UNREACHABLE', message: /statement timeout/ });
    await untilIdle();
  });

  async function untilRunning(pattern: string): Promise<void> {
    for (let running = 0; running === 0; ) {
      running = (
        await execute(
          server.url,
          `SELECT FROM pg_stat_activity WHERE usename = 'log_reader' AND query ~ '^COPY.*(${pattern})'`,
        )
      ).length;
    }
  }
});

describe('a database of encoding SQL_ASCII', () => {
  it('gives bytes that are not UTF-8 as U+FFFD, and warns', async () => {
    const ascii = await startPostgres({ encoding: 'SQL_ASCII' });
    try {
      const url = await createLogTable(ascii.url);
      await execute(
        ascii.url,
        `INSERT INTO log_entries ("timestamp", device_id, program, log_level, message) VALUES ('2025-05-01Z', 1, 'a', 'info', E'Z\\xfcrich, "\\xff" 無線')`,
      );
      const source = open({}, url);
      assert.deepEqual(await messagesOf(source), ['Z\ufffdrich, "\ufffd" 無線']);
      assert.match((await source.check()).warnings.join(), /SQL_ASCII/);
    } finally {
      await ascii.stop();
    }
  });
});
