/** A candidate beside a running service: real model files, a real store, over HTTP. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { activate, beginShadow, endShadow, LocalModelFiles, modelFile, parseAgentName } from '@edgewood/models';
import { MemoryLogSource } from '../../../logs/src/testing/memory-log-source.ts';
import { openSqliteAnomalyStore } from '../anomalies/sqlite-anomaly-store.ts';
import { parseConfig } from '../config.ts';
import { PrometheusMetrics } from '../metrics/prometheus-metrics.ts';
import { Service } from '../service.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { RecordingLog } from '../testing/recording-log.ts';
import { addModel, quietLog, START_MS, WINDOW_MS } from '../testing/wifi-models.ts';

const GRACE_MS = 120_000;
const STORM = 3;
const wifi = parseAgentName('wifi');
const dueMs = (window: number) => START_MS + (window + 1) * WINDOW_MS + GRACE_MS;

/** A service with a live version, and a newer one in its model directory. */
async function setUp(t: TestContext, { baseline = false } = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'edgewood-shadow-service-'));
  const models = join(directory, 'models');
  await mkdir(models);
  const files = new LocalModelFiles(models);
  const live = await addModel(files, { baseline });
  const candidate = await addModel(files, {
    trainedAtMs: START_MS + 60_000,
    randomState: 7,
    activated: false,
    baseline,
  });
  const clock = new ManualClock(dueMs(0));
  const config = 'http: {port: 0}\nagents: [{name: wifi}]\nmodels: {report: false}';
  const parts = {
    config: parseConfig(config, 'test', {}),
    source: new MemoryLogSource(quietLog(12, { storms: [STORM] })),
    store: openSqliteAnomalyStore(join(directory, 'store.sqlite')),
    files,
    metrics: new PrometheusMetrics(),
    log: new RecordingLog(),
    loadAgent: () => assert.fail('no agent of a third party here'),
  };
  const service = new Service({ ...parts, clock });
  t.after(async () => {
    await service.stop();
    await rm(directory, { recursive: true });
  });
  const ask = async (path: string) => {
    const answer = await fetch(new URL(path, service.address ?? 'http://127.0.0.1:0'));
    return answer.json() as Promise<never>;
  };
  const shadow = async () => {
    const { agents } = (await ask('/api/models')) as { agents: { shadow: { version: string; problem: string } }[] };
    return agents[0]?.shadow;
  };
  return { ...parts, live, candidate, clock, service, ask, shadow };
}

/** Moves the clock until a time has come and everybody who could sleep does. */
async function runUntil(clock: ManualClock, untilMs: number, sleepers = 2): Promise<void> {
  let nextMs = await clock.asleep(sleepers);
  for (; nextMs <= untilMs; nextMs = await clock.asleep(sleepers)) clock.set(nextMs);
}

test('a candidate judges the same windows as the live version, and alerts nobody', async (t) => {
  const { files, live, candidate, clock, service, store, log, shadow, ask } = await setUp(t);
  await beginShadow(files, wifi, candidate);
  const told: string[] = [];
  service.events.on('slot:analysed', ({ agent }) => told.push(agent));
  await service.start();
  await runUntil(clock, dueMs(STORM + 2));

  const span = { sinceMs: START_MS, untilMs: START_MS + 6 * WINDOW_MS };
  const [judged, beside] = await Promise.all(['wifi', 'wifi~shadow'].map((agent) => store.windows({ agent, ...span })));
  assert.deepEqual(
    beside?.map(({ deviceId, fromMs, entries }) => [deviceId, fromMs, entries]),
    judged?.map(({ deviceId, fromMs, entries }) => [deviceId, fromMs, entries]),
  );
  assert.deepEqual([...new Set(judged?.map(({ modelVersion }) => modelVersion))], [live]);
  assert.deepEqual([...new Set(beside?.map(({ modelVersion }) => modelVersion))], [candidate]);
  assert.deepEqual(
    beside?.filter(({ anomalous }) => anomalous).map(({ fromMs }) => fromMs),
    [START_MS + STORM * WINDOW_MS],
  );
  assert.equal((await shadow())?.version, candidate);
  assert.equal((await shadow())?.problem, null);
  assert.deepEqual([...new Set(told)], ['wifi']);
  assert.deepEqual(
    await ask('/healthz').then(({ status, agents }: { status: string; agents: [] }) => [status, agents.length]),
    ['ok', 1],
  );
  assert.ok(log.lines.includes(`info: wifi~shadow: model ${candidate} is in use`));
});

test('a candidate with a baseline is as surprised as a live version with the same', async (t) => {
  const { files, candidate, clock, service, store } = await setUp(t, { baseline: true });
  await beginShadow(files, wifi, candidate);
  await service.start();
  await runUntil(clock, dueMs(STORM + 2));
  const span = { sinceMs: START_MS, untilMs: START_MS + 6 * WINDOW_MS };
  const [judged, beside] = await Promise.all(
    ['wifi', 'wifi~shadow'].map(async (agent) => (await store.windows({ agent, ...span })).map((of) => of.surprise)),
  );
  assert.deepEqual(beside, judged);
  assert.ok(judged?.some((surprise) => (surprise ?? 0) > 4));
  assert.deepEqual(await store.anomalies({ agent: 'wifi~shadow' }), []);
});

