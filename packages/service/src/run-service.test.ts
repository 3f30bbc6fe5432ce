import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { PostgresLogSource, postgresConnection } from '@edgewood/logs';
import { LocalModelFiles } from '@edgewood/models';
import { createLogTable, execute, loadLogTable } from '../../logs/src/testing/log-table.ts';
import { csvRow, MemoryLogSource } from '../../logs/src/testing/memory-log-source.ts';
import { type PostgresServer, startPostgres } from '../../logs/src/testing/postgres-server.ts';
import { MemoryModelFiles } from '../../models/src/testing/memory-model-files.ts';
import type { StoredAnomaly } from './anomalies/anomaly-store.ts';
import { openSqliteAnomalyStore } from './anomalies/sqlite-anomaly-store.ts';
import { DrivenClock } from './clock.ts';
import { parseConfig } from './config.ts';
import { PrometheusMetrics } from './metrics/prometheus-metrics.ts';
import { Service } from './service.ts';
import { ManualClock } from './testing/manual-clock.ts';
import { MemoryAnomalyStore } from './testing/memory-anomaly-store.ts';
import { RecordingLog } from './testing/recording-log.ts';
import { ServiceProcess } from './testing/service-process.ts';
import { addModel, quietLog, START_MS, WINDOW_MS } from './testing/wifi-models.ts';

const WINDOWS = 24;
const ENTRIES = quietLog(WINDOWS, { storms: [5, 17] });
const SPAN = { fromMs: START_MS, toMs: START_MS + WINDOWS * WINDOW_MS };
const REPLAY = [String(SPAN.fromMs), String(SPAN.toMs)];
const GRACE_MS = 120_000;

let server: PostgresServer;
let readerUrl = '';

before(async () => {
  server = await startPostgres();
  readerUrl = await createLogTable(server.url);
  await loadLogTable(
    server.url,
    (async function* () {
      yield 'timestamp,device_id,program,log_level,message\n';
      yield ENTRIES.map(csvRow).join('');
    })(),
  );
});
after(() => server.stop());

/** A folder with a configuration, and no model yet. */
async function setUp(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'edgewood-service-'));
  const started: ServiceProcess[] = [];
  t.after(async () => {
    for (const service of started) await service.kill();
    await rm(folder, { recursive: true });
  });
  const config = join(folder, 'edgewood.yaml');
  const models = join(folder, 'models');
  const file = join(folder, 'found.sqlite');
  await mkdir(models);
  await writeFile(
    config,
    `models: {directory: ${models}, poll_interval: 1h}\nstore: {file: ${file}}\nhttp: {port: 0}\nagents: [{name: wifi}]\n`,
  );
  const serve = (...args: string[]) => {
    const service = ServiceProcess.start([config, ...args], { ...process.env, DATABASE_URL: readerUrl });
    started.push(service);
    return service;
  };
  return { folder, file, files: new LocalModelFiles(models), serve };
}

/** What matters of anomalies: all but when they were found. */
function found(anomalies: readonly StoredAnomaly[]): unknown[] {
  return JSON.parse(JSON.stringify(anomalies.map(({ detectedAtMs: _, review: __, ...rest }) => rest)));
}

/** What a replay on fakes finds in the same entries by the same model. */
async function foundOnFakes(): Promise<unknown[]> {
  const [files, store] = [new MemoryModelFiles(), new MemoryAnomalyStore()];
  await addModel(files);
  const service = new Service({
    config: parseConfig('http: {port: 0}\nagents: [{name: wifi}]', 'test', {}),
    source: new MemoryLogSource(ENTRIES),
    store,
    files,
    metrics: new PrometheusMetrics(),
    loadAgent: () => assert.fail('no agent of a third party here'),
    log: new RecordingLog(),
    clock: new DrivenClock(SPAN.fromMs),
  });
  await service.open();
  await service.replay(SPAN);
  const anomalies = found(await store.anomalies({}));
  await service.stop();
  return anomalies;
}

