/** A PostgreSQL that goes away and comes back, on the same port and with the same data. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chown, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { execute } from '../../packages/logs/src/testing/log-table.ts';
import { findPostgresBinaries } from '../../packages/logs/src/testing/postgres-binaries.ts';

const run = promisify(execFile);
/** The user and group `nobody`: PostgreSQL refuses to run as root. */
const NOBODY = 65534;
const START_LIMIT_MS = 60_000;
/** Ends the server (`$@`) at once when the script's input closes: with the process that started it, however that ends. */
const GUARD = `
  exec 3<&0
  "$@" & server=$!
  { cat; kill -QUIT $server; } <&3 >/dev/null 2>&1 &
  wait $server`;

/** `fast` rolls back what is under way; `immediate` is a crash: the next start recovers. */
export type Shutdown = 'fast' | 'immediate';

export class RestartablePostgres {
  readonly url: string;
  readonly #folder: string;
  readonly #binaries: string;
  readonly #port: number;
  #server: ChildProcess | undefined;

  private constructor(folder: string, binaries: string, port: number) {
    this.#folder = folder;
    this.#binaries = binaries;
    this.#port = port;
    this.url = `postgresql://postgres@127.0.0.1:${port}/postgres?sslmode=disable`;
  }

  /** A new cluster, and its server. */
  static async create(): Promise<RestartablePostgres> {
    const folder = await mkdtemp(join(tmpdir(), 'edgewood-postgres-'));
    const owner = ownerOf();
    if (owner.uid !== undefined) await chown(folder, NOBODY, NOBODY);
    const binaries = await findPostgresBinaries(folder);
    const args = ['-D', join(folder, 'data'), '-U', 'postgres', '-A', 'trust', '--no-sync', '-E', 'UTF8', '--locale=C'];
    await run(join(binaries, 'initdb'), args, { ...owner, cwd: folder });
    const server = new RestartablePostgres(folder, binaries, await freePort());
    await server.start();
    return server;
  }

  async start(): Promise<void> {
    const settings = ['listen_addresses=127.0.0.1', `port=${this.#port}`, `unix_socket_directories=${this.#folder}`];
    const command = [join(this.#binaries, 'postgres'), '-D', join(this.#folder, 'data')];
    for (const setting of settings) command.push('-c', setting);
    this.#server = spawn('/bin/sh', ['-c', GUARD, 'guard', ...command], {
      ...ownerOf(),
      cwd: this.#folder,
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    const giveUpMs = performance.now() + START_LIMIT_MS;
    while (!(await this.#answers())) {
      if (performance.now() > giveUpMs) throw new Error('PostgreSQL does not start');
      await sleep(20);
    }
  }

  /** Ends the server; its data stays. */
  async shutDown(mode: Shutdown): Promise<void> {
    const server = this.#server;
    if (server === undefined || server.exitCode !== null) return;
    const ended = new Promise((resolve) => server.once('exit', resolve));
    process.kill(await this.#postmaster(), mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
    await ended;
    server.stdin?.end();
  }

  /** Stops all of its processes where they are, for as long as the work takes: it takes connections, and never answers. */
  async frozen(work: () => Promise<void>): Promise<void> {
    const postmaster = await this.#postmaster();
    const { stdout } = await run('ps', ['-o', 'pid=', '--ppid', String(postmaster)]);
    const processes = [postmaster, ...stdout.trim().split(/\s+/).map(Number)];
    const signal = (name: NodeJS.Signals) => {
      for (const pid of processes) killIfThere(pid, name);
    };
    signal('SIGSTOP');
    try {
      await work();
    } finally {
      signal('SIGCONT');
    }
  }

  /** Ends the server and removes its data. */
  async end(): Promise<void> {
    await this.shutDown('immediate');
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #postmaster(): Promise<number> {
    return Number.parseInt(await readFile(join(this.#folder, 'data', 'postmaster.pid'), 'utf8'), 10);
  }

  #answers(): Promise<boolean> {
    return execute(this.url, 'SELECT 1').then(
      () => true,
      () => false,
    );
  }
}

function ownerOf(): { uid?: number; gid?: number } {
  return process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
}

/** A process of the server may have ended since it was listed. */
function killIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** A port that nobody listens on now. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return address.port;
}
