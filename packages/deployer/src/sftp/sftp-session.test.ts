import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { greeting, type Script, ScriptedChannel, statusReply } from '../testing/scripted-channel.ts';
import { MAX_PACKET_BYTES, PACKET, packetOf, string, uint32 } from './packet-fields.ts';
import { readAt, readNames, removeFile, statOf } from './sftp-requests.ts';
import { SftpSession } from './sftp-session.ts';
import { STATUS, StatusError } from './status.ts';

const LIMITS = { inactivityMs: 2_000, loginMs: 2_000 };
/** Shorter than anything takes that is answered at all, and long enough not to hold up the suite. */
const IMPATIENT = { inactivityMs: 50, loginMs: 50 };
const silent: Script = () => undefined;

async function opened(script: Script, limits = LIMITS, signal?: AbortSignal) {
  const channel = new ScriptedChannel(greeting({ 'x@example': '1' }, script));
  return { channel, session: await SftpSession.open(channel, limits, signal) };
}

test('the other side is greeted, and its extensions are known by their versions', async () => {
  const { session, channel } = await opened(silent);
  assert.equal(session.hasExtension('x@example', '1'), true);
  assert.equal(session.hasExtension('x@example', '2'), false);
  assert.equal(session.hasExtension('y@example', '1'), false);
  await session.close();
  await session.close();
  assert.ok(channel.closes >= 1);
});

test('replies in any order reach those who asked', async () => {
  const ids: number[] = [];
  const { session } = await opened(({ id }, channel) => {
    ids.push(id);
    if (ids.length < 3) return;
    const [first, second, third] = ids;
    channel.send(statusReply(third!, STATUS.ok));
    channel.send(statusReply(first!, STATUS.permissionDenied));
    channel.send(statusReply(second!, STATUS.ok));
  });
  const [one, two, three] = await Promise.allSettled(['a', 'b', 'c'].map((path) => removeFile(session, path)));
  assert.ok(one?.status === 'rejected' && one.reason instanceof StatusError);
  assert.equal(one.reason.status, STATUS.permissionDenied);
  assert.deepEqual([two?.status, three?.status], ['fulfilled', 'fulfilled']);
  await session.close();
});

test('a request that fails leaves the session as it was', async () => {
  const { session } = await opened(({ id }, channel) =>
    channel.send(statusReply(id, STATUS.failure, 'No\u001b[31m\nway')),
  );
  await assert.rejects(removeFile(session, 'a'), { status: STATUS.failure, message: /'No \[31m way'/ });
  await assert.rejects(removeFile(session, 'a'), { status: STATUS.failure });
  await session.close();
});

const HOSTILE: readonly (readonly [string, (id: number) => Uint8Array])[] = [
  ['a reply to nothing', (id) => statusReply(id + 1, STATUS.ok)],
  ['a reply twice', (id) => Buffer.concat([statusReply(id, STATUS.failure), statusReply(id, STATUS.ok)])],
  ['another greeting', () => packetOf(PACKET.version, [uint32(3)])],
  ['a reply of another type', (id) => packetOf(PACKET.handle, [uint32(id), string('h')])],
  ['a request', (id) => packetOf(PACKET.open, [uint32(id)])],
  ['an ok in place of what was asked for', (id) => statusReply(id, STATUS.ok)],
  ['a huge length', () => uint32(0x7fffffff)],
  ['an empty packet', () => uint32(0)],
  ['a packet without an id', () => packetOf(PACKET.status, [])],
  ['attributes that end early', (id) => packetOf(PACKET.attrs, [uint32(id), uint32(0xf)])],
  ['attributes without end', (id) => packetOf(PACKET.attrs, [uint32(id), uint32(0x80000000), uint32(0xffffffff)])],
  ['a file of no kind', (id) => packetOf(PACKET.attrs, [uint32(id), uint32(0)])],
];

for (const [what, reply] of HOSTILE) {
  test(`${what} ends the session with an error that says so, now and later`, async () => {
    const { session, channel } = await opened(({ id }, to) => to.send(reply(id)));
    const asked = statOf(session, 'a');
    if (what === 'a reply twice') await assert.rejects(asked, StatusError);
    else await assert.rejects(asked, { code: 'SFTP_UNUSABLE', message: /^pi@edge-7 / });
    await assert.rejects(statOf(session, 'a'), { code: 'SFTP_UNUSABLE' });
    assert.ok(channel.closes > 0);
  });
}

test('more data than was asked for, none, and no names end the session', async () => {
  const replies: readonly (readonly [(session: SftpSession) => Promise<unknown>, (id: number) => Uint8Array])[] = [
    [(session) => readAt(session, new Uint8Array(1) as never, 0, 10), (id) => dataReply(id, 11)],
    [(session) => readAt(session, new Uint8Array(1) as never, 0, 10), (id) => dataReply(id, 0)],
    [(session) => readNames(session, new Uint8Array(1) as never), (id) => namesReply(id, 0)],
    [(session) => readNames(session, new Uint8Array(1) as never), (id) => namesReply(id, 0xffffffff)],
  ];
  for (const [ask, reply] of replies) {
    const { session } = await opened(({ id }, channel) => channel.send(reply(id)));
    await assert.rejects(ask(session), { code: 'SFTP_UNUSABLE' });
  }
});

