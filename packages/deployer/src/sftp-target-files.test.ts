/** With another side that does what no honest one does; tests/deploy has a real one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PACKET, packetOf, string, uint32 } from './sftp/packet-fields.ts';
import { STATUS } from './sftp/status.ts';
import { SftpTargetFiles } from './sftp-target-files.ts';
import { greeting, ScriptedChannel, type ScriptedRequest, statusReply } from './testing/scripted-channel.ts';

const ALL = {
  'posix-rename@openssh.com': '1',
  'hardlink@openssh.com': '1',
  'fsync@openssh.com': '1',
  'statvfs@openssh.com': '2',
};
const DIRECTORY = 0o040755;
const FILE = 0o100644;
const LIMITS = { inactivityMs: 5_000 };

function attributesReply(id: number, mode: number, sizeBytes: number): Uint8Array {
  const size = [uint32(Math.floor(sizeBytes / 2 ** 32)), uint32(sizeBytes % 2 ** 32)];
  return packetOf(PACKET.attrs, [uint32(id), uint32(1 | 4), ...size, uint32(mode)]);
}

/** A side that takes all and keeps nothing, except where it is told otherwise; undefined leaves a request to it. */
function agreeable(
  extensions: Readonly<Record<string, string>>,
  otherwise: (request: ScriptedRequest, path: string) => Uint8Array | undefined = () => undefined,
): ScriptedChannel {
  return new ScriptedChannel(
    greeting(extensions, (request, channel) => {
      const path = [PACKET.handle, PACKET.extended].includes(request.type as never) ? '' : request.fields.text();
      channel.send(otherwise(request, path) ?? agreedTo(request));
    }),
  );
}

function agreedTo({ type, id }: ScriptedRequest): Uint8Array {
  if (type === PACKET.stat) return attributesReply(id, DIRECTORY, 4096);
  if (type === PACKET.open || type === PACKET.opendir) return packetOf(PACKET.handle, [uint32(id), string('h')]);
  return statusReply(id, STATUS.ok);
}

function open(channel: ScriptedChannel): Promise<SftpTargetFiles> {
  return SftpTargetFiles.open(channel, 'pi@edge-7:/models', '/models', LIMITS);
}

for (const missing of ['posix-rename@openssh.com', 'hardlink@openssh.com'] as const) {
  test(`without ${missing} a server is refused by the name of what it lacks`, async () => {
    for (const version of [undefined, '7']) {
      const { [missing]: _, ...others } = ALL;
      const channel = agreeable(version === undefined ? others : { ...others, [missing]: version });
      await assert.rejects(open(channel), { code: 'SFTP_UNUSABLE', message: new RegExp(missing) });
      assert.ok(channel.closes > 0);
    }
  });
}

test('without fsync and statvfs it is said that nothing is known of what lasts, and of the space', async () => {
  const { 'posix-rename@openssh.com': rename, 'hardlink@openssh.com': link } = ALL;
  const files = await open(agreeable({ 'posix-rename@openssh.com': rename, 'hardlink@openssh.com': link }));
  assert.equal(files.lasting, false);
  assert.equal(await files.freeBytes(), undefined);
  await files.write('a', new Uint8Array(1));
  await files.close();
});

test('a directory that cannot be opened like a file is one of which it is not known what lasts', async () => {
  const refusing = agreeable(ALL, ({ type, id }, path) =>
    type === PACKET.open && path === '/models' ? statusReply(id, STATUS.failure) : undefined,
  );
  const files = await open(refusing);
  assert.equal(files.lasting, false);
  await files.replaceLink('active', 'one');
  await files.close();
});

test('what is read back otherwise than it was written gets no name and is removed', async () => {
  const copies: readonly (readonly [string, number, Uint8Array])[] = [
    ['another byte', 3, Uint8Array.of(1, 2, 4)],
    ['shorter', 2, Uint8Array.of(1, 2)],
    ['longer', 4, Uint8Array.of(1, 2, 3)],
    ['shorter than it says', 3, Uint8Array.of(1, 2)],
  ];
  for (const [what, sizeBytes, copy] of copies) {
    const named: string[] = [];
    const removed: string[] = [];
    let reads = 0;
    const channel = agreeable(ALL, ({ type, id, fields }, path) => {
      if (type === PACKET.fstat) return attributesReply(id, FILE, sizeBytes);
      if (type === PACKET.read && reads++ === 0) return packetOf(PACKET.data, [uint32(id), string(copy)]);
      if (type === PACKET.read) return statusReply(id, STATUS.endOfFile);
      if (type === PACKET.extended) named.push(fields.text());
      if (type === PACKET.remove) removed.push(path);
      return undefined;
    });
    const files = await open(channel);
    await assert.rejects(files.writeVerified('a', Uint8Array.of(1, 2, 3)), { code: 'COPY_DIFFERS' }, what);
    assert.ok(!named.includes('hardlink@openssh.com'), what);
    assert.match(removed.join(), /^\/models\/\.edgewood-upload-a\.[0-9a-f-]{36}$/, what);
    await files.close();
  }
});

test('a listing that never ends is given up', async () => {
  const many = Array.from({ length: 2_000 }, () => [string('x'), string('x'), uint32(0)]).flat();
  const endless = agreeable(ALL, ({ type, id }) =>
    type === PACKET.readdir ? packetOf(PACKET.name, [uint32(id), uint32(2_000), ...many]) : undefined,
  );
  const files = await open(endless);
  await assert.rejects(files.list(), { code: 'SFTP_UNUSABLE', message: /more than 100000 names/ });
  await files.close();
});

test('names that lead elsewhere are not taken from a listing', async () => {
  const names = ['.', '..', '', 'a', '../../etc/passwd', '/b', 'c/d', 'e\0f', 'g'];
  let listings = 0;
  const channel = agreeable(ALL, ({ type, id }) => {
    if (type !== PACKET.readdir) return undefined;
    if (listings++ > 0) return statusReply(id, STATUS.endOfFile);
    const fields = names.flatMap((name) => [string(name), string(''), uint32(0)]);
    return packetOf(PACKET.name, [uint32(id), uint32(names.length), ...fields]);
  });
  const files = await open(channel);
  assert.deepEqual(await files.list(), ['a', 'g']);
  await files.close();
});

test('a file that is larger than it may be is not begun, and one that comes in single bytes is given up', async () => {
  let sizeBytes = 2 ** 53;
  const channel = agreeable(ALL, ({ type, id }, path) => {
    if (type === PACKET.stat && path.endsWith('/a')) return attributesReply(id, FILE, sizeBytes);
    if (type === PACKET.read) return packetOf(PACKET.data, [uint32(id), string(Uint8Array.of(7))]);
    return undefined;
  });
  const files = await open(channel);
  await assert.rejects(files.read('a'), { code: 'FILE_TOO_LARGE' });
  sizeBytes = 1_000_000;
  await assert.rejects(files.read('a', 999_999), { code: 'FILE_TOO_LARGE' });
  await assert.rejects(files.read('a'), { code: 'SFTP_UNUSABLE', message: /^pi@edge-7 .*pieces of a few bytes/ });
  await assert.rejects(files.list(), { code: 'SFTP_UNUSABLE' });
});
