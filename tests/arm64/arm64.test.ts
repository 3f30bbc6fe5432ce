/**
 * A Raspberry Pi's architecture finds what any other does, bit for bit: the bundle under Node for arm64, which is emulated
 * (`tests/arm64/install.sh`), beside the same bundle under the Node of this machine, on the same PostgreSQL and models.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { createLogTable, loadLogTable } from '../../packages/logs/src/testing/log-table.ts';
import { type PostgresServer, startPostgres } from '../../packages/logs/src/testing/postgres-server.ts';
import { openSqliteAnomalyStore } from '../../packages/service/src/anomalies/sqlite-anomaly-store.ts';
import { writeBundle } from '../../scripts/bundle.ts';
import type { SweepOutcome } from './score-sweep.ts';

const root = join(import.meta.dirname, '../..');
const installed = join(root, '.edgewood/arm64');
const directory = mkdtempSync(join(tmpdir(), 'edgewood-arm64-'));
const bundle = join(directory, 'edgewood.mjs');
/** Something hangs if a program takes longer, in milliseconds: emulation is slow, and so is a machine that is shared. */
const TIME_LIMIT_MS = 600_000;
const TRAINED = { from: '2025-05-01', to: '2025-05-02T12:00' };
/** Silences of a device and of a program, and odd windows of wifi, are in it. */
const REPLAYED = { from: '2025-05-03T06:00', to: '2025-05-03T12:40' };

/** What runs a script on each architecture. */
const MACHINES = {
  here: [process.execPath],
  arm64: [
    join(installed, 'emulator/usr/bin/qemu-aarch64-static'),
    '-L',
    join(installed, 'system'),
    join(installed, 'node'),
  ],
};
type Machine = keyof typeof MACHINES;

let server: PostgresServer;
let readerUrl: string;
const counts = { windows: 0, values: 0, anomalies: 0, forests: 0, samples: 0 };

async function run(machine: Machine, args: readonly string[]): Promise<string> {
  const [program = '', ...before] = MACHINES[machine];
  const env = { ...process.env, DATABASE_URL: readerUrl };
  const { stdout } = await promisify(execFile)(program, [...before, ...args], {
    cwd: directory,
    env,
    timeout: TIME_LIMIT_MS,
    maxBuffer: 64e6,
  });
  return stdout;
}

before(async () => {
  server = await startPostgres();
  readerUrl = await createLogTable(server.url);
  await loadLogTable(server.url, join(root, 'examples/sample/log_entries_sample.csv'));
  await writeBundle(directory);
  mkdirSync(join(directory, 'models'));
});
after(async () => {
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
  const { windows, values, anomalies, forests, samples } = counts;
  console.log(
    `arm64: ${windows} windows with ${values} features, ${anomalies} anomalies, and ${forests} forests with ${samples} ` +
      'samples, all bit for bit as here',
  );
});

test('the programs are of the two architectures', async () => {
  assert.equal(await run('arm64', ['-p', 'process.arch']), 'arm64\n');
  assert.match(await run('here', ['-p', 'process.arch']), /^(x64|arm64)\n$/);
});

/** The service, from its start to the end of a replay, with a store of its own. */
async function replayOn(machine: Machine): Promise<void> {
  const config = join(directory, `${machine}.yaml`);
  const lines = ['models: {directory: models}', `store: {file: ${machine}.sqlite}`, 'http: {port: 0}'];
  writeFileSync(config, [...lines, 'agents: [{name: wifi}, {name: silence}]'].join('\n'));
  const { from, to } = REPLAYED;
  const span = ['--replay-from', from, '--replay-to', to, '--exit-after-replay'];
  const log = await run(machine, [bundle, 'serve', '--config', config, ...span]);
  assert.match(log, /"replay":"finished"/);
}

/** The bits of a number, in hexadecimal digits: NaN and -0 are told apart too. */
function bitsOf(value: number | null): string {
  if (value === null) return '-';
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes.toString('hex');
}

/** Every window that a machine looked at and every anomaly that it found, numbers as their bits. */
async function foundOn(machine: Machine) {
  const store = openSqliteAnomalyStore(join(directory, `${machine}.sqlite`));
  const all = { sinceMs: 0, untilMs: Number.MAX_SAFE_INTEGER, limit: 50_000, vectors: true };
  const windows = await Promise.all(['wifi', 'silence'].map((agent) => store.windows({ agent, ...all })));
  const anomalies = await store.anomalies({ limit: 1_000 });
  await store.close();
  return {
    windows: windows.flat().map(({ vector, score, decision, ...rest }) => ({
      ...rest,
      score: bitsOf(score),
      decision: bitsOf(decision),
      vector: Array.from(vector ?? [], bitsOf),
    })),
    anomalies: anomalies.map(({ severity, features, ...rest }) => ({
      ...rest,
      severity: bitsOf(severity),
      features: features.map((of) => [of.feature, bitsOf(of.value), bitsOf(of.contribution), of.expected]),
      detectedAtMs: undefined,
      review: undefined,
    })),
  };
}

test('the service starts, loads a model and finds the same windows, features, scores and anomalies', async () => {
  const logs = join(directory, 'logs.csv');
  const { from, to } = TRAINED;
  const span = ['--start-date', from, '--end-date', to];
  await run('here', [bundle, 'export', '--agent', 'wifi', ...span, '--output-file', logs]);
  await run('here', [bundle, 'train', '--agent', 'wifi', '--input-file', logs, '--output-dir', 'models']);
  await run('here', [bundle, 'models', 'activate', 'wifi', 'latest', '--dir', 'models']);
  await replayOn('here');
  await replayOn('arm64');
  const found = await foundOn('here');
  assert.deepEqual(await foundOn('arm64'), found);
  const vectors = found.windows.flatMap(({ vector }) => vector);
  assert.ok(vectors.length > 1_000);
  assert.deepEqual(new Set(found.anomalies.map(({ agent }) => agent)), new Set(['wifi', 'silence']));
  Object.assign(counts, {
    windows: found.windows.length,
    values: vectors.length,
    anomalies: found.anomalies.length,
  });
});

test('forests of many kinds are the same, and so are their sums of path lengths, scores and decisions', async () => {
  const sweep = join(directory, 'score-sweep.mjs');
  await build({
    entryPoints: [join(import.meta.dirname, 'score-sweep.ts')],
    outfile: sweep,
    bundle: true,
    platform: 'node',
    format: 'esm',
    conditions: ['source'],
  });
  const here = JSON.parse(await run('here', [sweep])) as SweepOutcome;
  const there = JSON.parse(await run('arm64', [sweep])) as SweepOutcome;
  assert.equal(there.architecture, 'arm64');
  assert.deepEqual({ ...there, architecture: here.architecture }, here);
  Object.assign(counts, { forests: here.forests, samples: here.samples });
});
