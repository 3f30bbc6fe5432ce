import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { createHttpParts } from '../testing/http-parts.ts';
import type { HttpLimits } from './http-limits.ts';
import { createHttpServer } from './http-server.ts';

/** Sends bytes and gives everything that comes back until the connection is closed. */
async function send(t: TestContext, bytes: string, limits: Partial<HttpLimits> = {}): Promise<string> {
  const server = createHttpServer(createHttpParts(), limits);
  t.after(() => server.close());
  const port = Number(new URL(await server.listen({ host: '127.0.0.1', port: 0 })).port);
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.setEncoding('utf8').on('data', (piece) => {
    text += piece;
  });
  socket.on('error', () => {}).write(bytes);
  await once(socket, 'close');
  return text;
}

const GARBAGE: readonly [string, string, number, RegExp][] = [
  ['no HTTP at all', '\x16\x03\x01\x02\x00\x01', 400, /no HTTP request/],
  ['an unknown method', 'BREW / HTTP/1.1\r\nhost: localhost\r\n\r\n', 400, /no HTTP request/],
  ['a header without a name', 'GET / HTTP/1.1\r\nhost: localhost\r\n: x\r\n\r\n', 400, /no HTTP request/],
  [
    'two lengths',
    'POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n',
    400,
    /no HTTP/,
  ],
  [
    'a length and pieces',
    'POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    400,
    /no HTTP request/,
  ],
  ['a bomb of headers', `GET / HTTP/1.1\r\nhost: localhost\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`, 431, /too long/],
];

for (const [title, bytes, status, message] of GARBAGE) {
  test(`${title} is ${status} in the shape of every error, and the connection is closed`, async (t) => {
    const [head = '', body = ''] = (await send(t, bytes)).split('\r\n\r\n');
    assert.match(head, new RegExp(`^HTTP/1\\.1 ${status} `));
    assert.match(head, /x-content-type-options: nosniff/);
    const { error } = JSON.parse(body);
    assert.equal(error.code, 'BAD_REQUEST');
    assert.match(error.message, message);
  });
}

test('a request that does not come to its end is given up', async (t) => {
  const text = await send(t, 'GET / HTTP/1.1\r\nhost: loc', { requestMs: 100 });
  assert.match(text, /^HTTP\/1\.1 408 [\s\S]*took too long/);
});

test('a body that does not come to its end is given up', async (t) => {
  const bytes =
    'POST /api/models/reload HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{';
  await send(t, bytes, { requestMs: 100 });
});
