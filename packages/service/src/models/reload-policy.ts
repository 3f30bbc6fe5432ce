/**
 * The reload policy decides, at every look at the model directory, whether to load. Pure.
 *
 * It never gives up: a model that was refused is tried again as soon as anything about it changes, and otherwise with
 * back-off, since what was wrong may lie elsewhere (a permission, a disk).
 */

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

/** Wait after the first failure, and at most, in milliseconds. */
export const RETRY_MS = { first: 5_000, longest: 300_000 };

/** How long to wait after so many failures in a row: doubling, bounded. */
export function retryDelayMs(failures: number): number {
  return Math.min(RETRY_MS.longest, RETRY_MS.first * 2 ** Math.max(0, failures - 1));
}

/**
 * @param last the last attempt; undefined before the first.
 * @param identity what the directory looks like now.
 */
export function shouldLoad(last: LoadAttempt | undefined, identity: string, nowMs: number): boolean {
  if (last === undefined || last.identity !== identity) return true;
  if (last.outcome === 'loaded') return false;
  return nowMs - last.atMs >= retryDelayMs(last.failures);
}
