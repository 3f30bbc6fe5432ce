import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHttpParts, DEVICES, fill, slotAt } from '../testing/http-parts.ts';
import { createHttpServer } from './http-server.ts';

const CURRENT = '20250607_230000';
const CANDIDATE = '20250608_230000';
const SPAN = 'since=1970-01-01T00:00:00Z&until=1970-01-02T00:00:00Z';

/** The live version found both devices odd in the first three windows; the candidate finds those that are named. */
async function setUp(oddOf: (n: number) => readonly string[]) {
  const parts = createHttpParts();
  await fill(parts, 12);
  for (let n = 0; n < 12; n += 1) {
    const slot = slotAt(n, oddOf(n));
    const windows = slot.windows.map((window) => ({ ...window, modelVersion: CANDIDATE }));
    await parts.store.append({ ...slot, agent: 'wifi~shadow', windows, anomalies: [] });
  }
  parts.control.versions = [CURRENT];
  parts.control.shadow = { version: CANDIDATE, problem: undefined, analysedUntilMs: 0 };
  const server = createHttpServer(parts);
  const compare = async (path = `/api/models/wifi/comparison?${SPAN}`) => (await server.inject(path)).json();
  return { parts, server, compare };
}

test('a comparison says how far the versions agree, and which alerts are avoided and new, with examples', async () => {
  const [first, other] = DEVICES;
  const { compare } = await setUp((n) => (n < 3 ? [first] : n === 11 ? [other] : []));
  const { comparison, ...answer } = await compare();
  assert.deepEqual(answer, {
    agent: 'wifi',
    current_version: CURRENT,
    candidate_version: CANDIDATE,
    unknown: null,
    advice: `to make it live: edgewood models activate wifi ${CANDIDATE}`,
  });
  assert.deepEqual([comparison.since, comparison.until], ['1970-01-01T00:00:00.000Z', '1970-01-01T01:00:00.000Z']);
  assert.equal(comparison.windows, 24);
  assert.deepEqual(comparison.odd_windows, { both: 3, current: 3, candidate: 1, none: 17 });
  assert.equal(comparison.agreement, 20 / 24);
  assert.equal(comparison.rank_correlation.surprise, 1);
  assert.deepEqual(comparison.alerts, { current: 2, candidate: 2, avoided: 1, added: 1 });
  assert.equal(comparison.alerts_per_device_and_week.avoided, 84);
  assert.deepEqual(comparison.avoided, [
    {
      from: '1970-01-01T00:00:00.000Z',
      to: '1970-01-01T00:15:00.000Z',
      device_id: other,
      windows: 3,
      score: -0.7,
      surprise: 0.5,
      why: 'log_count 40 (usually 0–9)',
    },
  ]);
  assert.deepEqual(
    comparison.added.map(({ device_id, from, why }: Record<string, unknown>) => [device_id, from, why]),
    [[other, '1970-01-01T00:55:00.000Z', null]],
  );
});

test('what other versions judged does not count', async () => {
  const { parts, compare } = await setUp(() => []);
  parts.control.shadow = { version: '20250609_000000', problem: undefined, analysedUntilMs: 0 };
  const { comparison, unknown } = await compare();
  assert.deepEqual([comparison, unknown], [null, 'there is no time in the span that both judged']);
});

test('without a candidate, or one that judges, the answer says so', async () => {
  const { parts, compare } = await setUp(() => []);
  const unknown = async () => (await compare()).unknown;
  parts.control.shadow = undefined;
  assert.equal(await unknown(), 'no version of wifi is in the shadow');
  parts.control.shadow = { version: undefined, problem: 'it is damaged [HASH_MISMATCH]', analysedUntilMs: undefined };
  assert.equal(await unknown(), 'it is damaged [HASH_MISMATCH]');
  parts.control.shadow = { version: CURRENT, problem: `${CURRENT} is live itself`, analysedUntilMs: undefined };
  assert.equal(await unknown(), `${CURRENT} is live itself`);
  parts.control.shadow = { version: CANDIDATE, problem: undefined, analysedUntilMs: 0 };
  parts.control.versions = [];
  assert.equal(await unknown(), 'wifi has no version in use to compare with');
});

test('an agent that there is not is 404, and a span that ends before it begins 400', async () => {
  const { server } = await setUp(() => []);
  assert.equal((await server.inject('/api/models/dns/comparison')).statusCode, 404);
  const wrong = await server.inject(
    `/api/models/wifi/comparison?since=1970-01-02T00:00:00Z&until=1970-01-01T00:00:00Z`,
  );
  assert.equal(wrong.statusCode, 400);
});
