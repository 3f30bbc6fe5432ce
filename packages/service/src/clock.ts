/**
 * Time as the service sees it. Handing it in makes live operation, replay and tests one and the same code.
 */
export interface Clock {
  /** Unix milliseconds UTC. */
  nowMs(): number;
  /** Resolves when `untilMs` has come, at once if it has passed, or when the signal is aborted. */
  sleepUntil(untilMs: number, signal: AbortSignal): Promise<void>;
}

/** Longest single timer, in milliseconds: a clock that was set is noticed after this at the latest. */
const LONGEST_NAP_MS = 30_000;

/** The machine's clock. */
export class SystemClock implements Clock {
  nowMs(): number {
    return Date.now();
  }

  async sleepUntil(untilMs: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const restMs = untilMs - Date.now();
      if (restMs <= 0) return;
      await nap(Math.min(restMs, LONGEST_NAP_MS), signal);
    }
  }
}

/** Resolves after so long, or when the signal is aborted. */
export function nap(durationMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, durationMs);
    signal.addEventListener('abort', done);
  });
}

/** A clock that stands still until somebody sleeps, and then is at the end of that sleep: a replay, or a test. */
export class DrivenClock implements Clock {
  #nowMs: number;

  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  async sleepUntil(untilMs: number, signal: AbortSignal): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve)); // lets HTTP and signals have their turn
    if (!signal.aborted) this.#nowMs = Math.max(this.#nowMs, untilMs);
  }
}
