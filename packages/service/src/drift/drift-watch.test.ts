import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { agentProfile, createFeatureExtractor, tumblingWindows } from '@edgewood/features';
import { IsolationForest } from '@edgewood/isolation-forest';
import type { LogEntry } from '@edgewood/logs';
import { type ModelMetadata, parseVersion } from '@edgewood/models';
import { quantilesOf } from '../../../trainer/src/quantiles.ts';
import type { AnalysedSlot } from '../anomalies/anomaly-store.ts';
import { openSqliteAnomalyStore } from '../anomalies/sqlite-anomaly-store.ts';
import { PrometheusMetrics } from '../metrics/prometheus-metrics.ts';
import { metadataOf } from '../testing/fake-service-control.ts';
import { slotAt } from '../testing/http-parts.ts';
import { RecordingLog } from '../testing/recording-log.ts';
import { DriftWatch } from './drift-watch.ts';
import { LASTING_MS } from './retrain-advice.ts';

const VERSION = parseVersion('20250501_000000');
const START_MS = Date.parse('2025-05-01T00:00:00Z');
const WINDOW_MS = 900_000;
const DAY_MS = 86_400_000;
const FEATURES = ['log_count', 'disassociation_events', 'station_count'] as const;
const extractor = createFeatureExtractor({ agent: agentProfile('wifi'), features: FEATURES, windowMs: WINDOW_MS });
const { signal } = new AbortController();

/** Days of two access points where more stations come by day than by night, `rate` times as many as usual. */
async function* log(days: number, rate: (day: number) => number): AsyncGenerator<LogEntry[]> {
  for (let slot = 0; slot < (days * DAY_MS) / WINDOW_MS; slot += 1) {
    const fromMs = START_MS + slot * WINDOW_MS;
    const [day, hour] = [Math.floor((slot * WINDOW_MS) / DAY_MS), ((slot * WINDOW_MS) % DAY_MS) / 3_600_000];
    const usual = 4 + Math.round(3 * Math.sin((hour / 24) * 2 * Math.PI)) + ((slot * 7) % 5);
    yield ['1', '2'].flatMap((deviceId) => stationsOf(fromMs, deviceId, Math.round(usual * rate(day))));
  }
}

function stationsOf(fromMs: number, deviceId: string, count: number): LogEntry[] {
  return Array.from({ length: count }, (_, at) => ({
    timeMs: fromMs + at * 1_000,
    deviceId,
    program: 'hostapd',
    level: 'notice',
    message: `wlan0: AP-STA-CONNECTED 00:00:5e:00:53:${(at % 256).toString(16).padStart(2, '0')}`,
  }));
}

async function vectorsOf(days: number, rate: (day: number) => number) {
  const slots: { fromMs: number; vectors: { deviceId: string | null; vector: Float64Array }[] }[] = [];
  for await (const slot of tumblingWindows(log(days, rate), undefined, extractor)) {
    const vectors = slot.map((window) => ({ deviceId: window.deviceId, vector: extractor.extract(window) }));
    slots.push({ fromMs: slot[0]?.fromMs ?? 0, vectors });
  }
  return slots;
}

/** A forest of a week at the usual rate, and what its metadata says of that. */
async function train() {
  const vectors = (await vectorsOf(7, () => 1)).flatMap(({ vectors }) => vectors.map(({ vector }) => vector));
  const forest = new IsolationForest({ nEstimators: 20, randomState: 1 }).fit(vectors.map((vector) => [...vector]));
  const scores = forest.scoreSamples(samplesOf(vectors));
  const columns = FEATURES.map((name, at): [string, ReturnType<typeof quantilesOf>] => {
    return [name, quantilesOf(Float64Array.from(vectors, (vector) => vector[at] ?? 0))];
  });
  const quantiles = { feature_quantiles: Object.fromEntries(columns), score_quantiles: quantilesOf(scores) };
  return { forest, metadata: { ...metadataOf(VERSION), ...quantiles } };
}

function samplesOf(vectors: readonly Float64Array[]) {
  const data = Float64Array.from(vectors.flatMap((vector) => [...vector]));
  return { data, nSamples: vectors.length, nFeatures: FEATURES.length };
}

/** A service's store on disk after so many days, and a watch of it; the time can be set. */
async function setUp(t: TestContext, days: number, rate: (day: number) => number) {
  const folder = await mkdtemp(join(tmpdir(), 'edgewood-drift-'));
  const store = openSqliteAnomalyStore(join(folder, 'store.db'), () => assert.fail('the store is new'));
  t.after(async () => {
    await store.close();
    await rm(folder, { recursive: true });
  });
  const { forest, metadata } = await train();
  for (const { fromMs, vectors } of await vectorsOf(days, rate)) {
    const scores = forest.scoreSamples(samplesOf(vectors.map(({ vector }) => vector)));
    await store.append(
      slotOf(
        fromMs,
        vectors.map((of, at) => ({ ...of, score: scores[at] ?? 0 })),
      ),
    );
  }
  const time = { nowMs: START_MS + days * DAY_MS };
  const parts = { store, metrics: new PrometheusMetrics(), log: new RecordingLog(), nowMs: () => time.nowMs };
  const inUse = {
    model: { version: VERSION, metadata: metadata as ModelMetadata } as
      | { version: typeof VERSION; metadata: ModelMetadata }
      | undefined,
  };
  const users = [{ name: 'wifi', model: () => inUse.model }];
  return { ...parts, time, inUse, watch: () => new DriftWatch({ ...parts, users }) };
}

