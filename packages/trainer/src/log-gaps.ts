/**
 * Where a log has holes: nothing of any device for far longer than usual. What usual is the log itself tells: some are quiet
 * every night or every weekend, others never for five minutes.
 */
import type { LogEntry } from '@edgewood/logs';

export interface LogGap {
  readonly fromMs: number;
  readonly toMs: number;
}

const DAY_MS = 86_400_000;
/** Shorter pauses are not remembered, so that a month has ten thousand at most. */
const SHORTEST_GAP_MS = 300_000;
/** A hole is at least so long, and so many times as long as the pause that comes on nine days of ten. */
const HOLE = { shortestMs: 6 * 3_600_000, timesUsual: 5, usualDays: 0.9 };

/** Remembers the pauses of entries that pass by. */
export class LogGaps {
  readonly #gaps: LogGap[] = [];
  #firstMs: number | undefined;
  #lastMs: number | undefined;

  /** Takes the next entries, in order of time. */
  add(entries: readonly LogEntry[]): void {
    for (const { timeMs } of entries) {
      this.#firstMs ??= timeMs;
      const lastMs = this.#lastMs ?? timeMs;
      if (timeMs - lastMs >= SHORTEST_GAP_MS) this.#gaps.push({ fromMs: lastMs, toMs: timeMs });
      this.#lastMs = timeMs;
    }
  }

  /** The pauses that are holes, in order of time. */
  holes(): readonly LogGap[] {
    return holesOf(this.#gaps, (this.#lastMs ?? 0) - (this.#firstMs ?? 0));
  }
}

/**
 * The gaps that are holes: at least six hours, and more than five times as long as gaps that come on nine days of ten.
 *
 * @param gaps in any order; is not changed.
 * @param spanMs the length of the log.
 */
export function holesOf(gaps: readonly LogGap[], spanMs: number): readonly LogGap[] {
  const lengths = gaps.map(lengthOf).sort((a, b) => b - a);
  const days = Math.floor((HOLE.usualDays * spanMs) / DAY_MS);
  const usualMs = lengths[Math.max(1, days)] ?? 0; // one of a single day may be the hole
  return gaps.filter((gap) => lengthOf(gap) >= HOLE.shortestMs && lengthOf(gap) > HOLE.timesUsual * usualMs);
}

function lengthOf({ fromMs, toMs }: LogGap): number {
  return toMs - fromMs;
}
