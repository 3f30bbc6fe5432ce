/**
 * A real sshd for tests, with two accounts of its own: an ordinary one, and one that is kept in a folder (chroot) and may
 * do nothing but SFTP. Listens on a free port of the loopback interface; processes, accounts and folders are gone when it is
 * stopped or when the process that started it ends, however it ends.
 *
 * Needs root (accounts, chroot) and Debian's packages openssh-server and openssh-client.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, copyFile, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { SshAddress } from '../../packages/deployer/src/target-address.ts';

const run = promisify(execFile);
/** sshd starts itself anew for each connection, and therefore wants its own absolute path. */
const SSHD = '/usr/sbin/sshd';
const SFTP_SERVER = '/usr/lib/openssh/sftp-server';
/** A chroot and all folders above it must belong to root and be writable by nobody else, which `/tmp` is not. */
const FOLDERS = '/srv/edgewood-sshd-';
/** By this name the host's key is known, through whatever port it is reached. */
const HOST_KEY_ALIAS = 'edgewood-test-sshd';
const START_TIMEOUT_MS = 15_000;
const START_ATTEMPTS = 3;

/**
 * Runs a server (`$3`…) for as long as this script's input is open, then removes the accounts ($1, $2) and the folder ($0).
 * The system closes the input when the process that started the script ends.
 */
const GUARD = `
  folder=$0 one=$1 two=$2
  shift 2
  exec 3<&0
  "$@" & server=$!
  { cat; kill -TERM $server; } <&3 >/dev/null 2>&1 &
  wait $server
  for account in "$one" "$two"; do
    for attempt in 1 2 3 4 5; do
      userdel -f "$account" >/dev/null 2>&1 && break
      sleep 1
    done
  done
  rm -rf "$folder"`;

export type SshdAccount = 'ordinary' | 'jailed';

/** A directory that belongs to an account. */
export interface SshdDirectory {
  /** Its path on this machine. */
  readonly path: string;
  /** For `openSftpTargetFiles` with {@link SshdServer.configFile}; the host is the account's name, `ordinary` or `jailed`. */
  readonly address: SshAddress;
}

export interface ClientConfig {
  /** Another port to go through; the server's own is the default. */
  readonly port?: number;
  /** What is known of the host: its key, another one, or nothing. `right` is the default. */
  readonly hostKey?: 'right' | 'wrong' | 'unknown';
  /** The key that is offered: one that is authorized, or another. `right` is the default. */
  readonly userKey?: 'right' | 'wrong';
  /** Further lines that hold for all hosts. */
  readonly lines?: readonly string[];
}

export interface SshdServer {
  readonly port: number;
  /** An ssh configuration by which the hosts `ordinary` and `jailed` are this server, with the account of that name. */
  readonly configFile: string;
  /** The accounts' ids, to own files that a test makes. */
  readonly ids: Readonly<Record<SshdAccount, { readonly uid: number; readonly gid: number }>>;
  /** Another such configuration. */
  configFor(config: ClientConfig): Promise<string>;
  /** Makes an empty directory that belongs to the account, of this name or below it; there must be none yet. */
  makeDirectory(account: SshdAccount, name: string): Promise<SshdDirectory>;
  /** Ends the server, its accounts and its folder; may be called twice. Connections that are open end with their clients. */
  stop(): Promise<void>;
}

/** Starts a server of its own for the caller. */
export async function startSshd(): Promise<SshdServer> {
  // Between choosing a port and listening on it somebody else may take it.
  for (let attempt = 1; attempt < START_ATTEMPTS; attempt++) {
    const server = await tryToStart().catch(() => undefined);
    if (server !== undefined) return server;
  }
  return tryToStart();
}

