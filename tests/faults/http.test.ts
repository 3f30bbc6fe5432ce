/** The HTTP API against whoever means it ill, and under load: a server process that must neither die nor answer with 5xx. */
import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import autocannon from 'autocannon';
import fc from 'fast-check';
import { startPostgres } from '../../packages/logs/src/testing/postgres-server.ts';
import { type ApiDocument, parseDocument, problemsOf } from './http-document.ts';
import { type ApiRequest, type KnownValues, requestsOf } from './http-requests.ts';
import type { ServerReport } from './http-server-process.ts';

const REQUESTS = Number(process.env.EDGEWOOD_HTTP_FUZZ_COUNT ?? 4_000);
const SEED = Number(process.env.EDGEWOOD_FUZZ_SEED ?? Date.now() % 2 ** 31);
const REQUESTS_ON_POSTGRES = Math.ceil(REQUESTS / 4);
/** Requests that are sent while the log source or the store is down, each. */
const REQUESTS_WHILE_DOWN = Math.ceil(REQUESTS / 8);
const GARBAGE = 400;
const SLOW_CLIENTS = 200;
const LOAD = { seconds: 10, connections: 20 };
/** The server's heap, in megabytes, and what it may hold of the machine with everything around the heap, in bytes. */
const HEAP_MB = 160;
const MOST_RSS_BYTES = 400e6;

const TOKEN = 'token-of-a-fuzz-run';
const TOKEN_HASH = `sha256:${createHash('sha256').update(TOKEN).digest('hex')}`;

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** A server in a process of its own. */
class ServerProcess {
  readonly child: ChildProcess;
  port = 0;
  exited = false;

  /** @param options.storeUrl of a PostgreSQL; a SQLite file by default. */
  constructor(options: { requestMs: number; windows: number; storeUrl?: string }) {
    const { requestMs, windows, storeUrl = '' } = options;
    const args = [TOKEN_HASH, String(requestMs), String(windows), storeUrl];
    this.child = fork(join(import.meta.dirname, 'http-server-process.ts'), args, {
      execArgv: ['--conditions=source', `--max-old-space-size=${HEAP_MB}`],
    });
    this.child.once('exit', () => {
      this.exited = true;
    });
  }

  async start(): Promise<void> {
    this.port = (await this.#report()).port;
  }

  tell(command: string): Promise<ServerReport> {
    this.child.send(command);
    return this.#report();
  }

  async stop(): Promise<void> {
    if (this.exited) return;
    this.child.disconnect();
    await once(this.child, 'exit');
  }

  async #report(): Promise<ServerReport> {
    const [report] = await Promise.race([
      once(this.child, 'message'),
      once(this.child, 'exit').then(() => assert.fail('the server died')),
    ]);
    return report as ServerReport;
  }
}

const agent = new Agent({ keepAlive: true, maxSockets: 4 });
const counts = { requests: 0, garbage: 0, slow: 0, load: 0, loadPerSecond: 0, byStatus: new Map<number, number>() };
let server: ServerProcess;

before(async () => {
  server = new ServerProcess({ requestMs: 2_000, windows: 500 });
  await server.start();
});

after(async () => {
  agent.destroy();
  await server.stop();
  const statuses = [...counts.byStatus].sort(([a], [b]) => a - b).map(([status, count]) => `${status}: ${count}`);
  console.log(
    `http: ${counts.requests} fuzzed requests (${statuses.join(', ')}), seed ${SEED}; ${counts.garbage} connections with ` +
      `garbage, ${counts.slow} slow ones; ${counts.load} requests under load, ${counts.loadPerSecond} a second`,
  );
});

