import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHttpParts, fill, slotAt } from '../testing/http-parts.ts';
import { createHttpServer } from './http-server.ts';

async function setUp() {
  const parts = createHttpParts();
  await fill(parts);
  return { parts, server: createHttpServer(parts) };
}

interface Found {
  readonly id: number;
  readonly device_id: string;
  readonly window_start: string;
}

test('/api/anomalies lists the newest first and chooses by query', async () => {
  const { server } = await setUp();
  const all = (await server.inject('/api/anomalies')).json().anomalies;
  assert.equal(all.length, 6);
  assert.equal(all[0].window_start, '1970-01-01T00:10:00.000Z');
  assert.deepEqual(all[0].features[0].expected, { low: 0, high: 9 });
  const query = '?device=ap%20%22s%C3%BCd%22&since=1970-01-01T00:05:00Z&until=1970-01-01T00:10:00Z';
  const some: Found[] = (await server.inject(`/api/anomalies${query}`)).json().anomalies;
  assert.deepEqual(
    some.map(({ device_id, window_start }) => [device_id, window_start]),
    [['ap "süd"', '1970-01-01T00:05:00.000Z']],
  );
});

test('a value that is no number is null', async () => {
  const { server } = await setUp();
  const [{ features }] = (await server.inject('/api/anomalies?limit=1')).json().anomalies;
  assert.deepEqual(features[1], { feature: 'station_count', value: null, contribution: 0 });
});

test('an anomaly says which detectors alarmed, and what was surprising', async () => {
  const { parts, server } = await setUp();
  const reason = { signal: 'errors', minutes: 15, count: 12, expected: 0.02, score: 5.75 };
  const surprise = { score: 5.75, threshold: 4.3, reasons: [reason] };
  const slot = slotAt(20, ['1']);
  const anomalies = slot.anomalies.map((of) => ({ ...of, detectors: ['surprise'] as const, surprise }));
  await parts.store.append({ ...slot, anomalies });
  const [found, before] = (await server.inject('/api/anomalies?limit=2')).json().anomalies;
  assert.deepEqual([found.detectors, found.surprise], [['surprise'], surprise]);
  assert.deepEqual([before.detectors, before.surprise], [['forest'], null]);
});

const CHOICES: readonly [string, number][] = [
  ['agent=wifi', 6],
  ['agent=dns', 0],
  ['state=open', 6],
  ['state=resolved', 0],
  ['min_severity=0.3', 6],
  ['min_severity=0.31', 0],
  ['incident=1', 3],
  ['incident=99', 0],
];

for (const [query, count] of CHOICES) {
  test(`of six anomalies ${query} chooses ${count}`, async () => {
    const { server } = await setUp();
    assert.equal((await server.inject(`/api/anomalies?${query}`)).json().anomalies.length, count);
  });
}

test('times may be of another zone, whether or not its plus sign is escaped', async () => {
  const { server } = await setUp();
  for (const plus of ['+', '%2B']) {
    const answer = await server.inject(`/api/anomalies?since=1970-01-01T02:10:00${plus}02:00`);
    assert.equal(answer.json().anomalies.length, 2, plus);
  }
});

test('pages of any length give every anomaly once, in the order of one long page', async () => {
  const { server } = await setUp();
  const whole: Found[] = (await server.inject('/api/anomalies')).json().anomalies;
  for (const limit of [1, 2, 4, 5, 6, 7]) {
    const found: Found[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const page = (await server.inject(`/api/anomalies?limit=${limit}${query}`)).json();
      found.push(...page.anomalies);
      cursor = page.next_cursor;
    }
    assert.deepEqual(found, whole, `limit ${limit}`);
  }
});

test('an anomaly has its number, and every field a name in snake_case', async () => {
  const { server } = await setUp();
  const anomaly = (await server.inject('/api/anomalies/2')).json();
  assert.equal(anomaly.id, 2);
  for (const key of Object.keys(anomaly)) assert.match(key, /^[a-z]+(_[a-z]+)*$/);
});

test('an anomaly that is not there is 404', async () => {
  const { server } = await setUp();
  for (const path of ['/api/anomalies/99', '/api/anomalies/99/logs']) {
    const answer = await server.inject(path);
    const message = 'there is no anomaly 99; see /api/anomalies';
    assert.deepEqual([answer.statusCode, answer.json()], [404, { error: { code: 'NOT_FOUND', message } }]);
  }
});

test("an anomaly's lines are those of its device and window", async () => {
  const { server } = await setUp();
  const { device_id, window_start } = (await server.inject('/api/anomalies/3')).json();
  const { entries, more } = (await server.inject('/api/anomalies/3/logs')).json();
  assert.deepEqual([entries.length, more], [5, false]);
  for (const entry of entries) assert.equal(entry.device_id, device_id);
  assert.equal(entries[0].time, window_start);
  const first = (await server.inject('/api/anomalies/3/logs?limit=2')).json();
  assert.deepEqual([first.entries, first.more], [entries.slice(0, 2), true]);
});

test('a log source that does not answer is 503 with its reason', async () => {
  const { parts, server } = await setUp();
  parts.control.sourceDown = true;
  const answer = await server.inject('/api/anomalies/3/logs');
  assert.deepEqual([answer.statusCode, answer.json().error.code], [503, 'SOURCE_UNREACHABLE']);
});

const WHOLE = 'must be a whole number from 1 to 1000';
const TIME = 'must be a time such as 2025-05-01T00:00:00Z, given once';
const WRONG_QUERIES: readonly [string, string][] = [
  ['limit=0', `limit ${WHOLE}`],
  ['limit=1001', `limit ${WHOLE}`],
  ['limit=', `limit ${WHOLE}`],
  ['limit=1e2', `limit ${WHOLE}`],
  ['limit=many', `limit ${WHOLE}`],
  ['limit=1&limit=2', `limit ${WHOLE}`],
  ['since=yesterday', `since ${TIME}`],
  ['until=2025-02-30T00:00:00Z', `until ${TIME}`],
  ['agent=wifi&agent=dns', 'agent must be given once'],
  ['agent=', 'agent must not be empty'],
  ['device=a%00b', 'device must not hold the character NUL'],
  ['state=closed', 'state must be one of open, acknowledged, resolved, false_positive'],
  ['min_severity=2', 'min_severity must be a number from 0 to 1'],
  ['incident=-1', 'incident must be a whole number from 1, of at most 15 digits'],
  ['cursor=abc', 'cursor must be the next_cursor of an answer'],
  ['devise=1&x=2', 'there is no devise and no x'],
  ['since=now&limit=-1', `since ${TIME}; limit ${WHOLE}`],
];

for (const [query, message] of WRONG_QUERIES) {
  test(`the query ${query} is 400 and the answer names what is wrong`, async () => {
    const { server } = await setUp();
    const answer = await server.inject(`/api/anomalies?${query}`);
    assert.equal(answer.statusCode, 400);
    assert.deepEqual(answer.json(), { error: { code: 'BAD_REQUEST', message } });
  });
}
