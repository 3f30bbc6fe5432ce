/**
 * The pause policy decides whether analysis waits because the machine has no room for it. Pure.
 *
 * A single spike is no reason; room must be back by a margin, so that it does not go to and fro; and after a while one
 * cycle is let through whatever the load, so that analysis lags on an overloaded machine but never starves.
 */
import type { LoadReading } from './machine-load.ts';

/** Shares above which analysis waits, 0 to 1. */
export interface LoadLimits {
  readonly maxCpuShare: number;
  readonly maxMemoryShare: number;
}

/** So many readings in a row must be over a limit. */
export const READINGS_OVER = 3;
/** Analysis goes on when every share is below its limit by this. */
export const MARGIN = 0.1;
/** Longest pause, in milliseconds; then work is let through. */
export const LONGEST_PAUSE_MS = 15 * 60_000;

export interface PauseState {
  /** How many readings in a row were over a limit. */
  readonly over: number;
  /** Since when analysis waits, in milliseconds as the readings' times are; undefined if it does not. */
  readonly pausedSinceMs: number | undefined;
  /** Why: `cpu 93 %, limit 80 %`. */
  readonly reason: string | undefined;
}

export const NOT_PAUSED: PauseState = { over: 0, pausedSinceMs: undefined, reason: undefined };

/** @param nowMs when the reading was made, on a clock that is not set. */
export function decidePause(before: PauseState, reading: LoadReading, limits: LoadLimits, nowMs: number): PauseState {
  const { pausedSinceMs } = before;
  if (pausedSinceMs === undefined) {
    const reason = reasonOf(reading, limits, 0);
    const over = reason === undefined ? 0 : before.over + 1;
    return over < READINGS_OVER ? { ...NOT_PAUSED, over } : { over, pausedSinceMs: nowMs, reason };
  }
  if (nowMs - pausedSinceMs >= LONGEST_PAUSE_MS) return NOT_PAUSED;
  const reason = reasonOf(reading, limits, MARGIN);
  return reason === undefined ? NOT_PAUSED : { ...before, reason };
}

/** What is not below its limit by a margin. */
function reasonOf(reading: LoadReading, limits: LoadLimits, margin: number): string | undefined {
  const shares = [
    ['cpu', reading.cpuShare, limits.maxCpuShare],
    ['memory', reading.memoryShare, limits.maxMemoryShare],
  ] as const;
  const over = shares.filter(([, share, limit]) => share !== undefined && share > Math.max(0, limit - margin));
  if (over.length === 0) return undefined;
  return over.map(([name, share = 0, limit]) => `${name} ${percent(share)}, limit ${percent(limit)}`).join('; ');
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
