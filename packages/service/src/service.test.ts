import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { LogError } from '@edgewood/logs';
import { activate, modelFile, parseAgentName, parseTrustedKeys } from '@edgewood/models';
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
    config: parseConfig(`http: {port: ${port}}\nagents: [{name: wifi}]`, 'test', {}),
    source: new MemoryLogSource(quietLog(12, { storms: [STORM] })),
    store: new MemoryAnomalyStore(),
    files: new MemoryModelFiles(),
    metrics: new PrometheusMetrics(),
    log: new RecordingLog(),
    loadAgent: () => assert.fail('no agent of a third party here'),
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
  const models = (await (await ask('/api/models')).json()) as { agents: { in_use: { version: string } }[] };
  assert.equal(models.agents[0]?.in_use.version, version);
  assert.ok(log.lines.some((line) => /^warn: wifi: device 1, .* disassociation_events 40/.test(line)));
});

test('what its agents cannot see is told over HTTP, and what no pattern knows is counted', async (t) => {
  const { service, source, clock, ask } = setUp(t);
  const at = { timeMs: START_MS, deviceId: '1', level: 'notice' };
  const usual = { ...at, program: 'hostapd', message: 'wlan0: AP-STA-CONNECTED 00:00:5e:00:53:01' };
  source.entries.push(...Array.from({ length: 100 }, () => usual));
  for (const program of ['hostapd', 'crond']) source.entries.push({ ...at, program, message: 'the aerial fell down' });
  await service.start();
  const found = (await (await ask('/api/blind-spots')).json()) as Record<string, Record<string, unknown>[]>;
  assert.equal(found.looked_at, new Date(clock.nowMs()).toISOString());
  assert.equal(found.unread_programs?.[0]?.program, 'crond');
  assert.match(JSON.stringify(found.devices?.[0]?.blind_spots), /log_level/);
  assert.match(JSON.stringify(found.unknown_messages), /the aerial fell down/);
  assert.match(await (await ask('/metrics')).text(), /^edgewood_unknown_messages_total\{agent="wifi"\} 0$/m);
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
  await service.reloadModels();
  await runUntil(clock, dueMs(1));
  assert.deepEqual(
    log.lines.filter((line) => line.includes('is in use')),
    [`info: wifi: model ${version} is in use`],
  );
  assert.equal((await store.progress('wifi'))?.cursorMs, START_MS + 2 * WINDOW_MS);
  assert.equal((await health()).status, 'ok');
});

test('a broken model leaves the old one at work, its reason is in the health, and a good one ends that', async (t) => {
  const { service, files, clock, health, store } = setUp(t);
  const good = await addModel(files);
  await service.start();
  const broken = await addModel(files, { trainedAtMs: START_MS + 60_000 });
  await files.remove(modelFile(wifi, broken));
  await files.write(modelFile(wifi, broken), new Uint8Array(100));
  await service.reloadModels();
  await runUntil(clock, dueMs(STORM));
  const { status, reasons } = await health();
  assert.equal(status, 'degraded');
  assert.match(reasons.join(), new RegExp(`HASH_MISMATCH.*; ${good} stays in use$`));
  assert.equal((await store.anomalies({}))[0]?.modelVersion, good);

  await activate(files, wifi, good);
  await service.reloadModels();
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
  assert.equal((await store.anomalies({})).length, 1);
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
  assert.match(await answer.text(), /"status":"failing".*the anomaly store memory failed/);
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
  assert.equal((await cut.store.progress('wifi'))?.cursorMs, span.fromMs + 5 * WINDOW_MS);
});

