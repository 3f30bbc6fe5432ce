/**
 * SFTP by the system's OpenSSH client, which is told to open the subsystem and to pass it through its standard input and
 * output: so the user's ssh configuration, agent, jump hosts, certificates and known hosts hold, and no shell is involved
 * on either side. `sftp -b` would do that too, but it cannot read where a link leads to, tell which of several commands
 * failed and why, or report progress.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { DeployError } from '../errors.ts';
import { formatTargetAddress, type SshAddress } from '../target-address.ts';
import type { SftpChannel } from './sftp-session.ts';
import { type SshOptions, sshArguments } from './ssh-arguments.ts';
import { sshFailure } from './ssh-failure.ts';

/** So much of what ssh says is kept, from its end, in characters. */
const MAX_SAID = 16 * 1024;
/** Time to end by itself when its input is closed, and again when it is told to end, in milliseconds. */
const GRACE_MS = 2_000;

/** Starts ssh. It is ended, and nothing of it left, when the channel is closed, or with this process. */
export function openSshChannel(address: SshAddress, options: SshOptions = {}): SftpChannel {
  const program = options.program ?? 'ssh';
  // In a process group of its own: Ctrl-C at the terminal must not cut the line over which a deployment is taken back.
  const child = spawn(program, sshArguments(address, options), { stdio: 'pipe', detached: true, windowsHide: true });
  return new SshChannel(peerOf(address), program, child);
}

function peerOf(address: SshAddress): string {
  return formatTargetAddress({ ...address, directory: '/' }).replace(/:?\/$/, '');
}

class SshChannel implements SftpChannel {
  readonly peer: string;
  readonly #child: ChildProcessWithoutNullStreams;
  /** Resolved when the process is gone, or never came to be. */
  readonly #gone: Promise<unknown>;
  readonly #saidAll: Promise<unknown>;
  #said = '';
  #spawnError: DeployError | undefined;

  constructor(peer: string, program: string, child: ChildProcessWithoutNullStreams) {
    this.peer = peer;
    this.#child = child;
    this.#gone = new Promise((resolve) => {
      child.once('exit', resolve);
      child.once('error', (error) => {
        this.#spawnError ??= unavailable(program, error);
        resolve(undefined);
      });
    });
    this.#saidAll = new Promise((resolve) => child.stderr.once('close', resolve));
    child.stderr.on('error', () => undefined); // then it closes
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#said = (this.#said + text).slice(-MAX_SAID);
    });
  }

  get fromThere() {
    return this.#child.stdout;
  }

  get toThere() {
    return this.#child.stdin;
  }

  async whyEnded(hasSpoken: boolean): Promise<DeployError> {
    await this.#endSoon();
    // What was said last may still be on its way, but something that ssh has started could hold the stream open.
    await within(GRACE_MS, this.#saidAll);
    if (this.#spawnError !== undefined) return this.#spawnError;
    const exitCode = this.#child.exitCode ?? undefined;
    return sshFailure(this.peer, { exitCode, said: this.#said, hasSpoken });
  }

  async close(): Promise<void> {
    this.#child.stdin.end();
    await this.#endSoon();
    for (const stream of [this.#child.stdin, this.#child.stdout, this.#child.stderr]) stream.destroy();
  }

  async #endSoon(): Promise<void> {
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      if (await within(GRACE_MS, this.#gone)) return;
      this.#child.kill(signal);
    }
    await this.#gone;
  }
}

/** Whether something has happened within some time. */
async function within(limitMs: number, event: Promise<unknown>): Promise<boolean> {
  const late = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => late.resolve(false), limitMs);
  try {
    return await Promise.race([event.then(() => true), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function unavailable(program: string, error: Error): DeployError {
  const sentence = `the OpenSSH client ${program} cannot be started: ${error.message}`;
  return new DeployError('SSH_UNAVAILABLE', sentence, { cause: error });
}
