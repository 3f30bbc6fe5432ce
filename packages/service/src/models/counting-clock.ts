import { type Clock, nap } from '../clock.ts';

/** Longest single timer, in milliseconds; a timer cannot be longer than 24 days. */
const LONGEST_NAP_MS = 3_600_000;

/**
 * A clock that nobody can set, for intervals: whoever looks every two seconds must not wait an hour because the machine's
 * clock was set back by one. It has the time of the process's start and counts on from there, so that it drifts from the
 * time of day.
 */
export class CountingClock implements Clock {
  nowMs(): number {
    return Math.floor(performance.timeOrigin + performance.now());
  }

  async sleepUntil(untilMs: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const restMs = untilMs - this.nowMs();
      if (restMs <= 0) return;
      await nap(Math.min(restMs, LONGEST_NAP_MS), signal);
    }
  }
}