test('an agent that is switched off rests, also after a restart, and then catches up', async (t) => {
  const { service, files, clock, health, store, ...parts } = setUp(t);
  await addModel(files);
  await service.start();
  await runUntil(clock, dueMs(1));
  await service.switchAgent('wifi', false);
  await assert.rejects(service.switchAgent('dns', false), { code: 'NOT_FOUND', message: /there are: wifi/ });
  clock.set(dueMs(4));
  assert.equal((await store.progress('wifi'))?.cursorMs, START_MS + 2 * WINDOW_MS);
  assert.equal((await health()).status, 'ok');
  await service.stop();

  const again = new Service({ ...parts, files, store, clock });
  t.after(() => again.stop());
  await again.start();
  assert.deepEqual(
    again.status.agents.map(({ enabled }) => enabled),
    [false],
  );
  await again.switchAgent('wifi', true);
  await runUntil(clock, dueMs(5));
  assert.equal((await store.progress('wifi'))?.cursorMs, START_MS + 6 * WINDOW_MS);
  assert.equal((await store.anomalies({})).length, 1);
});

test('a version is activated and rolled back, and is in use at once', async (t) => {
  const { service, files } = setUp(t);
  const older = await addModel(files);
  const newer = await addModel(files, { trainedAtMs: START_MS + 60_000, activated: false });
  await service.start();
  const inUse = async () => (await service.models())[0]?.inUse?.version;
  await service.activateModel('wifi', newer);
  assert.equal(await inUse(), newer);
  assert.equal(await service.rollBackModel('wifi'), older);
  assert.equal(await inUse(), older);
  await assert.rejects(service.activateModel('wifi', '20200101_000000'), { code: 'VERSION_NOT_FOUND' });
  await assert.rejects(service.activateModel('wifi', '../../etc'), { code: 'BAD_NAME' });
  assert.equal(await inUse(), older);
});

test('what a crash kept from being told is told at the next start, once', async (t) => {
  const { service, files, clock, store, ...parts } = setUp(t);
  await addModel(files);
  store.markAnnounced = async () => assert.fail('the process ended here');
  await service.start();
  await runUntil(clock, dueMs(STORM));
  await service.stop();
  const { markAnnounced } = Object.getPrototypeOf(store) as typeof store;
  store.markAnnounced = markAnnounced.bind(store);
  const told: string[] = [];
  for (const _start of [1, 2]) {
    const again = new Service({ ...parts, files, store, clock });
    again.events.on('incident:opened', ({ incident }) => told.push(String(incident?.deviceId)));
    await again.open();
    await again.stop();
  }
  assert.deepEqual(told, ['1']);
});

test('the entries of a window can be asked for, and a person can judge what was found', async (t) => {
  const { service, files, clock, store } = setUp(t);
  await addModel(files);
  await service.start();
  await runUntil(clock, dueMs(STORM));
  const [anomaly] = await store.anomalies({});
  assert.ok(anomaly !== undefined);
  const query = { agent: 'wifi', deviceId: '1', span: anomaly, limit: 10 };
  const { entries, more } = await service.entries(query, new AbortController().signal);
  assert.deepEqual([entries.length, more], [10, true]);
  assert.ok(entries.every(({ deviceId }) => deviceId === '1'));
  const told: string[] = [];
  service.events.on('incident:reviewed', ({ incident }) => told.push(incident?.review.state ?? ''));
  const judgement = {
    of: 'incident',
    id: anomaly.incidentId,
    state: 'false_positive',
    note: 'tested',
    atMs: 1,
  } as const;
  await service.review(judgement);
  assert.deepEqual(told, ['false_positive']);
  assert.equal((await store.anomaly(anomaly.id))?.review.state, 'false_positive');
  await assert.rejects(service.review({ ...judgement, id: 99 }), { code: 'NOT_FOUND' });
});

test('with keys configured a model that is not signed is refused, and the health says why', async (t) => {
  const { files, clock, health: _, ...parts } = setUp(t);
  await addModel(files);
  const pem = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' });
  const service = new Service({ ...parts, files, clock, trustedKeys: parseTrustedKeys(String(pem), 'key.pem') });
  t.after(() => service.stop());
  await service.start();
  assert.match(service.status.reasons.join(), /SIGNATURE_MISSING/);
  assert.equal(service.status.ready, false);
});
