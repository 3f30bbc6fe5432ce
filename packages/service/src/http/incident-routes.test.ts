import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHttpParts, DEVICES, fill } from '../testing/http-parts.ts';
import { createHttpServer } from './http-server.ts';

async function setUp() {
  const parts = createHttpParts();
  await fill(parts, 8);
  return createHttpServer(parts);
}

test('an incident has its span, its worst anomaly and whether it goes on', async () => {
  const { incidents, next_cursor } = (await (await setUp()).inject(`/api/incidents?device=1`)).json();
  assert.equal(next_cursor, null);
  assert.equal(incidents.length, 1);
  const { start, end, anomaly_count, severity, level, ongoing, review } = incidents[0];
  assert.deepEqual([start, end], ['1970-01-01T00:00:00.000Z', '1970-01-01T00:15:00.000Z']);
  assert.deepEqual([anomaly_count, severity, level, ongoing], [3, 0.3, 'low', false]);
  assert.deepEqual([review.state, review.by], ['resolved', 'service']);
});

test('one incident comes with its anomalies', async () => {
  const server = await setUp();
  const { incident, anomalies, next_cursor } = (await server.inject('/api/incidents/2')).json();
  assert.deepEqual([incident.id, incident.device_id, next_cursor], [2, DEVICES[1], null]);
  assert.equal(anomalies.length, 3);
  for (const { incident_id } of anomalies) assert.equal(incident_id, 2);
});

test('an incident that is not there is 404', async () => {
  const answer = await (await setUp()).inject('/api/incidents/99');
  assert.deepEqual([answer.statusCode, answer.json().error.code], [404, 'NOT_FOUND']);
});

test('incidents come in pages', async () => {
  const server = await setUp();
  const first = (await server.inject('/api/incidents?limit=1')).json();
  const second = (await server.inject(`/api/incidents?limit=1&cursor=${first.next_cursor}`)).json();
  assert.deepEqual([first.incidents[0].id, second.incidents[0].id], [2, 1]);
  const last = (await server.inject(`/api/incidents?limit=1&cursor=${second.next_cursor}`)).json();
  assert.deepEqual(last, { incidents: [], next_cursor: null });
});

test('incidents are not asked for by incident', async () => {
  assert.equal((await (await setUp()).inject('/api/incidents?incident=1')).statusCode, 400);
});