/** Sends a request; of a stream of events it takes the beginning. */
function ask(of: Pick<ApiRequest, 'method' | 'path' | 'headers' | 'body'>): Promise<Answer> {
  const { method, path, headers, body } = of;
  const { port } = server;
  return new Promise((resolve, reject) => {
    const outgoing = request({ agent, port, host: '127.0.0.1', method, path, headers }, (incoming) => {
      const pieces: Buffer[] = [];
      const finish = () => {
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          body: Buffer.concat(pieces).toString(),
        });
      };
      incoming.on('data', (piece: Buffer) => {
        pieces.push(piece);
        if (incoming.headers['content-type']?.startsWith('text/event-stream')) {
          incoming.destroy();
          finish();
        }
      });
      incoming.on('end', finish).on('error', reject);
    });
    outgoing.on('error', reject).end(body);
  });
}

async function get(path: string): Promise<Answer> {
  return ask({ method: 'GET', path, headers: { authorization: `Bearer ${TOKEN}` }, body: undefined });
}

async function readDocument(): Promise<ApiDocument> {
  return parseDocument((await get('/api/openapi.json')).body);
}

async function knownValues(): Promise<KnownValues> {
  const { next_cursor } = JSON.parse((await get('/api/anomalies?limit=2')).body);
  return {
    id: ['1', '2', '3', '4', '5', '6'],
    incident: ['1', '2'],
    agent: ['wifi'],
    device: ['1', 'ap "süd"'],
    version: ['20250607_230000', '20250608_230000'],
    features: ['log_count', 'log_count,station_count', ','],
    cursor: [next_cursor],
    note: ['', 'seen', 'x'.repeat(4_000)],
    since: ['1970-01-01T00:00:00Z', '1970-01-01T00:05:00+00:00'],
    until: ['1970-01-01T00:10:00Z', '1970-01-01T12:00:00.5Z'],
  };
}

/** Whether a path is one of an operation's: every placeholder has become one part of it that is not empty. */
function isOf(path: string, template: string): boolean {
  const pattern = template.replaceAll(/[.*+?^$()|[\]\\]/g, '\\$&').replaceAll(/\{\w+\}/g, '[^/]+');
  return new RegExp(`^${pattern}$`).test(path.split('?')[0] ?? '');
}

/** Why an answer is not as the document says; nothing if it is. */
function faultsOf(sent: ApiRequest, { status, headers, body }: Answer, { schemas }: ApiDocument): string[] {
  const type = String(headers['content-type'] ?? '').split(';')[0] ?? '';
  const faults: string[] = [];
  if (headers['x-content-type-options'] !== 'nosniff') faults.push('not nosniff');
  if (body.includes(TOKEN) || body.includes(TOKEN_HASH.slice(7)) || body.includes('hunter2'))
    faults.push('tells a secret');
  if (sent.method === 'HEAD') return faults;
  const isMeant = sent.method === sent.operation.method && isOf(sent.path, sent.operation.path);
  const described = isMeant ? sent.operation.responses[String(status)] : undefined;
  if (described === undefined) {
    // Where no operation is meant, or the address cannot be decoded, there is an error like every other.
    const isUsual = isMeant ? status === 400 : [400, 401, 403, 404, 413, 415].includes(status);
    if (!isUsual) return [...faults, `${status} is not in the document`];
    return [...faults, ...problemsOf(JSON.parse(body), { $ref: '#/components/schemas/Error' }, schemas)];
  }
  const schema = described.content[type]?.schema;
  if (schema === undefined) return [...faults, `${type} is not in the document for ${status}`];
  return [...faults, ...problemsOf(type === 'application/json' ? JSON.parse(body) : body, schema, schemas)];
}