async function tryToStart(): Promise<SshdServer> {
  const folder = await mkdtemp(FOLDERS);
  await chmod(folder, 0o755);
  const id = randomBytes(4).toString('hex');
  const names = { ordinary: `ewd-${id}`, jailed: `ewj-${id}` };
  const port = await freePort();
  await mkdir('/run/sshd', { recursive: true });
  for (const key of ['host_key', 'other_host_key', 'user_key', 'other_user_key']) {
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', key, '-f', join(folder, key)]);
  }
  await copyFile(join(folder, 'user_key.pub'), join(folder, 'authorized_keys'));
  await writeFile(join(folder, 'sshd_config'), serverConfig(folder, port, names));
  const guard = spawn('/bin/sh', guardArguments(folder, names), { stdio: ['pipe', 'ignore', 'pipe'], detached: true });
  const gone = new Promise<void>((resolve) => guard.once('exit', () => resolve()));
  const stop = async () => {
    guard.stdin.end();
    await gone;
  };
  try {
    const ids = {
      ordinary: await addAccount(names.ordinary, folder, 'ordinary'),
      jailed: await addAccount(names.jailed, folder, 'jail'),
    };
    await untilListening(guard, port);
    return await serverOf(folder, port, names, ids, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

function guardArguments(folder: string, names: Readonly<Record<SshdAccount, string>>): readonly string[] {
  const sshd = [SSHD, '-D', '-e', '-f', join(folder, 'sshd_config')];
  return ['-c', GUARD, folder, names.ordinary, names.jailed, ...sshd];
}

async function serverOf(
  folder: string,
  port: number,
  names: Readonly<Record<SshdAccount, string>>,
  ids: SshdServer['ids'],
  stop: () => Promise<void>,
): Promise<SshdServer> {
  let configs = 0;
  const configFor = async (config: ClientConfig) => {
    const file = join(folder, `ssh_config_${configs++}`);
    await writeFile(file, await clientConfig(folder, port, names, file, config));
    return file;
  };
  return {
    port,
    configFile: await configFor({}),
    ids,
    configFor,
    makeDirectory: async (account, name) => {
      const home = join(folder, account === 'jailed' ? 'jail' : 'ordinary');
      const path = join(home, name);
      await mkdir(path, { recursive: true });
      await chown(path, ids[account].uid, ids[account].gid);
      const directory = account === 'jailed' ? `/${name}` : path;
      return { path, address: { kind: 'ssh', host: account, user: undefined, port: undefined, directory } };
    },
    stop,
  };
}

function serverConfig(folder: string, port: number, names: Readonly<Record<SshdAccount, string>>): string {
  return `
    Port ${port}
    ListenAddress 127.0.0.1
    HostKey ${join(folder, 'host_key')}
    AuthorizedKeysFile ${join(folder, 'authorized_keys')}
    PidFile none
    UsePAM no
    StrictModes no
    UseDNS no
    PasswordAuthentication no
    KbdInteractiveAuthentication no
    PermitRootLogin no
    AllowUsers ${names.ordinary} ${names.jailed}
    MaxStartups 500
    MaxSessions 500
    LogLevel ERROR
    Subsystem sftp ${SFTP_SERVER}
    Match User ${names.jailed}
      ChrootDirectory ${join(folder, 'jail')}
      ForceCommand internal-sftp
      AllowTcpForwarding no
      PermitTTY no
  `;
}

async function clientConfig(
  folder: string,
  port: number,
  names: Readonly<Record<SshdAccount, string>>,
  file: string,
  { port: through = port, hostKey = 'right', userKey = 'right', lines = [] }: ClientConfig,
): Promise<string> {
  const known = hostKey === 'right' ? 'host_key.pub' : 'other_host_key.pub';
  const line = `${HOST_KEY_ALIAS} ${await readFile(join(folder, known), 'utf8')}`;
  await writeFile(`${file}.known_hosts`, hostKey === 'unknown' ? '' : line);
  return `
    ${lines.join('\n')}
    Host ordinary
      User ${names.ordinary}
    Host jailed
      User ${names.jailed}
    Host *
      HostName 127.0.0.1
      Port ${through}
      IdentityFile ${join(folder, userKey === 'right' ? 'user_key' : 'other_user_key')}
      IdentitiesOnly yes
      HostKeyAlias ${HOST_KEY_ALIAS}
      UserKnownHostsFile ${file}.known_hosts
      GlobalKnownHostsFile none
  `;
}

/** Makes an account with a home that belongs to it, or to root if it is a jail, and an unusable password. */
async function addAccount(
  name: string,
  folder: string,
  home: 'ordinary' | 'jail',
): Promise<{ readonly uid: number; readonly gid: number }> {
  const path = join(folder, home);
  await mkdir(path);
  const add = () =>
    run('useradd', ['-M', '-N', '-g', 'nogroup', '-d', home === 'jail' ? '/' : path, '-s', '/bin/sh', name]);
  // Tests beside this one may hold the list of accounts.
  for (
    let attempt = 1;
    attempt < 10 &&
    !(await add().then(
      () => true,
      () => false,
    ));
    attempt++
  )
    await sleep(500);
  // A locked account would be refused, and one with an impossible password is not locked.
  for (let attempt = 1; attempt < 10; attempt++) {
    if (
      await run('usermod', ['-p', '*', name]).then(
        () => true,
        () => false,
      )
    )
      break;
    await sleep(500);
  }
  const [uid, gid] = await Promise.all(['-u', '-g'].map(async (of) => Number((await run('id', [of, name])).stdout)));
  if (home === 'ordinary') await chown(path, uid!, gid!);
  return { uid: uid!, gid: gid! };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function untilListening(guard: ChildProcess, port: number): Promise<void> {
  let said = '';
  guard.stderr?.on('data', (text) => {
    said = (said + text).slice(-2_000);
  });
  const giveUpAt = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < giveUpAt && guard.exitCode === null) {
    if (await answers(port)) return;
    await sleep(20);
  }
  throw new Error(`sshd does not listen: ${said}`);
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    // Its greeting shows that it is an SSH server.
    socket.once('data', (text) => {
      resolve(text.toString().startsWith('SSH-'));
      socket.destroy();
    });
    socket.once('error', () => resolve(false));
    socket.once('close', () => resolve(false));
  });
}
