import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { ServiceError } from '../errors.ts';
import { PrometheusMetrics } from '../metrics/prometheus-metrics.ts';
import type { ServiceStatus } from '../service-status.ts';
import { anomalyOf, slotOf } from '../testing/anomaly-store-contract.ts';
import { MemoryAnomalyStore } from '../testing/memory-anomaly-store.ts';
import { RecordingLog } from '../testing/recording-log.ts';
import { createHttpServer } from './http-server.ts';

const STATUS: ServiceStatus = {
  status: 'degraded',
  ready: false,
  reasons: ['wifi: no model of wifi is active'],
  nowMs: 0,
  agents: [
    {
      agent: 'wifi',
      modelVersion: undefined,
      modelProblem: 'no model of wifi is active',
      modelWarnings: [],
      analysedUntilMs: undefined,
      lagMs: 90_000,
      windowMs: undefined,
      lastError: undefined,
      storeFailed: false,
    },
  ],
};

function setUp(status: ServiceStatus = STATUS) {
  const store = new MemoryAnomalyStore();
  for (const n of [0, 1, 2]) store.append(slotOf(n, anomalyOf('a', n), anomalyOf('b', n)));
  const models = async () => ({ agents: [{ agent: 'wifi', versions: [] }] });
  return createHttpServer({
    status: () => status,
    store,
    models,
    metrics: new PrometheusMetrics(),
    log: new RecordingLog(),
  });
}

test('/healthz says what is wrong and is still 200: the process is alive', async () => {
  const answer = await setUp().inject('/healthz');
  assert.equal(answer.statusCode, 200);
  const { status, reasons, time, agents } = answer.json();
  assert.deepEqual([status, reasons, time], ['degraded', STATUS.reasons, '1970-01-01T00:00:00.000Z']);
  assert.deepEqual([agents[0].model_version, agents[0].lag_seconds], [null, 90]);
});

test('/healthz is 503 when what is found cannot be kept', async () => {
  const answer = await setUp({ ...STATUS, status: 'failing' }).inject('/healthz');
  assert.deepEqual([answer.statusCode, answer.json().status], [503, 'failing']);
});

test('/readyz is 503 until the service is ready', async () => {
  assert.equal((await setUp().inject('/readyz')).statusCode, 503);
  assert.equal((await setUp({ ...STATUS, ready: true }).inject('/readyz')).statusCode, 200);
});

test('/metrics is the text of Prometheus, with the lag of now', async () => {
  const answer = await setUp().inject('/metrics');
  assert.match(String(answer.headers['content-type']), /^text\/plain; version=0\.0\.4/);
  assert.match(answer.body, /^edgewood_window_lag_seconds\{agent="wifi"\} 90$/m);
});

test('/api/anomalies lists the newest first and chooses by query', async () => {
  const server = setUp();
  const all = (await server.inject('/api/anomalies')).json().anomalies;
  assert.equal(all.length, 6);
  assert.equal(all[0].window_start, '1970-01-01T00:10:00.000Z');
  assert.deepEqual(all[0].features[0].expected, { low: 0, high: 9 });
  const query = '?device=b&since=1970-01-01T00:05:00Z&until=1970-01-01T00:10:00Z';
  const some = (await server.inject(`/api/anomalies${query}`)).json().anomalies;
  assert.deepEqual(
    some.map((anomaly: { device_id: string }) => anomaly.device_id),
    ['b'],
  );
});

test('times may be of another zone, whether or not its plus sign is escaped', async () => {
  const server = setUp();
  for (const plus of ['+', '%2B']) {
    const answer = await server.inject(`/api/anomalies?since=1970-01-01T02:10:00${plus}02:00`);
    assert.equal(answer.json().anomalies.length, 2, plus);
  }
});

test('an anomaly has its number, and every field a name in snake_case', async () => {
  const [anomaly] = (await setUp().inject('/api/anomalies?limit=1')).json().anomalies;
  assert.equal(typeof anomaly.id, 'number');
  for (const key of Object.keys(anomaly)) assert.match(key, /^[a-z]+(_[a-z]+)*$/);
});

