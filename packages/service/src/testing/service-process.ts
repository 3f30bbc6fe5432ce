import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** A line of the service's log. */
export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

const SERVE = join(import.meta.dirname, 'serve.ts');

type Child = ChildProcessByStdio<null, Readable, null>;

/** A service that runs as a process of its own, and its log. */
export class ServiceProcess {
  /** All that it has logged so far. */
  readonly log: LogLine[] = [];
  /** Its exit code, once it has ended and all of its log is here; null if a signal ended it. */
  readonly ended: Promise<number | null>;
  readonly #process: Child;
  readonly #waiting = new Set<() => void>();

  private constructor(process: Child) {
    this.#process = process;
    const lines = createInterface({ input: process.stdout });
    const logEnds = new Promise((resolve) => lines.once('close', resolve));
    const exits = new Promise<number | null>((resolve) => process.once('exit', resolve));
    this.ended = Promise.all([exits, logEnds]).then(([code]) => code);
    lines.on('line', (line) => {
      this.log.push(JSON.parse(line));
      for (const look of this.#waiting) look();
    });
  }

  /** @param program takes the arguments; by default `serve.ts`. */
  static start(args: readonly string[], env: NodeJS.ProcessEnv, program = SERVE): ServiceProcess {
    const command = ['--conditions=source', program, ...args];
    return new ServiceProcess(spawn(process.execPath, command, { env, stdio: ['ignore', 'pipe', 'inherit'] }));
  }

  /**
   * The first line, logged before or from now on, whose message matches; or the `nth`. Rejects if the process ends without
   * it.
   */
  async line(pattern: RegExp, nth = 1): Promise<LogLine> {
    const { promise, resolve, reject } = Promise.withResolvers<LogLine>();
    const look = () => {
      const found = this.log.filter(({ msg }) => pattern.test(msg))[nth - 1];
      if (found !== undefined) resolve(found);
    };
    this.#waiting.add(look);
    look();
    void this.ended.then((code) =>
      reject(new Error(`it ended with ${code} and never said ${pattern}: ${this.#said()}`)),
    );
    return promise.finally(() => this.#waiting.delete(look));
  }

  signal(name: NodeJS.Signals): void {
    this.#process.kill(name);
  }

  /** Ends it as `kill -9` does, if it still runs. When this returns, it writes nowhere any more. */
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.ended;
  }

  #said(): string {
    return this.log.map(({ msg }) => msg).join(' | ');
  }
}
