/** Model files over SFTP, with a real sshd. Needs root, openssh-server and openssh-client. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import {
  openSftpTargetFiles,
  type SftpOptions,
  type SftpTargetFiles,
} from '../../packages/deployer/src/sftp-target-files.ts';
import { testTargetFiles } from '../../packages/deployer/src/testing/target-files-contract.ts';
import { parseAgentName } from '../../packages/models/src/model-version.ts';
import { testModelFiles } from '../../packages/models/src/testing/model-files-contract.ts';
import { startCuttingProxy } from './cutting-proxy.ts';
import { startLinkReader } from './link-reader.ts';
import { type SshdAccount, type SshdDirectory, type SshdServer, startSshd } from './sshd-server.ts';

const ACCOUNTS: readonly SshdAccount[] = ['ordinary', 'jailed'];
const MODEL = 'wifi_model_20250607_230000.joblib';
const bytesOf = (sizeBytes: number) => Uint8Array.from({ length: sizeBytes }, (_, at) => (at * 7919) >> 3);

let server: SshdServer;
let directories = 0;
before(async () => {
  server = await startSshd();
});
after(() => server.stop());

function newDirectory(account: SshdAccount = 'ordinary', name = `models-${directories++}`): Promise<SshdDirectory> {
  return server.makeDirectory(account, name);
}

async function opened(t: TestContext, { address }: SshdDirectory, options: SftpOptions = {}): Promise<SftpTargetFiles> {
  const files = await openSftpTargetFiles(address, { configFile: server.configFile, ...options });
  t.after(() => files.close());
  return files;
}

/** The ssh processes that this one has started and that are still there. */
function sshProcesses(): readonly string[] {
  const list = execFileSync('ps', ['-o', 'pid=,pgid=,comm=', '--ppid', String(process.pid)], { encoding: 'utf8' });
  return list.split('\n').filter((line) => line.trim().endsWith(' ssh'));
}