test('a replay finds in PostgreSQL what it finds on fakes, stores it in the file, and ends', async (t) => {
  const { file, files, serve } = await setUp(t);
  await addModel(files);
  const service = serve(...REPLAY, 'exit');
  const { windows, anomalies } = await service.line(/^replay finished/);
  assert.deepEqual([windows, anomalies], [2 * WINDOWS, 2]);
  assert.equal(await service.ended, 0);
  assert.match((await service.line(/^reading logs from/)).msg, /PostgreSQL \d+.*log_entries/);
  await service.line(/^stopped$/);
  const store = openSqliteAnomalyStore(file);
  assert.deepEqual(found(await store.anomalies({})), await foundOnFakes());
  await store.close();
});

test('a service whose replay is over answers until SIGTERM, and SIGHUP makes it look for another model', async (t) => {
  const { files, serve } = await setUp(t);
  const older = await addModel(files);
  const service = serve(...REPLAY);
  await service.line(/^replay finished/);
  const { address } = await service.line(/^listening on/);
  const newer = await addModel(files, { trainedAtMs: START_MS + 60_000 });
  service.signal('SIGHUP');
  await service.line(new RegExp(`model ${newer} is in use`));
  const answer = await (await fetch(new URL('/api/models', String(address)))).json();
  const [wifi] = (answer as { agents: { in_use: { version: string }; versions: unknown[] }[] }).agents;
  assert.equal(wifi?.in_use.version, newer);
  assert.deepEqual(wifi?.versions, [
    { version: newer, active: true, shadow: false, complete: true },
    { version: older, active: false, shadow: false, complete: true },
  ]);
  service.signal('SIGTERM');
  assert.equal(await service.ended, 0);
});

test('a replay without a model fails with its reason', async (t) => {
  const { serve } = await setUp(t);
  const service = serve(...REPLAY, 'exit');
  assert.equal(await service.ended, 1);
  await service.line(/^the wifi agent cannot look at windows: no model of wifi is active/);
});

test('without a model and without anything to do the service stays up, and a signal ends it', async (t) => {
  const { serve } = await setUp(t);
  const service = serve();
  await service.line(/no model of wifi is active.*; no model, no analysis/);
  await service.line(/^reading logs from/);
  service.signal('SIGINT');
  assert.equal(await service.ended, 0);
});

test('a signal ends a service whose database does not let it read', async (t) => {
  const { files, serve } = await setUp(t);
  await addModel(files);
  const holder = execute(server.url, 'BEGIN; LOCK TABLE log_entries; SELECT pg_sleep(60); COMMIT').catch(() => {});
  t.after(async () => {
    await execute(server.url, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'");
    await holder;
  });
  const service = serve(...REPLAY, 'exit');
  await service.line(/^listening on/);
  service.signal('SIGTERM');
  assert.equal(await service.ended, 0);
});

test('a database that refuses for a while costs nothing but time', async (t) => {
  const files = new MemoryModelFiles();
  await addModel(files);
  const clock = new ManualClock(START_MS + WINDOW_MS + GRACE_MS);
  const store = new MemoryAnomalyStore();
  const log = new RecordingLog();
  const service = new Service({
    config: parseConfig('http: {port: 0}\nagents: [{name: wifi}]', 'test', {}),
    source: new PostgresLogSource({ connection: postgresConnection(readerUrl, {}) }),
    store,
    files,
    metrics: new PrometheusMetrics(),
    loadAgent: () => assert.fail('no agent of a third party here'),
    log,
    clock,
  });
  t.after(() => service.stop());
  const runUntil = async (untilMs: number) => {
    for (let nextMs = await clock.asleep(); nextMs <= untilMs; nextMs = await clock.asleep()) clock.set(nextMs);
  };
  await service.start();
  await runUntil(START_MS + 3 * WINDOW_MS + GRACE_MS);
  await execute(server.url, 'ALTER ROLE log_reader NOLOGIN');
  await runUntil(START_MS + 10 * WINDOW_MS + GRACE_MS);
  assert.equal((await store.anomalies({})).length, 0);
  assert.match(service.status.reasons.join(), /log_reader.*not permitted to log in/);
  await execute(server.url, 'ALTER ROLE log_reader LOGIN');
  await runUntil(SPAN.toMs + GRACE_MS);
  assert.deepEqual(found(await store.anomalies({})), await foundOnFakes());
  assert.equal(service.status.status, 'ok');
});