test("a shadow's anomaly never opens an incident", async (t) => {
  const { files, candidate, clock, service, store } = await setUp(t);
  await beginShadow(files, wifi, candidate);
  await service.start();
  await runUntil(clock, dueMs(STORM + 2));
  const ofAll = async (agent: string) => {
    return [(await store.anomalies({ agent })).length, (await store.incidents({ agent })).length];
  };
  assert.deepEqual(
    [await ofAll('wifi'), await ofAll('wifi~shadow')],
    [
      [1, 1],
      [0, 0],
    ],
  );
  assert.ok((await store.changes(0, 100)).every(({ incident }) => incident?.agent === 'wifi'));
});

test('activating the candidate ends the shadow, and rolling back does not begin it again', async (t) => {
  const { files, live, candidate, clock, service, store, shadow, log } = await setUp(t);
  await beginShadow(files, wifi, candidate);
  await service.start();
  await runUntil(clock, dueMs(1));
  await service.activateModel('wifi', candidate);
  assert.equal(await shadow(), null);
  assert.equal(await files.identify('wifi_model_shadow.joblib'), undefined);
  assert.ok(log.lines.includes(`info: wifi~shadow: model ${candidate} is not in use any more`));
  await runUntil(clock, dueMs(3), 1);
  assert.equal((await store.progress('wifi~shadow'))?.cursorMs, START_MS + 2 * WINDOW_MS);
  assert.equal(await service.rollBackModel('wifi'), live);
  assert.equal(await shadow(), null);
});

test('a candidate that is made live by hand judges no longer in its own shadow, and goes on if that is taken back', async (t) => {
  const { files, live, candidate, clock, service, store, shadow } = await setUp(t);
  await beginShadow(files, wifi, candidate);
  await service.start();
  await runUntil(clock, dueMs(0));
  await activate(files, wifi, candidate);
  await service.reloadModels();
  assert.equal((await shadow())?.problem, `${candidate} is live itself`);
  await runUntil(clock, dueMs(2), 1);
  await activate(files, wifi, live);
  await service.reloadModels();
  await runUntil(clock, dueMs(3));
  assert.equal((await shadow())?.problem, null);
  assert.equal((await store.windows({ agent: 'wifi~shadow', sinceMs: 0, untilMs: dueMs(9) })).length, 8);
});

test('a broken candidate harms nobody, and its problem is shown', async (t) => {
  const { files, live, candidate, clock, service, store, shadow, ask } = await setUp(t);
  await beginShadow(files, wifi, candidate);
  await files.remove(modelFile(wifi, candidate));
  await files.write(modelFile(wifi, candidate), new Uint8Array(100));
  await service.start();
  await runUntil(clock, dueMs(STORM), 1);
  assert.match((await shadow())?.problem ?? '', /HASH_MISMATCH/);
  assert.equal(((await ask('/healthz')) as { status: string }).status, 'ok');
  assert.equal((await store.anomalies({}))[0]?.modelVersion, live);
  assert.deepEqual(await store.windows({ agent: 'wifi~shadow', sinceMs: 0, untilMs: dueMs(9) }), []);
});

test('a candidate that comes and goes while the service runs is taken up and left', async (t) => {
  const { files, candidate, clock, service, store, shadow } = await setUp(t);
  await service.start();
  assert.equal(await shadow(), null);
  await runUntil(clock, dueMs(1), 1);
  await beginShadow(files, wifi, candidate);
  await service.reloadModels();
  await runUntil(clock, dueMs(2));
  await endShadow(files, wifi);
  await service.reloadModels();
  await runUntil(clock, dueMs(4), 1);
  assert.equal(await shadow(), null);
  const windows = await store.windows({ agent: 'wifi~shadow', sinceMs: 0, untilMs: dueMs(9) });
  assert.deepEqual([...new Set(windows.map(({ fromMs }) => (fromMs - START_MS) / WINDOW_MS))], [1, 2]);
});

test('a candidate rests while its agent is switched off', async (t) => {
  const { files, candidate, clock, service, store, shadow } = await setUp(t);
  await beginShadow(files, wifi, candidate);
  await service.start();
  await runUntil(clock, dueMs(1));
  await service.switchAgent('wifi', false);
  clock.set(dueMs(4));
  assert.equal((await shadow())?.problem, 'the wifi agent is switched off');
  assert.equal((await store.progress('wifi~shadow'))?.cursorMs, START_MS + 2 * WINDOW_MS);
  await service.switchAgent('wifi', true);
  await runUntil(clock, dueMs(5));
  assert.equal((await store.progress('wifi~shadow'))?.cursorMs, START_MS + 6 * WINDOW_MS);
});