/** Sends so many requests; `mayFail` says which 5xx there may be. */
async function fuzz(
  runs: number,
  mayFail: (answer: Answer, sent: ApiRequest) => boolean,
): Promise<Map<string, number>> {
  const document = await readDocument();
  const successes = new Map<string, number>(document.operations.map(({ method, path }) => [`${method} ${path}`, 0]));
  const property = fc.asyncProperty(requestsOf(document.operations, await knownValues(), TOKEN), async (sent) => {
    const answer = await ask(sent);
    counts.requests += 1;
    counts.byStatus.set(answer.status, (counts.byStatus.get(answer.status) ?? 0) + 1);
    assert.ok(
      answer.status < 500 || mayFail(answer, sent),
      `${sent.method} ${sent.path}: ${answer.status} ${answer.body.slice(0, 500)}`,
    );
    assert.deepEqual(faultsOf(sent, answer, document), [], `${answer.status} ${answer.body.slice(0, 500)}`);
    const { method, path } = sent.operation;
    if (sent.method === method && answer.status === 200) {
      successes.set(`${method} ${path}`, (successes.get(`${method} ${path}`) ?? 0) + 1);
    }
  });
  await fc.assert(property, { numRuns: runs, seed: SEED });
  return successes;
}

const codeOf = ({ body }: Answer) => JSON.parse(body).error?.code;

test(`${REQUESTS} requests made from the document are answered as it says, and none with 5xx`, async (t) => {
  t.diagnostic(`seed ${SEED}`);
  const successes = await fuzz(REQUESTS, () => false);
  for (const [operation, count] of successes) assert.ok(count > 0, `${operation} never came to an answer`);
  assert.deepEqual((await server.tell('report')).errorLines, []);
});

test(`${REQUESTS_ON_POSTGRES} of them are answered as well with the store in PostgreSQL`, async () => {
  const usual = server;
  const postgres = await startPostgres();
  server = new ServerProcess({ requestMs: 2_000, windows: 50, storeUrl: postgres.url });
  try {
    await server.start();
    await fuzz(REQUESTS_ON_POSTGRES, () => false);
    assert.deepEqual((await server.tell('report')).errorLines, []);
  } finally {
    await server.stop();
    await postgres.stop();
    server = usual;
  }
});

test('while the log source is down, 503 comes where it is needed, with the reason, and nowhere else', async () => {
  const needing = ['/api/logs', '/api/anomalies/{id}/logs'];
  await server.tell('source down');
  try {
    await fuzz(REQUESTS_WHILE_DOWN, (answer, { operation: { path } }) => {
      if (path === '/readyz') return answer.status === 503;
      return needing.includes(path) && answer.status === 503 && codeOf(answer) === 'SOURCE_UNREACHABLE';
    });
  } finally {
    await server.tell('source up');
  }
});

test('while the store is down, 503 comes with the reason, and nothing worse', async () => {
  const document = await readDocument();
  await server.tell('store down');
  const requests = fc.sample(requestsOf(document.operations, { agent: ['wifi'], id: ['1'] }, TOKEN), {
    numRuns: REQUESTS_WHILE_DOWN,
    seed: SEED,
  });
  let failed = 0;
  for (const sent of requests) {
    const answer = await ask(sent);
    counts.requests += 1;
    if (answer.status >= 500 && sent.method !== 'HEAD') {
      assert.deepEqual([answer.status, codeOf(answer)], [503, 'STORE_FAILED'], sent.path);
      failed += 1;
    }
    assert.ok(answer.status <= 503);
    assert.deepEqual(faultsOf(sent, answer, document), [], answer.body.slice(0, 500));
  }
  assert.ok(failed > 0);
  await server.tell('store up');
});

/** Opens a connection, sends bytes and waits until the server closes it, or answers. */
async function throwAt(port: number, bytes: Uint8Array): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(bytes);
  socket.end();
  await new Promise((resolve) => socket.once('data', resolve).once('close', resolve));
  socket.destroy();
  counts.garbage += 1;
}

