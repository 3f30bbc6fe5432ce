/**
 * Time as the service sees it. Handing it in makes live operation, replay and tests one and the same code.
 */
export interface Clock {
  /** Unix milliseconds UTC. */
  nowMs(): number;
  /**
   * Resolves when `untilMs` has come, at once if it has passed, or when the signal is aborted. Also when the clock was set
   * back: what was still to come then may be due.
   */
  sleepUntil(untilMs: number, signal: AbortSignal): Promise<void>;
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
