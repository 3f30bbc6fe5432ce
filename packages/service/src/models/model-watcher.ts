/**
 * The model watcher looks at a model directory every few seconds and tells what it looks like.
 *
 * It polls, because nothing else notices a link that is switched on every file system. Looks never overlap: each waits for
 * what the one before has led to.
 */
import { type AgentName, activeIdentity, checkActiveLinks, type ModelFiles } from '@edgewood/models';
import type { Clock } from '../clock.ts';

export interface ModelWatcherOptions {
  readonly files: ModelFiles;
  readonly agent: AgentName;
  readonly clock: Clock;
  readonly pollIntervalMs: number;
  /** Is told at every look, changed or not, what the directory looks like, and whether somebody asked for this look. */
  readonly onLook: (identity: string, asked: boolean) => Promise<void>;
}

export class ModelWatcher {
  readonly #options: ModelWatcherOptions;
  readonly #stopping = new AbortController();
  #looks: Promise<void> = Promise.resolve();
  #watching: Promise<void> | undefined;

  constructor(options: ModelWatcherOptions) {
    this.#options = options;
  }

  /** Looks for the first time, then goes on looking until `stop`. */
  async start(): Promise<void> {
    await this.look();
    this.#watching ??= this.#watch();
  }

  /** Ends when the look under way has ended. May be called twice, and before `start`. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#watching;
    await this.#looks;
  }

  /** Looks now, after the look that may be under way. */
  look(asked = false): Promise<void> {
    const { files, agent, onLook } = this.#options;
    this.#looks = this.#looks.then(async () => onLook(await identityOf(files, agent), asked));
    return this.#looks;
  }

  async #watch(): Promise<void> {
    const { clock, pollIntervalMs } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await clock.sleepUntil(clock.nowMs() + pollIntervalMs, signal);
      if (!signal.aborted) await this.look();
    }
  }
}

/** The link for people is part of it: when it falls in step later, the warning about it goes away. */
async function identityOf(files: ModelFiles, agent: AgentName): Promise<string> {
  const identity = await activeIdentity(files, agent);
  try {
    return `${identity} ${(await checkActiveLinks(files, agent)) ?? ''}`;
  } catch {
    return identity; // which says it too
  }
}