function dataReply(id: number, sizeBytes: number): Uint8Array {
  return packetOf(PACKET.data, [uint32(id), string(new Uint8Array(sizeBytes))]);
}

function namesReply(id: number, count: number): Uint8Array {
  return packetOf(PACKET.name, [uint32(id), uint32(count)]);
}

const NO_GREETING: readonly (readonly [string, Uint8Array, RegExp])[] = [
  ['what a shell prints at login', Buffer.from('Welcome to edge-7!\n'), /must print nothing at login/],
  ['another version', packetOf(PACKET.version, [uint32(2)]), /version 2/],
  ['a reply', statusReply(-1 >>> 0, STATUS.ok), /nobody waits for/],
  ['an extension without a version', packetOf(PACKET.version, [uint32(3), string('x')]), /middle of a field/],
];

for (const [what, bytes, message] of NO_GREETING) {
  test(`${what} in place of a greeting is an error that says so`, async () => {
    const channel = new ScriptedChannel((_request, to) => to.send(bytes));
    await assert.rejects(SftpSession.open(channel, LIMITS), { code: 'SFTP_UNUSABLE', message });
    assert.ok(channel.closes > 0);
  });
}

test('whatever is sent, each request ends with what was asked for or with an error of ours', async () => {
  const kinds = fc.constantFrom(...Object.values(PACKET), 0, 99, 255);
  const packet = fc.tuple(kinds, fc.nat(3), fc.uint8Array({ maxLength: 60 }));
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 100 }),
    packet.map(([type, id, rest]) => packetOf(type, [uint32(id), rest])),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 8 }), async (pieces) => {
      const { session } = await opened((_request, channel) => {
        for (const bytes of pieces) channel.send(bytes);
        channel.cut();
      });
      const asks = [statOf(session, 'a'), removeFile(session, 'b'), readNames(session, new Uint8Array(4) as never)];
      for (const end of await Promise.allSettled(asks)) {
        if (end.status === 'fulfilled' || end.reason instanceof StatusError) continue;
        assert.ok(['SFTP_UNUSABLE', 'CONNECTION_LOST'].includes(end.reason.code), String(end.reason));
      }
      await session.close();
    }),
    { numRuns: 500 },
  );
});

test('an end in the middle of a packet is an end of the connection', async () => {
  const { session } = await opened(({ id }, channel) => {
    channel.send(statusReply(id, STATUS.ok).subarray(0, 7));
    channel.cut();
  });
  await assert.rejects(removeFile(session, 'a'), {
    code: 'CONNECTION_LOST',
    message: 'lost the connection to pi@edge-7',
  });
});

test('who does not greet, or falls silent, is given up', async () => {
  await assert.rejects(SftpSession.open(new ScriptedChannel(silent), IMPATIENT), {
    code: 'CONNECTION_LOST',
    message: 'pi@edge-7 did not answer for 0.05 s',
  });
  const { session, channel } = await opened(silent, IMPATIENT);
  await assert.rejects(removeFile(session, 'a'), { code: 'CONNECTION_LOST', message: /0\.05 s/ });
  assert.ok(channel.closes > 0);
});

test('one request that is never answered is given up although all others are', async (t) => {
  const { session } = await opened(({ id }, channel) => {
    if (id > 0) channel.send(statusReply(id, STATUS.ok));
  });
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const forgotten = assert.rejects(removeFile(session, 'a'), { code: 'CONNECTION_LOST', message: /for 2 s/ });
  t.mock.timers.tick(1_500);
  await removeFile(session, 'b');
  t.mock.timers.tick(499);
  await removeFile(session, 'b');
  t.mock.timers.tick(1);
  await forgotten;
});

test('many requests may take longer than one may, as long as they are answered one after the other', async (t) => {
  const ids: number[] = [];
  const { session, channel } = await opened(({ id }) => ids.push(id));
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const asks = ['a', 'b', 'c'].map((path) => removeFile(session, path));
  for (const [turn, ask] of asks.entries()) {
    t.mock.timers.tick(1_999);
    channel.send(statusReply(ids[turn]!, STATUS.ok));
    await ask;
  }
  t.mock.timers.tick(10_000); // nothing waits, so nothing is late
  const last = removeFile(session, 'd');
  channel.send(statusReply(ids.at(-1)!, STATUS.ok));
  await last;
  await session.close();
});

test('a signal ends a session at any time', async () => {
  await assert.rejects(opened(silent, LIMITS, AbortSignal.abort()), { code: 'INTERRUPTED' });
  const ending = new AbortController();
  const { session } = await opened(silent, LIMITS, ending.signal);
  const asked = removeFile(session, 'a');
  ending.abort();
  await assert.rejects(asked, { code: 'INTERRUPTED' });
  await assert.rejects(removeFile(session, 'a'), { code: 'INTERRUPTED' });
});

test('the largest packet is taken', async () => {
  const { session } = await opened(({ id }, channel) => {
    channel.send(packetOf(PACKET.status, [uint32(id), uint32(STATUS.ok), new Uint8Array(MAX_PACKET_BYTES - 9)]));
  });
  await removeFile(session, 'a');
  await session.close();
});
