/**
 * A third party's agent runs in a process of its own, so that whatever goes wrong in it stays there: an endless loop, an
 * exit, a crash, memory that grows for ever.
 *
 * A thread would not do: when one thread's heap overflows in a single step (a long array or a Map that grows), V8 ends the
 * whole process. The process gets nothing of the service's environment. It is no sandbox against malice: it may read, write
 * and connect as the service's user may.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import type {
  AgentAnswer,
  AgentLastWord,
  InspectAnswer,
  InspectRequest,
  LoadAnswer,
  LoadRequest,
} from './agent-host.ts';
import { AGENT_HOST } from './agent-host-location.ts';

/** How often the memory of the process is looked at, in milliseconds. */
const MEMORY_POLL_MS = 250;
/** A process that ends closes its channel, and may say its last word, within so many milliseconds. */
const PARTING_MS = 1_000;

/** Warnings about Node itself, which are none of the agent's. */
const SILENT_WARNINGS = ['--disable-warning=ExperimentalWarning', '--disable-warning=MODULE_TYPELESS_PACKAGE_JSON'];

/** Ends the agent (`$0`) when standard input closes, which the system does when the service ends, however it ends. */
const GUARD = 'read -r _; kill -9 "$0"';

export interface AgentProcessOptions {
  /** Working directory. */
  readonly directory: string;
  readonly heapMb: number;
  readonly processMb: number;
  /** Is given what the agent prints. */
  readonly onOutput: (text: string) => void;
  /** Is called if the process ends by itself while nothing was asked. */
  readonly onIdleDeath: (reason: string) => void;
}

interface Question {
  readonly id: number;
  readonly resolve: (answer: AgentAnswer) => void;
  readonly reject: (error: Error) => void;
}

export class AgentProcess {
  readonly #options: AgentProcessOptions;
  readonly #child: ChildProcess;
  readonly #guard: ChildProcess | undefined;
  readonly #memoryTimer: NodeJS.Timeout;
  readonly #gone = Promise.withResolvers<void>();
  #question: Question | undefined;
  #questions = 0;
  /** Why it ended, or has to. */
  #death: string | undefined;
  #isStopped = false;

  constructor(options: AgentProcessOptions) {
    this.#options = options;
    this.#child = spawnHost(options);
    this.#guard = spawnGuard(this.#child.pid);
    this.#listen();
    this.#memoryTimer = setInterval(() => void this.#checkMemory(), MEMORY_POLL_MS);
  }

  get isAlive(): boolean {
    return this.#death === undefined;
  }

  /**
   * @throws {Error} with the reason, if the agent cannot be loaded or its process ends; the signal's reason, if that comes
   *   first: then the process is ended.
   */
  async load(request: LoadRequest, signal: AbortSignal): Promise<LoadAnswer> {
    return (await this.#ask({ ask: 'load', ...request }, signal)) as LoadAnswer;
  }

  /** Asks the loaded agent; one question at a time. @throws as {@link load}. */
  async inspect(request: InspectRequest, signal: AbortSignal): Promise<InspectAnswer> {
    return (await this.#ask({ ask: 'inspect', ...request }, signal)) as InspectAnswer;
  }

  /** Ends the process, whatever it is doing; may be called twice. Resolves when it is gone. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#kill('it was stopped');
    await this.#gone.promise;
  }

  async #ask(request: object, signal: AbortSignal): Promise<unknown> {
    assert(this.#question === undefined, 'an agent is asked one question at a time');
    signal.throwIfAborted();
    if (this.#death !== undefined) throw new Error(this.#death);
    this.#questions += 1;
    const id = this.#questions;
    const { promise, resolve, reject } = Promise.withResolvers<AgentAnswer>();
    this.#question = { id, resolve, reject };
    const onAbort = () => {
      reject(signal.reason);
      void this.stop();
    };
    signal.addEventListener('abort', onAbort);
    this.#child.send({ id, ...request }, () => {}); // if that fails the process ends, which is heard of elsewhere
    try {
      const { failed, done } = await promise;
      if (failed !== undefined) throw new Error(failed);
      return done;
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#question = undefined;
    }
  }

  #listen(): void {
    const child = this.#child;
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', this.#options.onOutput);
    child.on('message', (message: AgentAnswer | AgentLastWord) => {
      if ('died' in message) this.#death ??= `its process ended by an exception: ${message.died}`;
      else if (message.id === this.#question?.id) this.#question.resolve(message);
    });
    const parted = Promise.withResolvers<void>();
    child.once('disconnect', () => {
      parted.resolve();
      setTimeout(() => this.#kill('its process closed the channel to the service'), PARTING_MS).unref();
    });
    child.once('error', (error) => this.#end(`its process cannot be started: ${error.message}`));
    child.once('exit', async (code, signal) => {
      setTimeout(parted.resolve, PARTING_MS).unref();
      await parted.promise;
      this.#end(this.#reasonOf(code, signal));
    });
  }

  #reasonOf(code: number | null, signal: NodeJS.Signals | null): string {
    if (signal === null) return `its process ended with exit code ${code}`;
    const { heapMb } = this.#options;
    const hint = signal === 'SIGABRT' ? `, as it does if its objects need more than ${heapMb} MB` : '';
    return `its process was ended by ${signal}${hint}`;
  }

  #kill(reason: string): void {
    this.#death ??= reason;
    this.#child.kill('SIGKILL');
  }

  #end(reason: string): void {
    this.#death ??= reason;
    clearInterval(this.#memoryTimer);
    this.#guard?.kill();
    if (this.#question !== undefined) this.#question.reject(new Error(this.#death));
    else if (!this.#isStopped) this.#options.onIdleDeath(this.#death);
    this.#gone.resolve();
  }

  async #checkMemory(): Promise<void> {
    const { processMb } = this.#options;
    const usedMb = await residentMb(this.#child.pid);
    if (usedMb > processMb) this.#kill(`its process used ${usedMb} MB of memory, at most ${processMb} are allowed`);
  }
}

function spawnHost({ directory, heapMb }: AgentProcessOptions): ChildProcess {
  const flags = [`--max-old-space-size=${heapMb}`, ...SILENT_WARNINGS, '--input-type=module'];
  return spawn(process.execPath, [...flags, '-e', 'await import(process.argv[1])', AGENT_HOST], {
    cwd: directory,
    env: {},
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
}

/** Without a shell on the machine there is no guard; then an agent that loops outlives a service that was killed. */
function spawnGuard(pid: number | undefined): ChildProcess | undefined {
  if (pid === undefined) return undefined;
  const guard = spawn('/bin/sh', ['-c', GUARD, String(pid)], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  return guard.once('error', () => {});
}

/** Memory that a process has in use, in MB; 0 where the system does not say. */
async function residentMb(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Math.round(Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1_000);
}
