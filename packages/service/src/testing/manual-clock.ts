import type { Clock } from '../clock.ts';

interface Sleeper {
  readonly untilMs: number;
  readonly wake: () => void;
}

/** A clock that stands still until a test moves it; whoever sleeps until then is woken. */
export class ManualClock implements Clock {
  #nowMs: number;
  readonly #sleepers = new Set<Sleeper>();
  #someoneSleeps = Promise.withResolvers<void>();

  constructor(startMs = 0) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  sleepUntil(untilMs: number, signal: AbortSignal): Promise<void> {
    if (untilMs <= this.#nowMs || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        this.#sleepers.delete(sleeper);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      const sleeper = { untilMs, wake };
      this.#sleepers.add(sleeper);
      signal.addEventListener('abort', wake);
      this.#someoneSleeps.resolve();
    });
  }

  /**
   * Resolves once so many sleep: all that was to be done until now is done. Gives the first time to wake up.
   *
   * @param least how many there are who could sleep.
   */
  async asleep(least = 1): Promise<number> {
    while (this.#sleepers.size < least) {
      this.#someoneSleeps = Promise.withResolvers<void>();
      await this.#someoneSleeps.promise;
    }
    return Math.min(...[...this.#sleepers].map(({ untilMs }) => untilMs));
  }

  /** Sets the clock, also back: then everybody is woken. */
  set(nowMs: number): void {
    const isSetBack = nowMs < this.#nowMs;
    this.#nowMs = nowMs;
    for (const { untilMs, wake } of [...this.#sleepers]) if (isSetBack || untilMs <= nowMs) wake();
  }
}