function slotOf(
  fromMs: number,
  windows: readonly { deviceId: string | null; vector: Float64Array; score: number }[],
): AnalysedSlot {
  const like = slotAt(0);
  return {
    ...like,
    fromMs,
    toMs: fromMs + WINDOW_MS,
    features: [...FEATURES],
    windows: windows.map((window) => ({
      ...like.windows[0],
      ...window,
      entries: 1,
      decision: 0.1,
      modelVersion: VERSION,
    })),
  };
}

test('a week like that of training has not moved, in any feature nor in the scores', async (t) => {
  const { watch, metrics, log } = await setUp(t, 7, () => 1);
  const [drift] = await watch().drifts();
  assert.equal(drift?.week.unknown, undefined);
  assert.equal(drift?.week.windows, 7 * 96 * 2);
  assert.ok((drift?.week.features.length ?? 0) === FEATURES.length);
  for (const { feature, index } of drift?.week.features ?? []) assert.ok(index < 0.02, `${feature} ${index}`);
  assert.ok((drift?.week.score?.index ?? 1) < 0.02);
  assert.deepEqual([drift?.sinceMs, drift?.retrainAdvised], [undefined, false]);
  const text = await metrics.expose();
  assert.match(text, /^edgewood_feature_drift\{agent="wifi",feature="log_count"\} 0\.0/m);
  assert.match(text, /^edgewood_score_drift\{agent="wifi"\} 0\.0/m);
  assert.match(text, /^edgewood_retrain_advised\{agent="wifi"\} 0$/m);
  assert.deepEqual(log.lines, []);
});

test('windows whose rate has doubled have moved far, and a person sees from what to what', async (t) => {
  const { watch } = await setUp(t, 14, (day) => (day < 7 ? 1 : 2));
  const [drift] = await watch().drifts();
  const [first] = drift?.week.features ?? [];
  assert.ok(['log_count', 'station_count'].includes(first?.feature ?? ''));
  assert.ok((first?.index ?? 0) > 0.25, `${first?.index}`);
  assert.equal(first?.now.p50, 2 * (first?.before.p50 ?? 0));
  assert.ok((drift?.week.score?.index ?? 0) > 0.25);
  const constant = drift?.week.features.find(({ feature }) => feature === 'disassociation_events');
  assert.ok((constant?.index ?? 1) < 0.01, 'what was always zero and still is has not moved');
});

test('training is advised once the change has lasted, once in the log, over a restart too, and until another version is in use', async (t) => {
  const { watch, time, log, metrics, inUse } = await setUp(t, 12, (day) => (day < 7 ? 1 : 2));
  const endMs = time.nowMs;
  let looking = watch();
  for (time.nowMs = endMs - LASTING_MS; time.nowMs <= endMs; time.nowMs += DAY_MS / 2) {
    assert.deepEqual(looking.advice, []);
    await looking.look(signal);
    looking = time.nowMs === endMs ? looking : watch(); // as after a restart
  }
  const [advice = ''] = looking.advice;
  assert.match(
    advice,
    /^wifi: what it sees has moved far from the training of 20250501_000000 since 2025-05-10: training is advised/,
  );
  await looking.look(signal);
  await watch().look(signal);
  assert.deepEqual(log.lines, [`warn: ${advice}`]);
  assert.match(await metrics.expose(), /^edgewood_retrain_advised\{agent="wifi"\} 1$/m);
  inUse.model = { ...(inUse.model as NonNullable<typeof inUse.model>), version: parseVersion('20250513_000000') };
  assert.deepEqual(looking.advice, []);
});

test('once a week a line of the log says how far things have moved', async (t) => {
  const { watch, time, log } = await setUp(t, 9, () => 1);
  const endMs = time.nowMs;
  for (time.nowMs = endMs - 8 * DAY_MS; time.nowMs <= endMs; time.nowMs += DAY_MS / 4) await watch().look(signal);
  assert.equal(log.lines.length, 1);
  assert.match(
    log.lines[0] ?? '',
    /^info: the last week of wifi against its training \(20250501_000000\): scores moved by 0\.0\d; largest drift of 3 features: /,
  );
});

test('nothing is said of less than a day, nor of windows that another version judged, and there is no metric of it', async (t) => {
  const { watch, time, inUse, metrics } = await setUp(t, 3, () => 1);
  time.nowMs = START_MS + DAY_MS - WINDOW_MS;
  const [young] = await watch().drifts();
  assert.match(young?.week.unknown ?? '', /judged 23 h, and less than 24 h/);
  assert.deepEqual([young?.week.score, young?.week.features], [undefined, []]);
  time.nowMs = START_MS + 3 * DAY_MS;
  const { metadata } = inUse.model as NonNullable<typeof inUse.model>;
  const version = parseVersion('20250502_000000');
  inUse.model = { version, metadata: { ...metadata, model_version: version } };
  const [other] = await watch().drifts();
  assert.deepEqual([other?.week.version, other?.week.windows], [version, 0]);
  assert.doesNotMatch(await metrics.expose(), /^edgewood_(feature|score)_drift\{/m);
});

test('metadata without quantiles, as of a Python script, is no reason to fail; an agent without a model is left out', async (t) => {
  const { watch, inUse } = await setUp(t, 2, () => 1);
  const looking = watch();
  inUse.model = { version: VERSION, metadata: metadataOf(VERSION) };
  assert.match((await looking.drifts())[0]?.week.unknown ?? '', /no quantiles/);
  inUse.model = undefined;
  assert.deepEqual(await looking.drifts(), []);
});

test('a look that is called off keeps nothing', async (t) => {
  const { watch, store } = await setUp(t, 2, () => 1);
  const looking = watch();
  const stopping = new AbortController();
  const look = looking.look(stopping.signal);
  stopping.abort();
  await look;
  assert.equal(await store.setting('agent wifi drift'), undefined);
  assert.deepEqual(looking.advice, []);
});