const HEAD = 'GET /api/anomalies?limit=1 HTTP/1.1\r\nHost: localhost\r\n';
const BYTES = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 2_000 }),
  fc.tuple(fc.nat(80), fc.uint8Array({ minLength: 1, maxLength: 8 })).map(([at, piece]) => {
    const whole = Buffer.from(`${HEAD}\r\n`);
    return Buffer.concat([whole.subarray(0, at), piece, whole.subarray(at + piece.length)]);
  }),
  fc
    .constantFrom(
      'BREW / HTTP/1.1\r\n\r\n',
      'GET / HTTP/9.9\r\n\r\n',
      'GET /\r\n\r\n',
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
      'CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n',
      `${HEAD}Expect: 100-continue\r\n\r\n`,
      `${HEAD}Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n`,
      `${HEAD}Content-Length: -1\r\n\r\n`,
      `${HEAD}Content-Length: 99999999999999999999\r\n\r\n`,
      `${HEAD}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`,
      `POST /api/models/reload HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffff\r\n`,
      `${HEAD}${'a: b\r\n'.repeat(5_000)}\r\n`,
      `${HEAD}a: ${'b'.repeat(1_000_000)}\r\n\r\n`,
      `GET /${'a'.repeat(1_000_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
      `${`${HEAD}\r\n`.repeat(1_000)}`,
      `GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n`,
      `GET /api/anomalies/%00 HTTP/1.1\r\nHost: localhost\r\n\r\n`,
      `GET /api/\xff\xfe HTTP/1.1\r\nHost: localhost\r\n\r\n`,
    )
    .map((text) => Buffer.from(text, 'latin1')),
);

test(`${GARBAGE} connections with bytes that are no request, or half of one, do the server no harm`, async () => {
  const property = fc.asyncProperty(BYTES, (bytes) => throwAt(server.port, bytes));
  await fc.assert(property, { numRuns: GARBAGE, seed: SEED, endOnFailure: true });
  assert.equal((await get('/healthz')).status, 200);
  assert.ok((await server.tell('report')).rssBytes < MOST_RSS_BYTES);
});

test(`${SLOW_CLIENTS} clients that send a byte now and then are sent away; meanwhile others are answered`, async () => {
  const sockets: Socket[] = [];
  const closed = Array.from({ length: SLOW_CLIENTS }, () => {
    const socket = connect(server.port, '127.0.0.1');
    socket.on('error', () => {}).resume();
    sockets.push(socket);
    return new Promise((resolve) => socket.once('close', resolve));
  });
  let sent = 0;
  const dripping = setInterval(() => {
    for (const socket of sockets) if (socket.writable) socket.write(`${HEAD}x: ${'y'.repeat(1_000)}`[sent] ?? 'y');
    sent += 1;
  }, 100);
  try {
    for (let n = 0; n < 20; n += 1) assert.equal((await get('/healthz')).status, 200);
    await Promise.all(closed);
    counts.slow = closed.length;
    assert.equal((await get('/healthz')).status, 200);
  } finally {
    clearInterval(dripping);
  }
});

test(`${LOAD.connections} connections for ${LOAD.seconds} s get nothing but 2xx, and memory stays bounded`, async (t) => {
  const paths = [
    '/healthz',
    '/readyz',
    '/metrics',
    '/api/anomalies',
    '/api/anomalies?device=1&min_severity=0.1&limit=10',
    '/api/anomalies/1',
    '/api/anomalies/1/logs',
    '/api/incidents',
    '/api/incidents/1',
    '/api/windows?agent=wifi&until=1970-01-03T00:00:00Z&features=log_count',
    '/api/logs?agent=wifi',
    '/api/agents',
    '/api/models',
    '/api/openapi.json',
  ];
  const result = await autocannon({
    url: `http://127.0.0.1:${server.port}`,
    connections: LOAD.connections,
    duration: LOAD.seconds,
    requests: paths.map((path) => ({ method: 'GET', path })),
  });
  const { rssBytes } = await server.tell('report');
  counts.load = result.requests.sent;
  counts.loadPerSecond = Math.round(result.requests.average);
  t.diagnostic(`${counts.loadPerSecond} requests/s, p99 ${result.latency.p99} ms, ${Math.round(rssBytes / 1e6)} MB`);
  assert.deepEqual([result.errors, result.timeouts, result.non2xx], [0, 0, 0]);
  assert.ok(result['2xx'] > 0);
  assert.ok(rssBytes < MOST_RSS_BYTES, `${rssBytes} bytes`);
  assert.ok(!server.exited);
});
