import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { pino } from 'pino';
import { createHttpParts, fill } from '../testing/http-parts.ts';
import { createHttpServer } from './http-server.ts';

const TOKEN = 'tYh3-secret-token-of-a-test';
const TOKENS = [`sha256:${createHash('sha256').update(TOKEN).digest('hex')}`];
const authorization = `Bearer ${TOKEN}`;

/** One change that would be made if it were let through. */
const CHANGE = { method: 'POST', url: '/api/agents/wifi/disable' } as const;

function isEnabled({ control }: ReturnType<typeof createHttpParts>): boolean | undefined {
  return control.status.agents[0]?.enabled;
}

test('without a configured token nothing can be changed, and the answer says how to configure one', async () => {
  const parts = createHttpParts();
  const answer = await createHttpServer(parts).inject({ ...CHANGE, headers: { authorization } });
  assert.deepEqual([answer.statusCode, answer.json().error.code], [403, 'NO_TOKEN_CONFIGURED']);
  assert.match(answer.json().error.message, /edgewood config token.*http\.tokens/);
  assert.equal(isEnabled(parts), true);
});

for (const [title, headers, challenge] of [
  ['without a token', {}, 'Bearer realm="edgewood"'],
  ['with a wrong one', { authorization: 'Bearer wrong' }, 'Bearer realm="edgewood", error="invalid_token"'],
  [
    'with the hash of one',
    { authorization: `Bearer ${TOKENS[0]?.slice(7)}` },
    'Bearer realm="edgewood", error="invalid_token"',
  ],
  ['with one in another scheme', { authorization: `Basic ${TOKEN}` }, 'Bearer realm="edgewood"'],
  ['with one in a cookie', { cookie: `token=${TOKEN}` }, 'Bearer realm="edgewood"'],
] as const) {
  test(`a change ${title} is 401 and nothing is changed`, async () => {
    const parts = createHttpParts({ tokens: TOKENS });
    const answer = await createHttpServer(parts).inject({ ...CHANGE, headers });
    assert.deepEqual([answer.statusCode, answer.json().error.code], [401, 'UNAUTHORIZED']);
    assert.equal(answer.headers['www-authenticate'], challenge);
    assert.equal(isEnabled(parts), true);
  });
}

test('every route that is not a question needs a token', async () => {
  const parts = createHttpParts({ tokens: TOKENS });
  const server = createHttpServer(parts);
  const { paths } = (await server.inject('/api/openapi.json')).json();
  let changes = 0;
  for (const [path, methods] of Object.entries<object>(paths)) {
    for (const method of Object.keys(methods)) {
      if (method === 'get' || path === '/api/models/{agent}/check') continue; // questions
      const url = path.replace('{agent}', 'wifi').replace('{id}', '1');
      const answer = await server.inject({ method: method.toUpperCase() as 'POST', url, payload: {} });
      assert.equal(answer.statusCode, 401, `${method} ${path}`);
      changes += 1;
    }
  }
  assert.equal(changes, 7);
  for (const method of ['PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const) {
    assert.equal((await server.inject({ method, url: '/api/anomalies' })).statusCode, 401, method);
  }
});

test('with a token the change is made; each of several tokens will do', async () => {
  const parts = createHttpParts({ tokens: [`sha256:${'0'.repeat(64)}`, ...TOKENS] });
  const answer = await createHttpServer(parts).inject({ ...CHANGE, headers: { authorization } });
  assert.deepEqual([answer.statusCode, answer.json().enabled], [200, false]);
  assert.equal(isEnabled(parts), false);
});

test('tokens that are changed while the server runs hold from the next request on', async () => {
  const parts = createHttpParts({ tokens: TOKENS });
  const server = createHttpServer(parts);
  const change = async () => (await server.inject({ ...CHANGE, headers: { authorization } })).statusCode;
  assert.equal(await change(), 200);
  parts.settings = { ...parts.settings, tokens: [] };
  assert.equal(await change(), 403);
});

test('where questions need a token, all but health do, and health gives no reasons without one', async () => {
  const parts = createHttpParts({ tokens: TOKENS, readWithoutToken: false });
  parts.control.sourceDown = true;
  const server = createHttpServer(parts);
  for (const url of ['/', '/metrics', '/api/openapi.json', '/api/anomalies', '/api/events', '/nothing']) {
    assert.equal((await server.inject(url)).statusCode, 401, url);
  }
  const brief = await server.inject('/healthz');
  assert.deepEqual(brief.json(), { status: 'degraded', ready: false, time: '1970-01-01T00:15:00.000Z' });
  assert.deepEqual(Object.keys((await server.inject('/readyz')).json()), ['status', 'ready', 'time']);
  const whole = await server.inject({ url: '/healthz', headers: { authorization } });
  assert.deepEqual(whole.json().reasons, ['the log source does not answer']);
  assert.equal((await server.inject({ url: '/api/anomalies', headers: { authorization } })).statusCode, 200);
});

test('more requests than are allowed are 429 with the time to come again; health is not counted', async () => {
  const server = createHttpServer(createHttpParts({ requestsPerMinute: 3 }));
  const statuses: number[] = [];
  for (let n = 0; n < 5; n += 1) statuses.push((await server.inject('/api/agents')).statusCode);
  assert.deepEqual(statuses, [200, 200, 200, 429, 429]);
  const refused = await server.inject('/api/agents');
  assert.equal(refused.json().error.code, 'TOO_MANY_REQUESTS');
  assert.match(String(refused.headers['retry-after']), /^(19|20)$/);
  assert.equal((await server.inject('/healthz')).statusCode, 200);
  assert.equal((await server.inject({ url: '/api/agents', remoteAddress: '192.0.2.1' })).statusCode, 200);
});

test('an address that a client says it forwards for is not believed', async () => {
  const server = createHttpServer(createHttpParts({ requestsPerMinute: 1 }));
  const ask = (from: string) => server.inject({ url: '/api/agents', headers: { 'x-forwarded-for': from } });
  assert.deepEqual([(await ask('1.1.1.1')).statusCode, (await ask('2.2.2.2')).statusCode], [200, 429]);
});

test('wrong tokens are counted as well', async () => {
  const server = createHttpServer(createHttpParts({ tokens: TOKENS, requestsPerMinute: 2 }));
  const ask = async () => (await server.inject({ ...CHANGE, headers: { authorization: 'Bearer wrong' } })).statusCode;
  assert.deepEqual([await ask(), await ask(), await ask()], [401, 401, 429]);
});

test("a name of somebody else's is 421 where only this machine may ask", async () => {
  const server = createHttpServer(createHttpParts());
  for (const url of ['/api/anomalies', '/healthz', '/nothing']) {
    const answer = await server.inject({ url, headers: { host: 'rebound.example:8420' } });
    assert.deepEqual([answer.statusCode, answer.json().error.code], [421, 'WRONG_HOST'], url);
  }
  const open = createHttpServer(createHttpParts({ host: '0.0.0.0' }));
  assert.equal((await open.inject({ url: '/healthz', headers: { host: 'pi.local' } })).statusCode, 200);
});

test('a body is JSON or refused: no form of another site gets through', async () => {
  const server = createHttpServer(createHttpParts({ tokens: TOKENS }));
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', 'image/png', 'x']) {
    const answer = await server.inject({
      method: 'POST',
      url: '/api/models/wifi/activate',
      headers: { authorization, 'content-type': type },
      payload: '{"version":"20250607_230000"}',
    });
    assert.deepEqual([answer.statusCode, answer.json().error.code], [415, 'NOT_JSON'], type);
  }
});

