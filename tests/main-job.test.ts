/**
 * The main job, from a PostgreSQL log table to a detected anomaly, by the public command: export → train → activate →
 * serve. PostgreSQL is the one that npm ships.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { AGENT_PROFILES } from '@edgewood/features';
import { readLogCsv } from '@edgewood/logs';
import { createLogTable, execute, loadLogTable } from '../packages/logs/src/testing/log-table.ts';
import { type PostgresServer, startPostgres } from '../packages/logs/src/testing/postgres-server.ts';

const root = join(import.meta.dirname, '..');
const command = join(root, 'packages/cli/bin/edgewood.js');
const sample = join(root, 'examples/sample/log_entries_sample.csv');
const directory = mkdtempSync(join(tmpdir(), 'edgewood-main-job-'));
const models = join(directory, 'models');
const logs = join(directory, 'training_data_wifi.csv');

let server: PostgresServer;
let readerUrl: string;

before(async () => {
  server = await startPostgres();
  readerUrl = await createLogTable(server.url);
  await loadLogTable(server.url, sample);
});
after(async () => {
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
});

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function edgewood(args: readonly string[], env: NodeJS.ProcessEnv = { DATABASE_URL: readerUrl }): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [command, ...args],
      { cwd: directory, env: { ...process.env, ...env } },
      (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
      },
    );
  });
}

/** Runs a command that must succeed. */
async function succeed(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<string> {
  const { code, stdout, stderr } = await edgewood(args, env);
  assert.equal(code, 0, `edgewood ${args.join(' ')}: ${stderr}`);
  return stdout;
}

const SPAN = ['--start-date', '2025-05-01', '--end-date', '2025-05-02T12:00'];

test('export writes the span of the agent’s programs and a manifest that proves it', async () => {
  await succeed(['export', '--agent', 'wifi', ...SPAN, '--output-file', logs]);
  const text = readFileSync(logs, 'utf8');
  assert.match(
    text,
    /^timestamp,device_id,program,log_level,message\n2025-05-01 00:04:01\.675579\+00:00,1,hostapd,info,/,
  );
  const manifest = JSON.parse(readFileSync(`${logs}.manifest.json`, 'utf8'));
  const [counted] = await execute(
    server.url,
    "SELECT count(*)::int AS n FROM log_entries WHERE program IN ('hostapd', 'wpa_supplicant') AND timestamp >= '2025-05-01Z' AND timestamp < '2025-05-02 12:00Z'",
  );
  assert.equal(manifest.rows, counted?.n);
  assert.equal(manifest.sha256, createHash('sha256').update(text).digest('hex'));
  assert.deepEqual(manifest.span, { from: '2025-05-01T00:00:00.000Z', to: '2025-05-02T12:00:00.000Z' });
});

test('--programs matches exactly: cron is not crond', async () => {
  const file = join(directory, 'cron.csv');
  const outcome = await edgewood(['export', '--programs', 'cron', ...SPAN, '--output-file', file]);
  assert.equal(outcome.code, 0);
  assert.equal(JSON.parse(readFileSync(`${file}.manifest.json`, 'utf8')).rows, 0);
  assert.match(outcome.stderr, /no entry in this span/);
});

test('export --agent all writes each entry of every agent’s programs once, and its manifest names the programs', async () => {
  const file = join(directory, 'all.csv');
  await succeed(['export', '--agent', 'all', ...SPAN, '--output-file', file]);
  const { programs, rows } = JSON.parse(readFileSync(`${file}.manifest.json`, 'utf8'));
  assert.equal(new Set(programs).size, programs.length);
  for (const agent of AGENT_PROFILES) {
    for (const program of agent.programs) assert.ok(programs.includes(program), `${agent.name}: ${program}`);
  }
  const wanted = (programs as string[]).map((program) => `'${program}'`).join(', ');
  const stored = await execute(
    server.url,
    `SELECT program, count(*)::int AS n FROM log_entries
     WHERE program IN (${wanted}) AND timestamp >= '2025-05-01Z' AND timestamp < '2025-05-02 12:00Z' GROUP BY program`,
  );
  const written = new Map<string, number>();
  for await (const chunk of readLogCsv(file)) {
    for (const { program } of chunk) written.set(program, 1 + (written.get(program) ?? 0));
  }
  assert.deepEqual(written, new Map(stored.map(({ program, n }) => [String(program), Number(n)])));
  assert.ok(written.size >= 10 && !written.has('wifi-scan'), [...written.keys()].join());
  assert.equal(
    rows,
    [...written.values()].reduce((sum, n) => sum + n),
  );
});

test('features writes the very table that training uses', async () => {
  const file = join(directory, 'features.csv');
  await succeed(['features', '--agent', 'wifi', '--input-file', logs, '--output-file', file]);
  const [header, ...rows] = readFileSync(file, 'utf8').trimEnd().split('\n');
  assert.match(
    header ?? '',
    /^window_start,device_id,log_count,error_log_ratio,unique_program_count,disassociation_events,/,
  );
  const total = rows.reduce((sum, row) => sum + Number(row.split(',')[2]), 0);
  assert.equal(total, JSON.parse(readFileSync(`${logs}.manifest.json`, 'utf8')).rows);
});

let version = '';

test('train writes a model and metadata whose first nine fields are the specification’s', async () => {
  mkdirSync(models);
  const report = await succeed(['train', '--agent', 'wifi', '--input-file', logs, '--output-dir', models]);
  assert.match(report, /disassociation_events +0 /);
  assert.match(report, /The most abnormal:/);
  const names = readdirSync(models).sort();
  version = names[0]?.match(/\d{8}_\d{6}/)?.[0] ?? '';
  assert.deepEqual(names, [
    `wifi_baseline_${version}.json`,
    `wifi_metadata_${version}.json`,
    `wifi_model_${version}.joblib`,
  ]);
  const metadata = JSON.parse(readFileSync(join(models, `wifi_metadata_${version}.json`), 'utf8'));
  assert.deepEqual(Object.keys(metadata).slice(0, 8), [
    'model_version',
    'model_file',
    'agent_name',
    'training_date',
    'training_data_source',
    'training_log_count',
    'hyperparameters',
    'features_used',
  ]);
  assert.deepEqual(metadata.hyperparameters, {
    n_estimators: 100,
    contamination: 0.01,
    max_samples: 'auto',
    random_state: 42,
  });
});

test('a model of its own name and programs is trained, and scores those programs', async () => {
  const rooms = join(directory, 'rooms');
  mkdirSync(rooms);
  const trained = ['--agent', 'wifi', '--model-name', 'guest-wifi', '--programs', 'hostapd', '--window', '15m'];
  await succeed(['train', ...trained, '--input-file', logs, '--output-dir', rooms]);
  const model = join(rooms, readdirSync(rooms).find((name) => /^guest-wifi_model_/.test(name)) ?? assert.fail());
  const metadata = JSON.parse(readFileSync(model.replace('_model_', '_metadata_').replace('joblib', 'json'), 'utf8'));
  assert.deepEqual([metadata.agent_name, metadata.programs], ['guest-wifi', ['hostapd']]);
  const scored = await succeed(['score', '--input-file', logs, '--model', model]);
  const leftOut = metadata.left_out?.suspicious_windows ?? 0;
  assert.equal(scored.trimEnd().split('\n').length - 1, metadata.training_window_count + leftOut);
});

test('training the same CSV again gives the same bytes under the next version', async () => {
  await succeed(['train', '--agent', 'wifi', '--input-file', logs, '--output-dir', models]);
  for (const kind of ['_model_', '_baseline_']) {
    const files = readdirSync(models).filter((name) => name.includes(kind));
    assert.equal(files.length, 2);
    const [first, second] = files.map((name) => readFileSync(join(models, name)));
    assert.ok(first?.equals(second ?? new Uint8Array()), kind);
  }
});

test('activate makes a version live, list shows it, rollback returns to the one before', async () => {
  const active = () => readlinkSync(join(models, 'wifi_model_active.joblib'));
  await succeed(['models', 'activate', 'wifi', 'latest', '--dir', models]);
  assert.notEqual(active(), `wifi_model_${version}.joblib`);
  await succeed(['models', 'rollback', 'wifi', '--dir', models]);
  assert.equal(active(), `wifi_model_${version}.joblib`);
  const listed = await succeed(['models', 'list', '--dir', models], { NO_COLOR: '1' });
  assert.match(listed, new RegExp(`● live +wifi +${version}`));
  assert.match(await succeed(['models', 'show', 'wifi', '--dir', models]), /100 trees of 256 windows/);
});

test('inspect tells what is in a file, and convert writes it for another scikit-learn', async () => {
  const file = join(models, `wifi_model_${version}.joblib`);
  const seen = await succeed(['models', 'inspect', file]);
  assert.match(seen, /written by +scikit-learn 1\.\d+\.\d+/);
  assert.match(seen, /trees +100 of 256 samples/);
  await succeed([
    'models',
    'convert',
    file,
    '--sklearn-version',
    '1.2',
    '--output-file',
    join(directory, 'older.joblib'),
  ]);
  const converted = await succeed(['models', 'inspect', join(directory, 'older.joblib')]);
  assert.match(converted, /written by +scikit-learn 1\.2\.1/);
  assert.equal(/offset +(\S+)/.exec(converted)?.[1], /offset +(\S+)/.exec(seen)?.[1]);
});

test('score gives each window its score, decision and prediction', async () => {
  const stdout = await succeed(['score', '--input-file', logs, '--model', models]);
  const rows = stdout
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));
  assert.ok(rows.length > 1000);
  for (const [, , score, decision, prediction] of rows) {
    assert.ok(Number(score) >= -1 && Number(score) < 0);
    assert.equal(Number(prediction), Number(decision) < 0 ? -1 : 1);
  }
  const only = await succeed(['score', '--input-file', logs, '--model', models, '--only-anomalies']);
  assert.equal(only.trimEnd().split('\n').length - 1, rows.filter((row) => row[4] === '-1').length);
});

