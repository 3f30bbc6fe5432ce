/**
 * The reload policy decides, at every look at the model directory, what to do. Pure.
 *
 * It never gives up: a model that was refused is tried again as soon as anything about it changes, when somebody asks for
 * it, and otherwise with back-off, since what was wrong may lie elsewhere (a permission, a disk).
 */
import { waitMs } from '../backoff.ts';

/** The outcome of the last attempt to load. */
export interface LoadAttempt {
  /** What the directory looked like. */
  readonly identity: string;
  readonly outcome: 'loaded' | 'failed';
  /** How many attempts at this identity have failed in a row. */
  readonly failures: number;
  /** When it ended, Unix milliseconds. */
  readonly atMs: number;
}

/** One look at the model directory. */
export interface Look {
  /** What the directory looks like now. */
  readonly identity: string;
  /** Unix milliseconds. */
  readonly nowMs: number;
  /** Somebody asks for it: a back-off is not waited for. */
  readonly asked: boolean;
}

/** `keep` what was loaded, `load` now, or the last attempt failed and it is too early to `retry later`. */
export type ReloadDecision = 'keep' | 'load' | 'retry-later';

/** Between attempts at a model that was refused. */
export const LOAD_BACKOFF = { firstMs: 5_000, longestMs: 300_000 };

/** @param last the last attempt; undefined before the first. */
export function decideReload(last: LoadAttempt | undefined, { identity, nowMs, asked }: Look): ReloadDecision {
  if (last === undefined || last.identity !== identity) return 'load';
  if (last.outcome === 'loaded') return 'keep';
  const waitedMs = nowMs - last.atMs;
  const isDue = waitedMs >= waitMs(LOAD_BACKOFF, last.failures) || waitedMs < 0; // the clock was set back
  return asked || isDue ? 'load' : 'retry-later';
}
