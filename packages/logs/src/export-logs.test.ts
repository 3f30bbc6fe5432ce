import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { LogError } from './errors.ts';
import { exportLogs, manifestPathOf } from './export-logs.ts';
import { readLogCsv } from './log-csv.ts';
import type { LogQuery } from './log-source.ts';
import { postgresConnection } from './postgres-connection.ts';
import { PostgresLogSource } from './postgres-log-source.ts';
import { collect } from './testing/collect.ts';
import { CONTRACT_ENTRIES } from './testing/log-source-contract.ts';
import { createLogTable, execute } from './testing/log-table.ts';
import { MemoryLogSource } from './testing/memory-log-source.ts';
import { type PostgresServer, startPostgres } from './testing/postgres-server.ts';
import { parseTimeSpan } from './time-text.ts';

const MAY: LogQuery = { span: parseTimeSpan('2025-05-01', '2025-06-01'), programs: 'all' };

let folder = '';
let file = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'edgewood-export-'));
});
after(() => rm(folder, { recursive: true }));
beforeEach(async () => {
  for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true });
  file = join(folder, 'logs.csv');
});

describe('an export', () => {
  it('writes the entries and a manifest that says what they are', async () => {
    const late = {
      timeMs: Date.parse('2025-05-03T23:59:59.999Z'),
      deviceId: '1',
      program: 'crond',
      level: 'info',
      message: 'x',
    };
    const source = new MemoryLogSource([...CONTRACT_ENTRIES, late]);
    const now = () => Date.parse('2025-06-07T23:00:00Z');
    const manifest = await exportLogs(source, MAY, file, { software: 'edgewood 0.1.0', now });

    assert.deepEqual((await collect(readLogCsv(file))).flat(), source.entries);
    const csv = await readFile(file);
    assert.deepEqual(manifest, {
      schema_version: 1,
      file: 'logs.csv',
      size_bytes: csv.length,
      sha256: createHash('sha256').update(csv).digest('hex'),
      rows: 361,
      first_timestamp: '2025-05-01T00:00:00.000Z',
      last_timestamp: '2025-05-03T23:59:59.999Z',
      rows_per_day: { '2025-05-01': 360, '2025-05-03': 1 },
      span: { from: '2025-05-01T00:00:00.000Z', to: '2025-06-01T00:00:00.000Z' },
      programs: 'all',
      source: 'memory',
      software: 'edgewood 0.1.0',
      exported_at: '2025-06-07T23:00:00.000Z',
    });
    assert.deepEqual(JSON.parse(await readFile(manifestPathOf(file), 'utf8')), manifest);
    assert.deepEqual((await readdir(folder)).sort(), ['logs.csv', 'logs.csv.manifest.json']);
  });

  it('of a span without entries is a file with a header only', async () => {
    const manifest = await exportLogs(new MemoryLogSource(), { ...MAY, programs: ['hostapd'] }, file);
    assert.equal(await readFile(file, 'utf8'), 'timestamp,device_id,program,log_level,message\n');
    assert.partialDeepStrictEqual(manifest, {
      rows: 0,
      first_timestamp: null,
      last_timestamp: null,
      rows_per_day: {},
      programs: ['hostapd'],
    });
  });

  it('tells of its progress', async () => {
    const rows: number[] = [];
    await exportLogs(new MemoryLogSource(CONTRACT_ENTRIES), MAY, file, {
      onProgress: (progress) => rows.push(progress.rows),
    });
    assert.deepEqual(rows, [0, 100, 200, 300, 360]);
  });

  it('replaces the earlier one of that name', async () => {
    await exportLogs(new MemoryLogSource(), MAY, file);
    await exportLogs(new MemoryLogSource(CONTRACT_ENTRIES), MAY, file);
    assert.equal((await collect(readLogCsv(file))).flat().length, 360);
    assert.equal(JSON.parse(await readFile(manifestPathOf(file), 'utf8')).rows, 360);
  });
});

describe('an export that fails', () => {
  /** Everything in the folder, by name. */
  const contents = async () => {
    const names = (await readdir(folder)).sort();
    return Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')]));
  };

  it('for the signal leaves nothing, and the earlier one as it was', async () => {
    const source = new MemoryLogSource(CONTRACT_ENTRIES);
    const abortAt = (rows: number) => {
      const controller = new AbortController();
      return {
        signal: controller.signal,
        onProgress: (progress: { rows: number }) => progress.rows >= rows && controller.abort(),
      };
    };
    await assert.rejects(exportLogs(source, MAY, file, abortAt(200)), { code: 'ABORTED' });
    assert.deepEqual(await readdir(folder), []);

    await exportLogs(new MemoryLogSource(CONTRACT_ENTRIES.slice(0, 5)), MAY, file);
    const earlier = await contents();
    for (const rows of [0, 200, 360]) {
      await assert.rejects(exportLogs(source, MAY, file, abortAt(rows)), { code: 'ABORTED' });
      assert.deepEqual(await contents(), earlier);
    }
  });

  it('for the source leaves nothing', async () => {
    const source = new MemoryLogSource();
    source.failure = new LogError('SOURCE_UNREACHABLE', 'away');
    await assert.rejects(exportLogs(source, MAY, file), { code: 'SOURCE_UNREACHABLE' });
    assert.deepEqual(await readdir(folder), []);
  });

  it('for the disk is FILE_UNWRITABLE', async () => {
    const source = new MemoryLogSource(CONTRACT_ENTRIES);
    await assert.rejects(exportLogs(source, MAY, join(folder, 'none', 'logs.csv')), {
      code: 'FILE_UNWRITABLE',
      message: /none\/logs\.csv/,
    });
    await mkdir(file);
    await assert.rejects(exportLogs(source, MAY, file), { code: 'FILE_UNWRITABLE' });
    assert.deepEqual(await readdir(folder), ['logs.csv']);
  });
});

describe('an export from PostgreSQL', () => {
  let server: PostgresServer;
  let source: PostgresLogSource;
  before(async () => {
    server = await startPostgres();
    const url = await createLogTable(server.url);
    await execute(
      server.url,
      `INSERT INTO log_entries ("timestamp", device_id, program, log_level, message) SELECT timestamptz '2025-05-01Z' + i * interval '10 seconds', 1, 'hostapd', 'info', 'two' || chr(10) || repeat('x', 300) FROM generate_series(0, 99999) i`,
    );
    source = new PostgresLogSource({ connection: postgresConnection(url, {}) });
  });
  after(() => server.stop());

  it('counts entries, not lines', async () => {
    const manifest = await exportLogs(source, MAY, file);
    assert.equal(manifest.rows, 100_000);
    assert.equal(manifest.rows_per_day['2025-05-01'], 8640);
    assert.equal(manifest.last_timestamp, '2025-05-12T13:46:30.000Z');
  });

  it('that loses its connection leaves nothing', async () => {
    let killed = false;
    const onProgress = () => {
      if (killed) return;
      killed = true;
      void execute(server.url, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'log_reader'`);
    };
    await assert.rejects(exportLogs(source, MAY, file, { onProgress }), { code: 'SOURCE_UNREACHABLE' });
    assert.ok(killed);
    assert.deepEqual(await readdir(folder), []);
  });
});
