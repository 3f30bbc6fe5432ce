import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { createHttpParts, DEVICES, fill, slotAt } from '../testing/http-parts.ts';
import { MemoryAnomalyStore } from '../testing/memory-anomaly-store.ts';
import type { HttpLimits } from './http-limits.ts';
import { createHttpServer } from './http-server.ts';

interface Message {
  readonly id?: number;
  readonly event: string;
  readonly data: Record<string, unknown>;
}

/** A client of the stream on a real socket. */
class Listener {
  readonly socket: Socket;
  #text = '';
  #more = Promise.withResolvers<void>();

  constructor(port: number, headers: Readonly<Record<string, string | number>> = {}) {
    this.socket = connect(port, '127.0.0.1');
    this.socket.setEncoding('utf8').on('data', (piece: string) => {
      this.#text += piece;
      this.#more.resolve();
    });
    this.socket.on('close', () => this.#more.resolve()).on('error', () => {});
    const lines = Object.entries({ host: 'localhost', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
    this.socket.write(`GET /api/events HTTP/1.1\r\n${lines.join('')}\r\n`);
  }

  /** Waits until what came so far is as wanted. */
  async until(wanted: (text: string) => boolean): Promise<string> {
    while (!wanted(this.#text)) {
      assert.ok(!this.socket.destroyed, `the stream ended after: ${this.#text.slice(-500)}`);
      this.#more = Promise.withResolvers();
      await this.#more.promise;
    }
    return this.#text;
  }

  get messages(): Message[] {
    const body = this.#text.replaceAll(/\r\n[0-9a-f]+\r\n/g, ''); // the pieces' lengths;
    return [...body.matchAll(/(?:id: (\d+)\n)?event: (\S+)\ndata: (.*)\n\n/g)].map(([, id, event = '', data = '']) => {
      return { ...(id !== undefined && { id: Number(id) }), event, data: JSON.parse(data) };
    });
  }

  /** The messages, once there are so many. */
  async heard(count: number): Promise<Message[]> {
    await this.until(() => this.messages.length >= count);
    return this.messages;
  }

  leave(): void {
    this.socket.destroy();
  }
}

async function setUp(t: TestContext, limits: Partial<HttpLimits> = {}) {
  const parts = createHttpParts();
  const server = createHttpServer(parts, limits);
  t.after(() => server.close());
  const accepted: Socket[] = [];
  server.server.on('connection', (socket) => accepted.push(socket));
  const port = Number(new URL(await server.listen({ host: '127.0.0.1', port: 0 })).port);
  return { parts, server, accepted, listen: (headers = {}) => new Listener(port, headers) };
}

const begun = (text: string) => text.includes('retry: ');
const idsOf = (messages: readonly Message[]) => messages.map(({ id }) => id);
const upTo = (count: number) => Array.from({ length: count }, (_, n) => n + 1);

test('a client hears of changes as they are told, numbered and whole', async (t) => {
  const { parts, listen } = await setUp(t);
  const listener = listen();
  const head = await listener.until(begun);
  assert.match(head, /^HTTP\/1\.1 200 OK\r\n/);
  assert.match(head, /content-type: text\/event-stream; charset=utf-8\r\n/);
  assert.match(head, /cache-control: no-store\r\n/);
  await fill(parts, 1);
  const messages = await listener.heard(4);
  assert.deepEqual(
    messages.map(({ id, event }) => [id, event]),
    (await parts.store.changes(0, 10)).map(({ seq, kind }) => [seq, kind]),
  );
  const detected = messages.find(({ event }) => event === 'anomaly:detected');
  const { anomaly, incident } = (detected?.data ?? {}) as Record<string, { device_id: string; ongoing: boolean }>;
  assert.deepEqual([anomaly?.device_id, incident?.ongoing], [DEVICES[0], true]);
});

test('a client that comes without an id hears nothing of what was told before', async (t) => {
  const { parts, listen } = await setUp(t);
  await fill(parts, 1);
  const listener = listen();
  await listener.until(begun);
  await fill(parts, 2); // the first window again, and a second one
  const known = (await parts.store.changes(0, 100)).map(({ seq }) => seq);
  assert.deepEqual(idsOf(await listener.heard(known.length - 4)), known.slice(4));
});

test('whoever comes again goes on after the id it had last: no gap, nothing twice', async (t) => {
  const { parts, listen } = await setUp(t);
  await fill(parts, 3);
  const all = (await parts.store.changes(0, 100)).map(({ seq }) => seq);
  assert.deepEqual(all, upTo(all.length));
  for (const last of [0, 1, all.length - 1]) {
    const listener = listen({ 'last-event-id': last });
    assert.deepEqual(idsOf(await listener.heard(all.length - last)), all.slice(last));
    listener.leave();
  }
});

test('a client that is cut off again and again while much happens hears everything once', async (t) => {
  const { parts, listen } = await setUp(t);
  const slots = Array.from({ length: 150 }, (_, n) => slotAt(n * 3, DEVICES)); // none joins the incident before
  const alone = new MemoryAnomalyStore();
  for (const slot of slots) await alone.append(slot);
  const total = (await alone.changes(0, 100_000)).length;
  const filling = (async () => {
    for (const slot of slots) {
      const changes = await parts.store.append(slot);
      for (const change of changes) parts.events.emit(change.kind, change);
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  const heard: (number | undefined)[] = [];
  let cuts = 0;
  for (; heard.length < total; cuts += 1) {
    const listener = listen({ 'last-event-id': heard.length });
    const wanted = Math.min(1 + ((cuts * 7) % 40), total - heard.length);
    heard.push(...idsOf(await listener.heard(wanted)));
    listener.leave();
  }
  await filling;
  t.diagnostic(`${heard.length} changes, cut off ${cuts} times`);
  assert.deepEqual(heard, upTo(total));
});

test('what changes while the changes are being read is heard as well', async (t) => {
  const { parts, listen } = await setUp(t);
  const read = parts.store.changes.bind(parts.store);
  let isFirst = true;
  parts.store.changes = async (afterSeq, limit) => {
    const page = await read(afterSeq, limit);
    if (isFirst) {
      isFirst = false;
      await fill(parts, 1);
    }
    return page;
  };
  assert.deepEqual(idsOf(await listen().heard(4)), upTo(4));
});

test('an id that was never given, because the store began anew, gets all that there is', async (t) => {
  const { parts, listen } = await setUp(t);
  await fill(parts, 1);
  assert.deepEqual(idsOf(await listen({ 'last-event-id': 5_000 }).heard(4)), upTo(4));
});

test('an id that is none is 400', async (t) => {
  const { server } = await setUp(t);
  for (const id of ['x', '-1', '1.5', '9'.repeat(30)]) {
    const answer = await server.inject({ url: '/api/events', headers: { 'last-event-id': id } });
    assert.deepEqual(
      [answer.statusCode, answer.json().error.message],
      [400, 'last-event-id must be the id of an event'],
    );
  }
});

test('what happens to models, agents and cycles is told too, without an id', async (t) => {
  const { parts, listen } = await setUp(t);
  const listener = listen();
  await listener.until(begun);
  await parts.control.switchAgent('wifi', false);
  parts.events.emit('model:loaded', { agent: 'wifi', version: '20250607_230000', warnings: [] });
  parts.events.emit('model:rejected', { agent: 'wifi', reason: 'half of it', inUse: undefined, again: false });
  parts.events.emit('cycle:finished', { agent: 'wifi', toMs: 600_000, durationMs: 12 });
  assert.deepEqual(await listener.heard(4), [
    { event: 'agent:switched', data: { agent: 'wifi', enabled: false } },
    { event: 'model:loaded', data: { agent: 'wifi', version: '20250607_230000', warnings: [] } },
    { event: 'model:rejected', data: { agent: 'wifi', reason: 'half of it', in_use: null, again: false } },
    {
      event: 'cycle:finished',
      data: { agent: 'wifi', analysed_until: '1970-01-01T00:10:00.000Z', duration_seconds: 0.012 },
    },
  ]);
});

test('where nothing happens a comment shows that the connection lives', async (t) => {
  const { listen } = await setUp(t, { pingMs: 10 });
  await listen().until((text) => text.split(': ping\n\n').length > 3);
});

test('a client that does not read is dropped when too much waits for it, and the others go on', async (t) => {
  const { parts, listen, accepted } = await setUp(t, { streamBytes: 100_000 });
  const slow = listen();
  await slow.until(begun);
  slow.socket.pause();
  const dropped = once(accepted[0] as Socket, 'close');
  const quick = listen();
  await quick.until(begun);
  const reason = 'x'.repeat(50_000);
  for (let told = 1; !accepted[0]?.destroyed; told += 1) {
    assert.ok(told < 1_000, 'far more than the kernel keeps for a socket');
    parts.events.emit('model:rejected', { agent: 'wifi', reason, inUse: undefined, again: false });
    await quick.until((text) => text.length > told * reason.length);
  }
  await dropped;
  assert.equal(accepted[1]?.destroyed, false);
});

test('a client that takes up nothing from one ping to the next is dropped', async (t) => {
  const { parts, listen, accepted } = await setUp(t, { pingMs: 50 });
  const lines = ['x'.repeat(100_000)];
  for (let n = 0; n < 200; n += 1) {
    const slot = slotAt(n * 3, DEVICES);
    await parts.store.append({ ...slot, anomalies: slot.anomalies.map((of) => ({ ...of, exampleLines: lines })) });
  }
  const slow = listen({ 'last-event-id': 0 });
  await slow.until(begun);
  slow.socket.pause();
  if (!accepted[0]?.destroyed) await once(accepted[0] as Socket, 'close');
});

test('a client that is slow but reads hears everything', async (t) => {
  const { parts, listen } = await setUp(t, { streamBytes: 100_000 });
  const lines = ['x'.repeat(20_000)];
  for (let n = 0; n < 100; n += 1) {
    const slot = slotAt(n * 3, DEVICES);
    await parts.store.append({ ...slot, anomalies: slot.anomalies.map((of) => ({ ...of, exampleLines: lines })) });
  }
  const total = (await parts.store.changes(0, 100_000)).length;
  const slow = listen({ 'last-event-id': 0 });
  slow.socket.on('data', () => {
    slow.socket.pause();
    setImmediate(() => slow.socket.resume());
  });
  await slow.until((text) => text.includes(`id: ${total}\n`));
  await slow.until((text) => text.endsWith('\n\n\r\n'));
  assert.deepEqual(idsOf(slow.messages), upTo(total));
});

test('as many clients as may listen, and no more; one that leaves makes room', async (t) => {
  const { server, listen } = await setUp(t, { streams: 3 });
  const listeners = [listen(), listen(), listen()];
  for (const listener of listeners) await listener.until(begun);
  const refused = await server.inject('/api/events');
  assert.deepEqual([refused.statusCode, refused.json().error.code], [503, 'TOO_MANY_STREAMS']);
  assert.equal(refused.headers['retry-after'], '3');
  listeners[0]?.leave();
  for (;;) {
    const next = listen();
    const text = await next.until((answer) => begun(answer) || answer.includes('TOO_MANY_STREAMS'));
    if (begun(text)) break;
  }
});

test('a store that fails ends the stream, which goes on from there when it works again', async (t) => {
  const { parts, listen } = await setUp(t);
  const listener = listen();
  await listener.until(begun);
  parts.store.failing = true;
  const ended = once(listener.socket, 'close');
  parts.events.emit('incident:resolved', {
    seq: 1,
    atMs: 0,
    kind: 'incident:resolved',
    incident: undefined,
    anomaly: undefined,
  });
  await ended;
  assert.match(parts.log.lines.join(), /^error: an event stream ended: the anomaly store memory failed/);
  parts.store.failing = false;
  await fill(parts, 1);
  assert.deepEqual(idsOf(await listen({ 'last-event-id': 0 }).heard(4)), upTo(4));
});

test('the server closes at once although clients listen, and listens to nothing afterwards', async (t) => {
  const { parts, server, listen } = await setUp(t);
  const listener = listen();
  await listener.until(begun);
  const ended = once(listener.socket, 'close');
  await server.close();
  await ended;
  parts.events.emit('agent:switched', { agent: 'wifi', enabled: true });
  assert.deepEqual(parts.log.lines, []);
});

test('a head of the stream cannot be asked for', async (t) => {
  const { server } = await setUp(t);
  assert.equal((await server.inject({ method: 'HEAD', url: '/api/events' })).statusCode, 404);
});
