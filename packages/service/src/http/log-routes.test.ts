import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogEntry } from '@edgewood/logs';
import { createHttpParts, DEVICES, fill } from '../testing/http-parts.ts';
import { createHttpServer } from './http-server.ts';

async function setUp() {
  const parts = createHttpParts();
  await fill(parts);
  return { parts, server: createHttpServer(parts) };
}

test('entries of the last hour come in order of time', async () => {
  const { server } = await setUp();
  const { entries, more } = (await server.inject('/api/logs?agent=wifi')).json();
  assert.deepEqual([entries.length, more], [30, false]);
  assert.deepEqual(entries[0], {
    time: '1970-01-01T00:00:00.000Z',
    device_id: DEVICES[0],
    program: 'hostapd',
    level: 'info',
    message: 'line 0',
  });
});

test('a device, a span and a limit choose', async () => {
  const { server } = await setUp();
  const query = 'agent=wifi&device=1&since=1970-01-01T00:01:00Z&until=1970-01-01T00:04:00Z&limit=2';
  const { entries, more } = (await server.inject(`/api/logs?${query}`)).json();
  assert.deepEqual(
    entries.map(({ message }: { message: string }) => message),
    ['line 2', 'line 4'],
  );
  assert.equal(more, true);
});

test('of a message of a megabyte the beginning comes', async () => {
  const { parts, server } = await setUp();
  parts.control.log.splice(0, parts.control.log.length, {
    ...(parts.control.log[0] as LogEntry),
    message: 'm'.repeat(1_000_000),
  });
  const [entry] = (await server.inject('/api/logs?agent=wifi')).json().entries;
  assert.equal(entry.message, `${'m'.repeat(2_000)}…`);
});

test('an agent that there is not is 404', async () => {
  const { server } = await setUp();
  const answer = await server.inject('/api/logs?agent=dns');
  assert.deepEqual([answer.statusCode, answer.json().error.code], [404, 'NOT_FOUND']);
});

test('more than a day is refused', async () => {
  const { server } = await setUp();
  const answer = await server.inject('/api/logs?agent=wifi&since=1969-12-01T00:00:00Z');
  assert.deepEqual(
    [answer.statusCode, answer.json().error.message],
    [400, 'since and until must lie at most a day apart'],
  );
});

test('whoever leaves before the answer ends the reading, and nothing is logged', async (t) => {
  const { parts, server } = await setUp();
  const reading = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  parts.control.entries = (_query, signal) => {
    reading.resolve();
    return new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        ended.resolve();
        reject(signal.reason);
      });
    });
  };
  const address = await server.listen({ host: '127.0.0.1', port: 0 });
  t.after(() => server.close());
  const leaving = new AbortController();
  const asking = fetch(`${address}/api/logs?agent=wifi`, { signal: leaving.signal });
  await reading.promise;
  leaving.abort();
  await assert.rejects(asking, { name: 'AbortError' });
  await ended.promise;
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(parts.log.lines, []);
});

test('an answer that takes too long is given up with 503, and the reading ends', async () => {
  const parts = createHttpParts();
  const ended = Promise.withResolvers<void>();
  parts.control.entries = (_query, signal) => {
    return new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        ended.resolve();
        reject(signal.reason);
      });
    });
  };
  const answer = await createHttpServer(parts, { answerMs: 20 }).inject('/api/logs?agent=wifi');
  assert.deepEqual([answer.statusCode, answer.json().error.code], [503, 'TIMEOUT']);
  await ended.promise;
});

test('no more than two questions read the log at the same time; the others wait', async () => {
  const { parts, server } = await setUp();
  const read = parts.control.entries.bind(parts.control);
  let reading = 0;
  let most = 0;
  parts.control.entries = async (query, signal) => {
    reading += 1;
    most = Math.max(most, reading);
    await new Promise((resolve) => setImmediate(resolve));
    reading -= 1;
    return read(query, signal);
  };
  const urls = ['/api/logs?agent=wifi', '/api/anomalies/1/logs'];
  const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => server.inject(urls[n % 2] as string)));
  for (const { statusCode } of answers) assert.equal(statusCode, 200);
  assert.equal(most, 2);
});