function writeConfig(): string {
  const path = join(directory, 'edgewood.yaml');
  writeFileSync(
    path,
    `models: {directory: ${models}, poll_interval: 1s}\nstore: {file: ${join(directory, 'anomalies.sqlite')}}\nhttp: {port: 0}\nagents: [{name: wifi}]\n`,
  );
  return path;
}

/** A running service and its log; `line` waits for one that fits. */
class ServedProcess {
  readonly child: ChildProcess;
  readonly #lines: { msg: string; address?: string }[] = [];
  readonly #waiting: (() => void)[] = [];

  constructor(args: readonly string[]) {
    this.child = spawn(process.execPath, [command, 'serve', ...args], {
      cwd: directory,
      env: { ...process.env, DATABASE_URL: readerUrl },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    createInterface({ input: this.child.stdout! }).on('line', (line) => {
      this.#lines.push(JSON.parse(line));
      for (const wake of this.#waiting.splice(0)) wake();
    });
  }

  async line(pattern: RegExp): Promise<{ msg: string; address?: string }> {
    for (;;) {
      const found = this.#lines.find(({ msg }) => pattern.test(msg));
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  async stop(): Promise<number | null> {
    const ended = new Promise<number | null>((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGTERM');
    return ended;
  }
}

test('the service finds anomalies in the logs, answers for them, takes a new model while it runs, and stops', async () => {
  const service = new ServedProcess([
    '--config',
    writeConfig(),
    '--replay-from',
    '2025-05-02T12:00',
    '--replay-to',
    '2025-05-04',
  ]);
  const { address = '' } = await service.line(/^listening/);
  await service.line(/^replay finished: 1296 windows/);
  const { anomalies } = (await (await fetch(`${address}/api/anomalies?limit=1000`)).json()) as {
    anomalies: Record<string, unknown>[];
  };
  assert.ok(anomalies.length > 5);
  assert.ok(anomalies.every(({ model_version, why }) => model_version === version && String(why).length > 10));
  const health = (await (await fetch(`${address}/healthz`)).json()) as { status: string; ready: boolean };
  assert.deepEqual([health.status, health.ready], ['ok', true]);
  assert.match(
    await (await fetch(`${address}/metrics`)).text(),
    /edgewood_windows_analysed_total\{agent="wifi"\} 1296/,
  );
  await succeed(['models', 'activate', 'wifi', 'latest', '--dir', models]);
  await service.line(new RegExp(`^wifi: model (?!${version})\\d{8}_\\d{6} is in use`));
  assert.equal(await service.stop(), 0);
});

test('links typed by hand are served, a broken model is refused and the old one stays', async () => {
  for (const name of ['wifi_model_active.joblib', 'wifi_metadata_active.json']) rmSync(join(models, name));
  symlinkSync(`wifi_model_${version}.joblib`, join(models, 'wifi_model_active.joblib'));
  symlinkSync(`wifi_metadata_${version}.json`, join(models, 'wifi_metadata_active.json'));
  const service = new ServedProcess(['--config', writeConfig()]);
  const { address = '' } = await service.line(/^listening/);
  await service.line(new RegExp(`^wifi: model ${version} is in use`));
  writeFileSync(join(models, 'wifi_model_20990101_000000.joblib'), 'half a mod');
  writeFileSync(join(models, 'wifi_metadata_20990101_000000.json'), '{}');
  rmSync(join(models, 'wifi_model_active.joblib'));
  symlinkSync('wifi_model_20990101_000000.joblib', join(models, 'wifi_model_active.joblib'));
  await service.line(new RegExp(`BAD_METADATA.*${version} stays in use`));
  const health = (await (await fetch(`${address}/healthz`)).json()) as { status: string; reasons: string[] };
  assert.equal(health.status, 'degraded');
  assert.match(health.reasons.join(), /BAD_METADATA/);
  assert.equal(await service.stop(), 0);
});

test('what goes wrong has a code, a sentence, and leaves nothing half-written', async () => {
  const bad = join(directory, 'bad.csv');
  const cases: [string, readonly string[], RegExp, number][] = [
    ['', ['train', '--agent', 'wifi', '--input-file', bad, '--output-dir', models], /CSV_EMPTY/, 1],
    [
      'timestamp,device_id,program,message\n',
      ['train', '--agent', 'wifi', '--input-file', bad, '--output-dir', models],
      /log_level.*CSV_COLUMN_MISSING/s,
      1,
    ],
    [
      'timestamp,device_id,program,log_level,message\n2025-05-01 00:00:00Z,1,hostapd,info\n',
      ['train', '--agent', 'wifi', '--input-file', bad, '--output-dir', models],
      /line 2.*CSV_MALFORMED/s,
      1,
    ],
    [
      'timestamp,device_id,program,log_level,message\nyesterday,1,hostapd,info,x\n',
      ['train', '--agent', 'wifi', '--input-file', bad, '--output-dir', models],
      /line 2.*BAD_TIME/s,
      1,
    ],
    [
      '',
      ['train', '--agent', 'wifi', '--input-file', logs, '--output-dir', models, '--contamination', '0.7'],
      /contamination must be .*got 0\.7.*BAD_INPUT/,
      1,
    ],
    [
      '',
      ['train', '--agent', 'wifi', '--input-file', logs, '--output-dir', models, '--max-samples', '100000'],
      /TOO_FEW_WINDOWS/,
      1,
    ],
    [
      '',
      ['train', '--agent', 'wifi', '--input-file', logs, '--output-dir', join(directory, 'none')],
      /none.*FILE_UNREADABLE/,
      1,
    ],
    ['', ['train', '--agent', 'wlan', '--input-file', logs, '--output-dir', models], /AGENT_UNKNOWN/, 1],
    ['', ['export', '--start-date', '2025-05-02', '--end-date', '2025-05-01', '--output-file', bad], /BAD_SPAN/, 1],
    ['', ['models', 'activate', 'wifi', '20200101_000000', '--dir', models], /VERSION_NOT_FOUND/, 1],
    ['', ['train', '--agent', 'wifi'], /required option '--input-file/, 2],
    ['', ['trian'], /Did you mean train/, 2],
  ];
  const before = readdirSync(models);
  for (const [content, args, expected, code] of cases) {
    writeFileSync(bad, content);
    const outcome = await edgewood(args);
    assert.match(outcome.stderr, expected, args.join(' '));
    assert.equal(outcome.code, code, args.join(' '));
    assert.doesNotMatch(outcome.stderr, /unexpected error|at file:/, args.join(' '));
  }
  assert.deepEqual(readdirSync(models), before);
});

test('an export whose database is not there leaves no file', async () => {
  const file = join(directory, 'nothing.csv');
  const outcome = await edgewood(['export', ...SPAN, '--output-file', file], {
    DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/x',
  });
  assert.equal(outcome.code, 1);
  assert.match(outcome.stderr, /SOURCE_UNREACHABLE/);
  assert.equal(existsSync(file), false);
});

test('Ctrl-C during an export leaves no file, and an export of before stays as it was', async () => {
  const file = join(directory, 'interrupted.csv');
  writeFileSync(file, 'before');
  const locked = execute(server.url, 'BEGIN; LOCK TABLE log_entries; SELECT pg_sleep(60)').catch(() => []);
  const waiting =
    "SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = 'edgewood' AND wait_event_type = 'Lock'";
  const child = spawn(process.execPath, [command, 'export', '--agent', 'wifi', ...SPAN, '--output-file', file], {
    cwd: directory,
    env: { ...process.env, DATABASE_URL: readerUrl },
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  while ((await execute(server.url, waiting))[0]?.n === 0) await new Promise((resolve) => setTimeout(resolve, 50));
  child.kill('SIGINT');
  assert.equal(await ended, 130);
  const holding = "SELECT count(*)::int AS n FROM pg_locks WHERE relation = 'log_entries'::regclass AND granted";
  assert.deepEqual(await execute(server.url, holding), [{ n: 1 }], 'it has not waited for the lock');
  await execute(
    server.url,
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid()",
  );
  await locked;
  assert.deepEqual(
    readdirSync(directory).filter((name) => name.startsWith('interrupted')),
    ['interrupted.csv'],
  );
  assert.equal(readFileSync(file, 'utf8'), 'before');
});
