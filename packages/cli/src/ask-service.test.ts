import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { askService } from './ask-service.ts';
import { compareModels } from './compare-models.ts';

/** Something that answers so, or a port at which nobody does. */
async function serve(t: TestContext, answer: RequestListener | undefined): Promise<string> {
  const server = createServer(answer);
  t.after(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  if (answer === undefined) server.close();
  return `http://127.0.0.1:${port}`;
}

test('what a service says is given, from below the address', async (t) => {
  const url = await serve(t, ({ url: path }, response) => response.end(JSON.stringify({ path })));
  assert.deepEqual(await askService({ url }, 'api/models?a=b'), { path: '/api/models?a=b' });
  assert.deepEqual(await askService({ url: `${url}/behind/a/proxy` }, 'api'), { path: '/behind/a/proxy/api' });
});

test('whatever is no answer of a service is said, with its address', async (t) => {
  const cases: [RequestListener, RegExp][] = [
    [(_, response) => response.end('nonsense'), /answers with HTTP 200: 8 characters that are not what a service says/],
    [(_, response) => response.end('x'.repeat(5_000_000)), /more than 4000000 bytes/],
    [(_, response) => response.writeHead(404).end('{"error": {"message": "no agent"}}'), /HTTP 404: no agent$/],
    [(_, response) => response.writeHead(404).end('null'), /HTTP 404: 4 characters/],
    [
      (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
      /cannot be asked: .*redirect/,
    ],
    [({ socket }) => socket.destroy(), /cannot be asked: other side closed/],
  ];
  for (const [answer, message] of cases) {
    const url = await serve(t, answer);
    const failure = { code: 'NO_ANSWER', message: new RegExp(`${url}/api.*${message.source}`) };
    await assert.rejects(askService({ url }, 'api'), failure, message.source);
  }
});

test('nobody who answers, no address, and no token are told apart', async (t) => {
  const url = await serve(t, undefined);
  await assert.rejects(askService({ url }, 'api'), { code: 'NO_ANSWER', message: /cannot be asked: .*ECONNREFUSED/ });
  await assert.rejects(askService({ url: 'nowhere' }, 'api'), { name: 'UsageError', message: /got nowhere/ });
  await assert.rejects(askService({ url, tokenFile: '/nowhere/token' }, 'api'), {
    name: 'UsageError',
    message: /the token cannot be read/,
  });
});

test('an answer that is no comparison is not printed', async (t) => {
  const url = await serve(t, (_, response) => response.end('{"agent": 7}'));
  await assert.rejects(compareModels('wifi', { url }), { code: 'NO_ANSWER', message: /gives no comparison/ });
});
