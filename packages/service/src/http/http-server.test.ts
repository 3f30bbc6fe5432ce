import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { agentStatusOf } from '../testing/fake-service-control.ts';
import { createHttpParts } from '../testing/http-parts.ts';
import { createHttpServer } from './http-server.ts';

test('/healthz says what is wrong and is still 200: the process is alive', async () => {
  const parts = createHttpParts();
  parts.control.sourceDown = true;
  parts.control.agents = [agentStatusOf('wifi', { lagMs: 90_000 })];
  const answer = await createHttpServer(parts).inject('/healthz');
  assert.equal(answer.statusCode, 200);
  const { status, reasons, time, started_at, agents } = answer.json();
  assert.deepEqual([status, reasons], ['degraded', ['the log source does not answer']]);
  assert.deepEqual([time, started_at], ['1970-01-01T00:15:00.000Z', '1970-01-01T00:00:00.000Z']);
  assert.deepEqual([agents[0].model_version, agents[0].lag_seconds], ['20250608_230000', 90]);
});

test('/healthz is 503 when what is found cannot be kept', async () => {
  const parts = createHttpParts();
  parts.control.agents = [agentStatusOf('wifi', { storeFailed: true })];
  const answer = await createHttpServer(parts).inject('/healthz');
  assert.deepEqual([answer.statusCode, answer.json().status], [503, 'failing']);
});

test('/readyz is 503 until the service is ready', async () => {
  const parts = createHttpParts();
  const server = createHttpServer(parts);
  assert.equal((await server.inject('/readyz')).statusCode, 200);
  parts.control.sourceDown = true;
  assert.equal((await server.inject('/readyz')).statusCode, 503);
});

test('/metrics is the text of Prometheus, with the lag of now', async () => {
  const parts = createHttpParts();
  parts.control.agents = [agentStatusOf('wifi', { lagMs: 90_000 })];
  const answer = await createHttpServer(parts).inject('/metrics');
  assert.match(String(answer.headers['content-type']), /^text\/plain; version=0\.0\.4/);
  assert.match(answer.body, /^edgewood_window_lag_seconds\{agent="wifi"\} 90$/m);
});

test('an address that cannot be decoded is 400 in the shape of every error', async () => {
  const answer = await createHttpServer(createHttpParts()).inject('/%zz');
  assert.deepEqual([answer.statusCode, answer.json().error.code], [400, 'BAD_REQUEST']);
});

test('the server closes at once although somebody keeps a connection open', async () => {
  const server = createHttpServer(createHttpParts());
  const address = await server.listen({ host: '127.0.0.1', port: 0 });
  const connection = connect(Number(new URL(address).port), '127.0.0.1');
  await once(connection, 'connect');
  const ended = once(connection, 'close');
  await server.close();
  await ended;
});

test('what is not there is 404', async () => {
  const missing = await createHttpServer(createHttpParts()).inject('/nothing');
  assert.equal(missing.statusCode, 404);
  assert.deepEqual(missing.json(), { error: { code: 'NOT_FOUND', message: 'there is no GET /nothing; see /' } });
});

test('a store that fails is 503 with its reason, and the log has it', async () => {
  const parts = createHttpParts();
  parts.store.failing = true;
  const answer = await createHttpServer(parts).inject('/api/anomalies');
  assert.deepEqual([answer.statusCode, answer.json().error.code], [503, 'STORE_FAILED']);
  assert.match(parts.log.lines.join(), /^error: cannot answer GET \/api\/anomalies: the anomaly store memory failed/);
});

test('a mistake of ours is 500 without its details, which are in the log', async () => {
  const parts = createHttpParts();
  parts.store.anomalies = () => {
    throw new TypeError('secret path');
  };
  const answer = await createHttpServer(parts).inject('/api/anomalies');
  assert.deepEqual([answer.statusCode, answer.json().error.code], [500, 'INTERNAL']);
  assert.doesNotMatch(answer.body, /secret/);
  assert.match(parts.log.lines.join(), /secret path/);
});