for (const account of ACCOUNTS) {
  testModelFiles(`the ${account} account`, async (t) => opened(t, await newDirectory(account)));
  testTargetFiles(`the ${account} account`, async (t) => {
    const directory = await newDirectory(account);
    return { files: await opened(t, directory), path: directory.path };
  });

  test(`the ${account} account: directories and files may have spaces, quotes and a shell's signs in their names`, async (t) => {
    const name = `it's "the" models; $(reboot) \`x\` -é*?\\`;
    const directory = await newDirectory(account, name);
    const files = await opened(t, directory);
    await files.writeVerified(`-${name}`, bytesOf(10));
    await files.replaceLink(`a ${name}`, `-${name}`);
    assert.equal((await files.identify(`a ${name}`))?.target, `-${name}`);
    assert.deepEqual(await files.read(`a ${name}`), bytesOf(10));
    assert.deepEqual(await files.list(), [`-${name}`, `a ${name}`]);
    assert.deepEqual(readdirSync(directory.path).sort(), [`-${name}`, `a ${name}`]);
  });

  test(`the ${account} account: a directory that is not there, or is a file, is an error that names it`, async (t) => {
    const directory = await newDirectory(account);
    writeFileSync(join(directory.path, 'file'), '');
    const below = (name: string) => ({
      ...directory,
      address: { ...directory.address, directory: `${directory.address.directory}/${name}` },
    });
    const named = (name: string) => new RegExp(`${account}:/.*/${name}`);
    await assert.rejects(opened(t, below('none')), { code: 'FILE_UNREADABLE', message: named('none') });
    await assert.rejects(opened(t, below('file')), { code: 'FILE_UNREADABLE', message: named('file') });
  });

  test(`the ${account} account: a directory that may only be read is read, and says so to a writer`, async (t) => {
    const directory = await newDirectory(account);
    writeFileSync(join(directory.path, 'a'), 'one');
    execFileSync('chown', ['root', directory.path]);
    const files = await opened(t, directory);
    assert.deepEqual(await files.list(), ['a']);
    const refused = { code: 'FILE_UNWRITABLE', message: new RegExp(`${account}:/.*permission denied`) };
    await assert.rejects(files.write('b', bytesOf(1)), refused);
    await assert.rejects(files.writeVerified('b', bytesOf(1)), refused);
    await assert.rejects(files.replaceFile('a', bytesOf(1)), refused);
    await assert.rejects(files.replaceLink('a', 'b'), refused);
    await assert.rejects(files.remove('a'), refused);
    assert.deepEqual(readdirSync(directory.path), ['a']);
  });

  test(`the ${account} account: on a disk that is full, or has no room for one more file, nothing is left`, async (t) => {
    const directory = await newDirectory(account);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k,nr_inodes=8,mode=777', 'tmpfs', directory.path]);
    t.after(() => execFileSync('umount', ['-l', directory.path]));
    const files = await opened(t, directory);
    await files.writeVerified('small', bytesOf(1_000));
    const sentBytes: number[] = [];
    const tooLarge = files.writeVerified(MODEL, bytesOf(1_000_000), (sent) => sentBytes.push(sent));
    await assert.rejects(tooLarge, { code: 'NO_SPACE', message: new RegExp(`${MODEL}: no space is left`) });
    assert.ok(sentBytes.length > 0 && Math.max(...sentBytes) < 300_000);
    await assert.rejects(files.write(MODEL, bytesOf(1_000_000)), { code: 'FILE_UNWRITABLE' });
    assert.deepEqual(readdirSync(directory.path), ['small']);
    const freeBytes = await files.freeBytes();
    assert.ok(freeBytes !== undefined && freeBytes > 200_000 && freeBytes < 262_144);
    for (let n = 0, isFull = false; !isFull; n++) {
      const added = spawnSync('touch', [join(directory.path, `filler-${n}`)]);
      isFull = added.status !== 0;
    }
    await assert.rejects(files.writeVerified('one-more', bytesOf(1)), { code: 'NO_SPACE', message: /no file more/ });
  });
}

test('a reader finds the old file or the new one through 500 switches of a link', async (t) => {
  const directory = await newDirectory('jailed');
  const files = await opened(t, directory);
  for (const name of ['one', 'two']) await files.write(name, new TextEncoder().encode(name.repeat(10_000)));
  await files.replaceLink('active', 'one');
  const reader = await startLinkReader(join(directory.path, 'active'), ['one', 'two']);
  t.after(() => reader.stop());
  for (let turn = 0; turn < 500; turn++) await files.replaceLink('active', turn % 2 === 0 ? 'two' : 'one');
  const { reads, failures } = await reader.stop();
  assert.deepEqual(failures, []);
  assert.ok(reads > 500, `${reads} reads`);
  t.diagnostic(`${reads} reads, none failed`);
});

test('a link made by hand may lead to its target by any path; a circle leads to nothing, a pipe is not waited for', async (t) => {
  const directory = await newDirectory();
  const files = await opened(t, directory);
  await files.write('one', bytesOf(1));
  const own = realpathSync(directory.path);
  const targets = ['./one', join(own, 'one'), join('..', basename(own), 'one'), '../outside/one'];
  for (const [at, target] of targets.entries()) symlinkSync(target, join(own, `active${at}`));
  for (const at of [0, 1, 2]) assert.equal((await files.identify(`active${at}`))?.target, 'one');
  assert.equal((await files.identify('active3'))?.target, '../outside/one');
  symlinkSync('b', join(own, 'a'));
  symlinkSync('a', join(own, 'b'));
  assert.deepEqual(await files.identify('a'), { target: 'b', content: '', sizeBytes: 0 });
  execFileSync('mkfifo', [join(own, 'pipe')]);
  mkdirSync(join(own, 'folder'));
  for (const name of ['pipe', 'folder']) {
    await assert.rejects(files.read(name), { code: 'FILE_UNREADABLE', message: /not a file/ });
  }
  execFileSync('chmod', ['0', join(own, 'one')]);
  assert.equal((await files.identify('one'))?.sizeBytes, 1);
});

