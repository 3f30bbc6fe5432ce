/**
 * The model watcher looks at a model directory every few seconds and tells what it looks like.
 *
 * It polls, because nothing else notices everything on every file system. Where the directory can tell of changes, that
 * only makes the next look come sooner. Looks never overlap: each waits for what the one before has led to.
 *
 * ```
 * begin to be told ─▶ look ─▶ wait: the interval, or less if told ─▶ if told, let it settle ─▶ begin again
 * ```
 *
 * Being told begins anew with every look, so that it is always the directory of this name that tells, also after another
 * one was moved there.
 */
import {
  type AgentName,
  activeContent,
  activeIdentity,
  checkActiveLinks,
  type ModelFiles,
  type ModelRole,
} from '@edgewood/models';
import type { Clock } from '../clock.ts';
import { type ContentReading, isReadingDue, nextReading } from './content-policy.ts';

/** Between a change that was told and the look for it, in milliseconds: one activation is many changes. */
export const CHANGE_SETTLE_MS = 100;

/** What a directory looks like. */
export interface SeenFiles {
  /** What the file system says of the version that is watched, or what keeps one from being there. */
  readonly identity: string;
  /** The hashes of its files, as a `LoadedModel`'s `content`. */
  readonly content: string;
}

export interface ModelWatcherOptions {
  readonly files: ModelFiles;
  readonly agent: AgentName;
  /** Whose links are looked at. */
  readonly role: ModelRole;
  /** One that is not set while the watch goes on. */
  readonly clock: Clock;
  readonly pollIntervalMs: number;
  /** Is told at every look, changed or not, what the directory looks like, and whether somebody asked for this look. */
  readonly onLook: (seen: SeenFiles, asked: boolean) => Promise<void>;
}

export class ModelWatcher {
  readonly #options: ModelWatcherOptions;
  readonly #stopping = new AbortController();
  #looks: Promise<void> = Promise.resolve();
  #asked: Promise<void> | undefined;
  #lookingSinceMs: number | undefined;
  #reading: ContentReading | undefined;
  #round = new AbortController();
  #watching: Promise<void> | undefined;

  constructor(options: ModelWatcherOptions) {
    this.#options = options;
  }

  /** Looks for the first time, then goes on looking until `stop`. */
  async start(): Promise<void> {
    const round = this.#beginRound();
    await this.look();
    this.#watching ??= this.#watch(round);
  }

  /** Ends when the look under way has ended. May be called twice, and before `start`. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#round.abort();
    await this.#watching;
    await this.#looks;
  }

  /**
   * Looks now, after the look that may be under way. Of those who ask meanwhile, all get the same look.
   *
   * @param asked reads the files too, however little seems to have changed.
   */
  look(asked = false): Promise<void> {
    if (asked && this.#asked !== undefined) return this.#asked;
    const look = this.#looks.then(() => this.#look(asked));
    if (asked) this.#asked = look;
    this.#looks = look.catch(() => undefined); // whoever wanted this look hears of it, and the next one comes all the same
    return look;
  }

  /** How long the look under way has taken, in milliseconds; undefined if there is none. A dead disk can hold it for ever. */
  get lookingForMs(): number | undefined {
    return this.#lookingSinceMs === undefined ? undefined : this.#options.clock.nowMs() - this.#lookingSinceMs;
  }

  async #watch(first: AbortController): Promise<void> {
    await this.#wait(first);
    while (!this.#stopping.signal.aborted) {
      const round = this.#beginRound();
      await this.look();
      await this.#wait(round);
    }
  }

  /** From here on until the round ends, a change ends it. */
  #beginRound(): AbortController {
    const round = new AbortController();
    this.#round = round;
    this.#options.files.watch?.(() => round.abort(), round.signal);
    return round;
  }

  async #wait(round: AbortController): Promise<void> {
    const { clock, pollIntervalMs } = this.#options;
    await clock.sleepUntil(clock.nowMs() + pollIntervalMs, round.signal);
    const isTold = round.signal.aborted;
    round.abort();
    const settleMs = isTold ? Math.min(CHANGE_SETTLE_MS, pollIntervalMs) : 0;
    await clock.sleepUntil(clock.nowMs() + settleMs, this.#stopping.signal);
  }

  async #look(asked: boolean): Promise<void> {
    if (asked) this.#asked = undefined;
    this.#lookingSinceMs = this.#options.clock.nowMs();
    try {
      await this.#options.onLook(await this.#see(asked), asked);
    } finally {
      this.#lookingSinceMs = undefined;
    }
  }

  async #see(asked: boolean): Promise<SeenFiles> {
    const { files, agent, role, clock } = this.#options;
    const identity = await identityOf(files, agent, role);
    const look = { identity, nowMs: clock.nowMs(), asked };
    if (this.#reading !== undefined && !isReadingDue(this.#reading, look)) return this.#reading;
    try {
      this.#reading = nextReading(this.#reading, look, await activeContent(files, agent, role));
      return this.#reading;
    } catch (error) {
      return { identity, content: String(error) };
    }
  }
}

/**
 * The link for people is part of it: when it falls in step later, the warning about it goes away. Whatever goes wrong is an
 * identity too: nothing that a directory does must be able to end the watch.
 */
async function identityOf(files: ModelFiles, agent: AgentName, role: ModelRole): Promise<string> {
  const identity = await activeIdentity(files, agent, role).catch(String);
  const disagreement = await checkActiveLinks(files, agent, role).catch(String);
  return `${identity} ${disagreement ?? ''}`;
}