const WRONG_QUERIES: readonly [string, string][] = [
  ['limit=0', 'limit must be a whole number from 1 to 1000'],
  ['limit=1001', 'limit must be a whole number from 1 to 1000'],
  ['limit=', 'limit must be a whole number from 1 to 1000'],
  ['limit=many', 'limit must be a whole number from 1 to 1000'],
  ['since=yesterday', 'since must be a time such as 2025-05-01T00:00:00Z, given once'],
  ['until=2025-02-30T00:00:00Z', 'until must be a time such as 2025-05-01T00:00:00Z, given once'],
  ['agent=wifi&agent=dns', 'agent must be given once'],
  ['devise=1&x=2', 'there is no devise and no x'],
  [
    'since=now&limit=-1',
    'since must be a time such as 2025-05-01T00:00:00Z, given once; limit must be a whole number from 1 to 1000',
  ],
];

for (const [query, message] of WRONG_QUERIES) {
  test(`the query ${query} is 400 and the answer names what is wrong`, async () => {
    const answer = await setUp().inject(`/api/anomalies?${query}`);
    assert.equal(answer.statusCode, 400);
    assert.deepEqual(answer.json(), { error: { code: 'BAD_REQUEST', message } });
  });
}

test('an address that cannot be decoded is 400 in the shape of every error', async () => {
  const answer = await setUp().inject('/%zz');
  assert.deepEqual([answer.statusCode, answer.json().error.code], [400, 'BAD_REQUEST']);
});

test('/api/models lists the versions and which one is in use', async () => {
  const versions = [
    { version: '20250607_230000', active: true, complete: true },
    { version: '20250608_230000', active: false, complete: false },
  ];
  const agents = [{ agent: 'wifi', active: '20250607_230000', versions }];
  const answer = await createHttpServer({
    status: () => STATUS,
    store: new MemoryAnomalyStore(),
    models: async () => ({ agents }),
    metrics: new PrometheusMetrics(),
    log: new RecordingLog(),
  }).inject('/api/models');
  assert.deepEqual(answer.json(), { agents });
});

test('nothing can be changed over HTTP', async () => {
  const server = setUp();
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] as const) {
    assert.equal((await server.inject({ method, url: '/api/anomalies' })).statusCode, 404, method);
  }
});

test('the server closes at once although somebody keeps a connection open', async () => {
  const server = setUp();
  const address = await server.listen({ host: '127.0.0.1', port: 0 });
  const connection = connect(Number(new URL(address).port), '127.0.0.1');
  await once(connection, 'connect');
  const ended = once(connection, 'close');
  await server.close();
  await ended;
});

test('what is not there is 404, and the root lists what is', async () => {
  const server = setUp();
  const missing = await server.inject('/nothing');
  assert.deepEqual([missing.statusCode, missing.json().error.code], [404, 'NOT_FOUND']);
  assert.match((await server.inject('/')).body, /\/healthz.*\/api\/models/s);
});

test('a store that fails is 503 with its reason, and the log has it', async () => {
  const log = new RecordingLog();
  const store = new MemoryAnomalyStore();
  store.list = () => {
    throw new ServiceError('STORE_FAILED', 'the disk is full');
  };
  const models = async () => ({ agents: [] });
  const server = createHttpServer({ status: () => STATUS, store, models, metrics: new PrometheusMetrics(), log });
  const answer = await server.inject('/api/anomalies');
  assert.deepEqual([answer.statusCode, answer.json().error.code], [503, 'STORE_FAILED']);
  assert.deepEqual(log.lines, ['error: cannot answer /api/anomalies: the disk is full']);
});

test('a mistake of ours is 500 without its details, which are in the log', async () => {
  const log = new RecordingLog();
  const status = () => {
    throw new Error('secret path');
  };
  const models = async () => ({ agents: [] });
  const parts = { status, store: new MemoryAnomalyStore(), models, metrics: new PrometheusMetrics(), log };
  const answer = await createHttpServer(parts).inject('/healthz');
  assert.deepEqual([answer.statusCode, answer.json().error.code], [500, 'INTERNAL']);
  assert.doesNotMatch(answer.body, /secret/);
  assert.match(log.lines[0] ?? '', /secret path/);
});
