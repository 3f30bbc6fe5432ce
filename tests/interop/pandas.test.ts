/** pandas reads what `edgewood export` and `edgewood features` write: quotes, line breaks, microseconds and all. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createLogTable, execute, loadLogTable } from '../../packages/logs/src/testing/log-table.ts';
import { startPostgres } from '../../packages/logs/src/testing/postgres-server.ts';
import { PYTHON_RELEASES, runPython } from './python-releases.ts';

const root = join(import.meta.dirname, '../..');
const newest = PYTHON_RELEASES.find(({ name }) => name === 'newest');

test('pandas reads an export and its feature table', { skip: newest?.skip ?? 'no newest release' }, async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'edgewood-pandas-'));
  const server = await startPostgres();
  t.after(async () => {
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  });
  const url = await createLogTable(server.url);
  await loadLogTable(server.url, join(root, 'examples/sample/log_entries_sample.csv'));
  const [logs, features] = [join(directory, 'logs.csv'), join(directory, 'features.csv')];
  const edgewood = (...args: string[]) =>
    execFileSync(process.execPath, [join(root, 'packages/cli/bin/edgewood.js'), ...args], {
      env: { ...process.env, DATABASE_URL: url },
    });
  edgewood('export', '--start-date', '2025-05-01', '--end-date', '2025-05-04', '--output-file', logs);
  edgewood('features', '--agent', 'wifi', '--input-file', logs, '--output-file', features);

  const count = async (condition: string) =>
    (await execute(server.url, `SELECT count(*)::int AS n FROM log_entries WHERE ${condition}`))[0]?.n;
  const inSpan = "timestamp >= '2025-05-01Z' AND timestamp < '2025-05-04Z'";
  assert.ok(newest);
  assert.deepEqual(runPython(newest, 'read_with_pandas.py', [logs, features]), {
    columns: ['timestamp', 'device_id', 'program', 'log_level', 'message'],
    rows: await count(inSpan),
    first_microsecond: (
      await execute(
        server.url,
        `SELECT extract(microseconds FROM min(timestamp))::int % 1000000 AS n FROM log_entries WHERE ${inSpan}`,
      )
    )[0]?.n,
    with_line_breaks: await count(`${inSpan} AND message LIKE E'%\\n%'`),
    windows: readFileSync(features, 'utf8').trimEnd().split('\n').length - 1,
    log_count: await count(`${inSpan} AND program IN ('hostapd', 'wpa_supplicant')`),
    is_time: true,
  });
});