test('the directory of an account may be given below its home', async (t) => {
  const { path, address } = await newDirectory('ordinary', 'below home');
  const files = await opened(t, { path, address: { ...address, directory: 'below home' } });
  await files.write('a', bytesOf(1));
  assert.deepEqual(readdirSync(path), ['a']);
  assert.equal((await files.identify('a'))?.sizeBytes, 1);
});

test('a host key that is not the known one, or not known, is refused, whatever the configuration allows', async (t) => {
  const directory = await newDirectory();
  const lax = ['StrictHostKeyChecking no', 'VerifyHostKeyDNS yes', 'LogLevel QUIET', 'BatchMode no'];
  for (const hostKey of ['wrong', 'unknown'] as const) {
    for (const lines of [[], lax]) {
      const configFile = await server.configFor({ hostKey, lines });
      const before = readFileSync(`${configFile}.known_hosts`, 'utf8');
      await assert.rejects(opened(t, directory, { configFile }), {
        code: 'HOST_KEY_REFUSED',
        message: /ordinary: ssh says: Host key verification failed\.$/,
      });
      assert.equal(readFileSync(`${configFile}.known_hosts`, 'utf8'), before);
    }
  }
});

test('what a configuration has for people at a terminal does no harm, and no connection is shared or left behind', async (t) => {
  const directory = await newDirectory();
  const lines = [
    'ControlMaster auto',
    `ControlPath ${directory.path}/master-%C`,
    'ControlPersist 60',
    'RemoteCommand reboot',
    'RequestTTY force',
    'ForwardAgent yes',
    'ForwardX11 yes',
    'LocalForward 1 127.0.0.1:1',
    'PermitLocalCommand yes',
    `LocalCommand touch ${directory.path}/ran`,
  ];
  const files = await opened(t, directory, { configFile: await server.configFor({ lines }) });
  assert.deepEqual(await files.list(), []);
  await files.close();
  assert.deepEqual(readdirSync(directory.path), []);
});

test('a machine behind another is reached by the jump of the configuration', async (t) => {
  const directory = await newDirectory('jailed');
  // The line would hold for the jump itself too, which must not jump.
  const configFile = await server.configFor({ lines: ['Match host jailed', '  ProxyJump ordinary', 'Match all'] });
  const files = await opened(t, directory, { configFile });
  await files.write('a', bytesOf(100_000));
  assert.deepEqual(await files.read('a'), bytesOf(100_000));
});

test('a key that is not let in, a name that is none, a closed port and a missing ssh are told apart', async (t) => {
  const directory = await newDirectory();
  const wrongKey = { configFile: await server.configFor({ userKey: 'wrong' }) };
  await assert.rejects(opened(t, directory, wrongKey), { code: 'LOGIN_REFUSED', message: /Permission denied/ });
  const nowhere = { ...directory, address: { ...directory.address, host: 'nowhere.invalid' } };
  const config = await server.configFor({ lines: ['Match host nowhere.invalid', '  HostName %h', 'Match all'] });
  const unknown = { code: 'UNREACHABLE', message: /nowhere\.invalid: ssh says: .*resolve/ };
  await assert.rejects(opened(t, nowhere, { configFile: config }), unknown);
  const proxy = await startCuttingProxy(server.port);
  await proxy.stop();
  const closed = { configFile: await server.configFor({ port: proxy.port }) };
  await assert.rejects(opened(t, directory, closed), { code: 'UNREACHABLE', message: /refused/ });
  await assert.rejects(opened(t, directory, { program: '/nonexistent/ssh' }), { code: 'SSH_UNAVAILABLE' });
  await assert.rejects(opened(t, directory, { configFile: '/nonexistent/config' }), { code: 'SSH_UNAVAILABLE' });
  assert.deepEqual(sshProcesses(), []);
});

