import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { LogError } from '@edgewood/logs';
import { activate, modelFile, parseAgentName } from '@edgewood/models';
import { MemoryLogSource } from '../../logs/src/testing/memory-log-source.ts';
import { MemoryModelFiles } from '../../models/src/testing/memory-model-files.ts';
import { DrivenClock } from './clock.ts';
import { parseConfig } from './config.ts';
import { PrometheusMetrics } from './metrics/prometheus-metrics.ts';
import { Service } from './service.ts';
import { ManualClock } from './testing/manual-clock.ts';
import { MemoryAnomalyStore } from './testing/memory-anomaly-store.ts';
import { RecordingLog } from './testing/recording-log.ts';
import { addModel, quietLog, START_MS, WINDOW_MS } from './testing/wifi-models.ts';

const GRACE_MS = 120_000;
const STORM = 3;
const wifi = parseAgentName('wifi');
const dueMs = (window: number) => START_MS + (window + 1) * WINDOW_MS + GRACE_MS;

function setUp(t: TestContext, { port = 0, driven }: { port?: number; driven?: DrivenClock } = {}) {
  const clock = new ManualClock(dueMs(0));
  const parts = {
    config: parseConfig(`http: {port: ${port}}`, 'test', {}),
    source: new MemoryLogSource(quietLog(12, { storms: [STORM] })),
    store: new MemoryAnomalyStore(),
    files: new MemoryModelFiles(),
    metrics: new PrometheusMetrics(),
    log: new RecordingLog(),
  };
  const service = new Service({ ...parts, clock: driven ?? clock });
  t.after(() => service.stop());
  const ask = async (path: string) => {
    const answer = await fetch(new URL(path, service.address ?? 'http://127.0.0.1:0'));
    return { code: answer.status, json: () => answer.json() as Promise<never>, text: () => answer.text() };
  };
  const health = async () => (await (await ask('/healthz')).json()) as { status: string; reasons: string[] };
  return { ...parts, clock, service, ask, health };
}

/** Moves the clock from one wake-up to the next until a time has come and all that was due then is done. */
async function runUntil(clock: ManualClock, untilMs: number): Promise<void> {
  for (let nextMs = await clock.asleep(); nextMs <= untilMs; nextMs = await clock.asleep()) clock.set(nextMs);
}

test('from a log to an anomaly over HTTP', async (t) => {
  const { service, files, clock, ask, health, log } = setUp(t);
  const version = await addModel(files);
  await service.start();
  await runUntil(clock, dueMs(5));

  const { anomalies } = (await (await ask('/api/anomalies')).json()) as { anomalies: Record<string, unknown>[] };
  assert.equal(anomalies.length, 1);
  assert.deepEqual(
    [anomalies[0]?.device_id, anomalies[0]?.window_start, anomalies[0]?.model_version],
    ['1', new Date(START_MS + STORM * WINDOW_MS).toISOString(), version],
  );
  assert.deepEqual(await health().then(({ status, reasons }) => [status, reasons]), ['ok', []]);
  assert.equal((await ask('/readyz')).code, 200);
  assert.match(await (await ask('/metrics')).text(), /^edgewood_windows_analysed_total\{agent="wifi"\} 12$/m);
  const models = (await (await ask('/api/models')).json()) as { agents: { active: string }[] };
  assert.equal(models.agents[0]?.active, version);
  assert.ok(log.lines.some((line) => /^warn: wifi: device 1, .* disassociation_events 40/.test(line)));
});

test('a service without a model says so, and works as soon as there is one', async (t) => {
  const { service, files, clock, health, ask, log, store } = setUp(t);
  await service.start();
  assert.equal((await ask('/readyz')).code, 503);
  const before = await health();
  assert.equal(before.status, 'degraded');
  assert.match(before.reasons.join(), /wifi: no model of wifi is active/);
  assert.equal(log.lines.filter((line) => line.includes('no model of wifi is active')).length, 1);

  const version = await addModel(files);
  await service.checkModels();
  await runUntil(clock, dueMs(1));
  assert.deepEqual(
    log.lines.filter((line) => line.includes('is in use')),
    [`info: wifi: model ${version} is in use`],
  );
  assert.equal(store.cursorMs('wifi'), START_MS + 2 * WINDOW_MS);
  assert.equal((await health()).status, 'ok');
});