for (const [title, payload, status, code] of [
  ['is too large', JSON.stringify({ state: 'open', note: 'x'.repeat(70_000) }), 413, 'BODY_TOO_LARGE'],
  ['is cut off', '{"state":', 400, 'BAD_REQUEST'],
  ['would change a prototype', '{"state":"open","__proto__":{"a":1}}', 400, 'BAD_REQUEST'],
  ['is empty', '', 400, 'BAD_REQUEST'],
  ['is a list', '[]', 400, 'BAD_REQUEST'],
] as const) {
  test(`a body that ${title} is ${status}`, async () => {
    const parts = createHttpParts({ tokens: TOKENS });
    await fill(parts);
    const answer = await createHttpServer(parts).inject({
      method: 'POST',
      url: '/api/anomalies/1/review',
      headers: { authorization, 'content-type': 'application/json' },
      payload,
    });
    assert.deepEqual([answer.statusCode, answer.json().error.code], [status, code]);
  });
}

test('every answer tells browsers that it is data and not to be kept', async () => {
  const server = createHttpServer(createHttpParts({ tokens: TOKENS }));
  for (const url of ['/', '/healthz', '/metrics', '/api/anomalies', '/api/anomalies?limit=0', '/nothing', '/%zz']) {
    const { headers } = await server.inject(url);
    assert.equal(headers['x-content-type-options'], 'nosniff', url);
    assert.equal(headers['cache-control'], 'no-store', url);
    assert.match(String(headers['content-security-policy']), /^default-src 'none'/, url);
    assert.equal(headers['access-control-allow-origin'], undefined, url);
  }
});

test('neither the token nor the password of a database is in any answer or in the log', async () => {
  const parts = createHttpParts({ tokens: TOKENS });
  const lines: string[] = [];
  await fill(parts);
  const server = createHttpServer({ ...parts, log: pino({ level: 'trace' }, { write: (line) => lines.push(line) }) });
  const { paths } = (await server.inject('/api/openapi.json')).json();
  for (const failing of [false, true]) {
    parts.store.failing = failing;
    parts.control.sourceDown = failing;
    for (const [path, methods] of Object.entries<object>(paths)) {
      if (path === '/api/events') continue; // does not end; what it sends is what the others answer
      for (const method of Object.keys(methods)) {
        const url = `${path.replace('{agent}', 'wifi').replace('{id}', '1')}?agent=wifi`;
        const payload = method === 'post' ? { payload: { state: 'open', version: '20250607_230000' } } : {};
        const answer = await server.inject({
          method: method.toUpperCase() as 'GET',
          url,
          headers: { authorization },
          ...payload,
        });
        const whole = JSON.stringify(answer.headers) + answer.body;
        for (const secret of [TOKEN, TOKENS[0]?.slice(7) ?? '', 'hunter2']) {
          assert.ok(!whole.includes(secret), `${method} ${url} tells ${secret}`);
        }
      }
    }
  }
  assert.ok(lines.length > 0);
  for (const secret of [TOKEN, TOKENS[0]?.slice(7) ?? '', 'hunter2']) assert.ok(!lines.join().includes(secret), secret);
});