test('what lets in and speaks no SFTP is an error that says so', async (t) => {
  const directory = await newDirectory();
  await assert.rejects(opened(t, directory, { program: '/bin/true' }), {
    code: 'SFTP_UNUSABLE',
    message: /without a word/,
  });
  await assert.rejects(opened(t, directory, { program: '/bin/echo' }), { code: 'SFTP_UNUSABLE', message: /at login/ });
});

test('a connection that is cut during an upload leaves nothing under a name, and the next one removes what is left', async (t) => {
  const directory = await newDirectory('jailed');
  const proxy = await startCuttingProxy(server.port);
  t.after(() => proxy.stop());
  const configFile = await server.configFor({ port: proxy.port });
  const bytes = bytesOf(400_000);
  const attempt = async () => {
    const files = await openSftpTargetFiles(directory.address, { configFile });
    await files.writeVerified(MODEL, bytes).finally(() => files.close());
  };
  await attempt();
  const whole = proxy.takeCounts();
  for (const direction of ['client-to-server', 'server-to-client'] as const) {
    for (let part = 0; part < 12; part++) {
      execFileSync('rm', ['-f', join(directory.path, MODEL)]);
      proxy.cutNext({ afterBytes: Math.floor((whole[direction] * (part + 0.5)) / 12), direction });
      await assert.rejects(attempt(), ({ code }) => ['CONNECTION_LOST', 'UNREACHABLE'].includes(code), `part ${part}`);
      const found = readdirSync(directory.path).filter((name) => !name.startsWith('.'));
      // It may be there if only the news of it was lost; then it is whole.
      if (found.length > 0) assert.deepEqual(readFileSync(join(directory.path, MODEL)), Buffer.from(bytes));
    }
  }
  proxy.cutNext(undefined);
  const files = await opened(t, directory);
  await files.removeLeftovers(parseAgentName('wifi'));
  assert.deepEqual(
    readdirSync(directory.path).filter((name) => name !== MODEL),
    [],
  );
  await files.close();
  assert.deepEqual(sshProcesses(), []);
});

test('a connection over which nothing comes any more is given up, and its ssh does not stay', async (t) => {
  const directory = await newDirectory();
  const proxy = await startCuttingProxy(server.port);
  t.after(() => proxy.stop());
  const configFile = await server.configFor({ port: proxy.port });
  proxy.cutNext({ afterBytes: 100_000, direction: 'client-to-server', how: 'stall' });
  const files = await opened(t, directory, { configFile, inactivityMs: 1_000 });
  await assert.rejects(files.writeVerified('a', bytesOf(1_000_000)), { code: 'CONNECTION_LOST', message: /for 1 s/ });
  const lostAt = performance.now();
  await files.close();
  // ssh would go on waiting for half a minute.
  assert.ok(performance.now() - lostAt < 15_000);
  assert.deepEqual(sshProcesses(), []);
});

test('a signal ends a connection and an upload at once, and ssh is reaped', async (t) => {
  const directory = await newDirectory();
  await assert.rejects(opened(t, directory, { signal: AbortSignal.abort() }), { code: 'INTERRUPTED' });
  const ending = new AbortController();
  const files = await opened(t, directory, { signal: ending.signal });
  assert.equal(sshProcesses().length, 1);
  const upload = files.writeVerified('a', bytesOf(3_000_000), (sent) => {
    if (sent > 500_000) ending.abort();
  });
  await assert.rejects(upload, { code: 'INTERRUPTED' });
  await assert.rejects(files.list(), { code: 'INTERRUPTED' });
  await Promise.all([files.close(), files.close()]);
  assert.deepEqual(sshProcesses(), []);
});

test('Ctrl-C at the terminal, which goes to the whole process group, does not reach ssh', async (t) => {
  await opened(t, await newDirectory());
  const [line = ''] = sshProcesses();
  const [pid, group] = line.trim().split(/ +/);
  assert.equal(group, pid);
});
