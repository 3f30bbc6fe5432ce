import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHttpParts, DEVICES, fill } from '../testing/http-parts.ts';
import { createHttpServer } from './http-server.ts';

const notJudged = { score: null, decision: null, surprise: null, anomalous: false, modelVersion: null };

async function setUp(windows = 4) {
  const parts = createHttpParts();
  await fill(parts, windows);
  return { parts, server: createHttpServer(parts) };
}

test('windows come as series in columns, one a device, oldest first', async () => {
  const { server } = await setUp();
  const answer = (await server.inject('/api/windows?agent=wifi')).json();
  assert.deepEqual(answer, {
    agent: 'wifi',
    limited: false,
    series: [
      {
        device_id: DEVICES[0],
        window_seconds: 300,
        times: [0, 300, 600],
        scores: [-0.7, -0.7, -0.7],
        decisions: [-0.1, -0.1, -0.1],
        surprises: [0, 0.25, 0.5],
        anomalous: [0, 1, 2],
        entries: [0, 1, 2],
        features: {},
        failures: [],
      },
      {
        device_id: DEVICES[1],
        window_seconds: 300,
        times: [0, 300, 600],
        scores: [-0.7, -0.7, -0.7],
        decisions: [-0.1, -0.1, -0.1],
        surprises: [0, 0.25, 0.5],
        anomalous: [0, 1, 2],
        entries: [1, 2, 3],
        features: {},
        failures: [],
      },
    ],
  });
});

test('until is now by the clock of the analysis, and a time given is not in the span', async () => {
  const { server } = await setUp();
  const times = async (query: string) => {
    return (await server.inject(`/api/windows?agent=wifi&device=1&${query}`)).json().series[0]?.times;
  };
  assert.deepEqual(await times('until=1970-01-01T00:20:00Z'), [0, 300, 600, 900]);
  assert.deepEqual(await times('since=1970-01-01T00:05:00Z&until=1970-01-01T00:10:00Z'), [300]);
  assert.equal(await times('since=1970-01-01T00:05:00Z&until=1970-01-01T00:05:00Z'), undefined);
});

test('scores are rounded to six digits', async () => {
  const { server } = await setUp();
  const query = 'agent=wifi&since=1970-01-01T00:15:00Z&until=1970-01-01T01:00:00Z';
  const { series } = (await server.inject(`/api/windows?${query}`)).json();
  assert.deepEqual(
    series.map(({ scores, decisions }: { scores: number[]; decisions: number[] }) => [scores, decisions]),
    [
      [[-0.4], [0.2]],
      [[-0.511111], [0.088889]],
    ],
  );
});

test('features that are asked for come as columns: null for no number and for what the window has not', async () => {
  const { server } = await setUp();
  const { series } = (
    await server.inject('/api/windows?agent=wifi&device=1&features=log_count,station_count,x')
  ).json();
  assert.deepEqual(series[0].features, {
    log_count: [0, 1, 2],
    station_count: [null, null, null],
    x: [null, null, null],
  });
});

test('a feature called as something that every object has does no harm', async () => {
  const { server } = await setUp();
  const { series } = (await server.inject('/api/windows?agent=wifi&device=1&features=__proto__,constructor')).json();
  assert.deepEqual(series[0].features.constructor, [null, null, null]);
});

test('of more windows than the limit the newest come, and the answer says so', async () => {
  const { server } = await setUp();
  const { series, limited } = (await server.inject('/api/windows?agent=wifi&limit=3')).json();
  assert.equal(limited, true);
  assert.deepEqual(
    series.map(({ device_id, times }: { device_id: string; times: number[] }) => [device_id, times]),
    [
      [DEVICES[1], [300, 600]],
      [DEVICES[0], [600]],
    ],
  );
});

test('a window that the agent gave up has no score, and says why', async () => {
  const { parts, server } = await setUp();
  await parts.store.append({
    agent: 'wifi',
    fromMs: 1_200_000,
    toMs: 1_500_000,
    windows: [{ ...notJudged, deviceId: '1', entries: 4, failure: 'took too long' }],
    features: [],
    anomalies: [],
    quietMs: 0,
    analysedAtMs: 0,
  });
  const query = 'agent=wifi&since=1970-01-01T00:15:00Z&until=1970-01-01T01:00:00Z&device=1';
  const { series } = (await server.inject(`/api/windows?${query}`)).json();
  assert.deepEqual(series[0].scores, [-0.4, null]);
  assert.deepEqual(series[0].failures, [{ index: 1, reason: 'took too long' }]);
});

test('windows of another length are a series of their own', async () => {
  const { parts, server } = await setUp(1);
  await parts.store.append({
    agent: 'wifi',
    fromMs: 300_000,
    toMs: 360_000,
    windows: [{ ...notJudged, deviceId: '1', entries: 4, score: -0.5, decision: 0.1 }],
    features: [],
    anomalies: [],
    quietMs: 0,
    analysedAtMs: 0,
  });
  const { series } = (await server.inject('/api/windows?agent=wifi&device=1')).json();
  assert.deepEqual(
    series.map(({ window_seconds }: { window_seconds: number }) => window_seconds),
    [300, 60],
  );
});

test('an agent that nobody knows has no windows', async () => {
  const { server } = await setUp();
  assert.deepEqual((await server.inject('/api/windows?agent=dns')).json(), {
    agent: 'dns',
    series: [],
    limited: false,
  });
});

test('a month of minutes is an answer of less than two megabytes', async (t) => {
  const parts = createHttpParts();
  const minutes = 43_200;
  const windows = Array.from({ length: minutes }, (_, n) => ({
    agent: 'wifi',
    deviceId: '1',
    fromMs: 1_750_000_000_000 + n * 60_000,
    toMs: 1_750_000_000_000 + (n + 1) * 60_000,
    entries: n % 97,
    score: -0.4 - (n % 1_000) / 3_333,
    decision: 0.2 - (n % 1_000) / 3_333,
    surprise: (n % 1_000) / 300,
    anomalous: n % 1_000 === 999,
    modelVersion: null,
    vector: Float64Array.of(n, n / 7),
    features: ['a', 'b'],
  }));
  parts.store.windows = async () => windows;
  const answer = await createHttpServer(parts).inject(`/api/windows?agent=wifi&limit=${minutes}`);
  assert.equal(answer.json().series[0].times.length, minutes);
  t.diagnostic(`${answer.body.length} bytes`);
  assert.ok(answer.body.length < 2_000_000);
});

for (const [query, message] of [
  ['', 'agent must be given once'],
  ['agent=wifi&since=1970-01-02T00:00:00Z&until=1970-01-01T00:00:00Z', 'since must not be later than until'],
  ['agent=wifi&limit=50001', 'limit must be a whole number from 1 to 50000'],
  [`agent=wifi&features=${Array.from({ length: 51 }, (_, n) => `f${n}`).join()}`, 'features must be at most 50 names'],
  ['agent=wifi&features=a%00', 'features.0 must not hold the character NUL'],
] as const) {
  test(`the query ${query.slice(0, 60)} is refused: ${message}`, async () => {
    const { server } = await setUp(0);
    const answer = await server.inject(`/api/windows?${query}`);
    assert.deepEqual([answer.statusCode, answer.json().error.message], [400, message]);
  });
}