test('a broken model leaves the old one at work, its reason is in the health, and a good one ends that', async (t) => {
  const { service, files, clock, health, store } = setUp(t);
  const good = await addModel(files);
  await service.start();
  const broken = await addModel(files, { trainedAtMs: START_MS + 60_000 });
  await files.remove(modelFile(wifi, broken));
  await files.write(modelFile(wifi, broken), new Uint8Array(100));
  await service.checkModels();
  await runUntil(clock, dueMs(STORM));
  const { status, reasons } = await health();
  assert.equal(status, 'degraded');
  assert.match(reasons.join(), new RegExp(`HASH_MISMATCH.*; ${good} stays in use$`));
  assert.equal(store.list({})[0]?.modelVersion, good);

  await activate(files, wifi, good);
  await service.checkModels();
  assert.equal((await health()).status, 'ok');
});

test('while the log source is away the service stays up and says why, and then loses nothing', async (t) => {
  const { service, files, clock, health, ask, source, store } = setUp(t);
  await addModel(files);
  source.failure = new LogError('SOURCE_UNREACHABLE', 'db:5432 refuses connections');
  await service.start();
  await runUntil(clock, dueMs(STORM + 1));
  const { status, reasons } = await health();
  assert.equal(status, 'degraded');
  assert.match(reasons.join(), /wifi: db:5432 refuses connections/);
  assert.match(reasons.join(), /wifi: the analysis is \d+ s behind/);
  assert.equal((await ask('/readyz')).code, 503);

  source.failure = undefined;
  await runUntil(clock, dueMs(STORM + 2));
  assert.equal(store.list({}).length, 1);
  assert.equal((await health()).status, 'ok');
  assert.equal((await ask('/readyz')).code, 200);
});

test('when nothing can be stored the service is failing, and recovers', async (t) => {
  const { service, files, clock, ask, store } = setUp(t);
  await addModel(files);
  store.failing = true;
  await service.start();
  await runUntil(clock, dueMs(0) + 1_000);
  const answer = await ask('/healthz');
  assert.equal(answer.code, 503);
  assert.match(await answer.text(), /"status":"failing".*the disk is full/);
  store.failing = false;
  await runUntil(clock, dueMs(1));
  assert.equal((await ask('/healthz')).code, 200);
});

test('a stop ends everything, twice too, and before the start', async (t) => {
  const { service, files, log } = setUp(t);
  await addModel(files);
  await service.start();
  const { address } = service;
  await service.stop();
  await service.stop();
  await assert.rejects(fetch(new URL('/healthz', address ?? 'http://127.0.0.1:0')));
  const lines = log.lines.length;
  service.events.emit('source:ready', { description: 'nobody listens', warnings: [] });
  assert.equal(log.lines.length, lines);
  await setUp(t).service.stop();
});

test('a port that is taken is an error that names it', async (t) => {
  const first = setUp(t).service;
  await first.start();
  const port = Number(new URL(first.address ?? '').port);
  const second = setUp(t, { port }).service;
  await assert.rejects(second.start(), { code: 'CANNOT_LISTEN', message: new RegExp(`127\\.0\\.0\\.1:${port}`) });
});

test('a replay counts what it analysed, and a stop ends it', async (t) => {
  const span = { fromMs: START_MS, toMs: START_MS + 12 * WINDOW_MS };
  const whole = setUp(t, { driven: new DrivenClock(span.fromMs) });
  await addModel(whole.files);
  await whole.service.open();
  assert.deepEqual(await whole.service.replay(span), { windows: 24, anomalies: 1 });

  const cut = setUp(t, { driven: new DrivenClock(span.fromMs) });
  await addModel(cut.files);
  await cut.service.open();
  cut.service.events.on('cycle:finished', ({ toMs }) => {
    if (toMs === span.fromMs + 5 * WINDOW_MS) void cut.service.stop();
  });
  await assert.rejects(cut.service.replay(span), { name: 'AbortError' });
  assert.equal(cut.store.cursorMs('wifi'), span.fromMs + 5 * WINDOW_MS);
});
