import type { TimeSources } from '../../packages/service/src/steady-clock.ts';

interface Sleeper {
  readonly untilTickMs: number;
  readonly wake: () => void;
}

/**
 * Time as a machine has it that may be wrong: true time goes on only when a test drives it, and the machine's clock shows it
 * with an error that the test sets.
 */
export class SettableTime implements TimeSources {
  /** What the machine's clock is ahead of the truth, in milliseconds; below 0 behind. */
  errorMs = 0;
  readonly #startMs: number;
  #tickMs = 0;
  readonly #sleepers = new Set<Sleeper>();
  #someoneSleeps = Promise.withResolvers<void>();

  constructor(startMs: number) {
    this.#startMs = startMs;
  }

  /** The truth, Unix milliseconds UTC: what the log server goes by. */
  nowMs(): number {
    return this.#startMs + this.#tickMs;
  }

  wallMs(): number {
    return this.nowMs() + this.errorMs;
  }

  monotonicMs(): number {
    return this.#tickMs;
  }

  /** As `nap` of the service's clock. */
  readonly nap = (durationMs: number, signal: AbortSignal): Promise<void> => {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        this.#sleepers.delete(sleeper);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      const sleeper = { untilTickMs: this.#tickMs + durationMs, wake };
      this.#sleepers.add(sleeper);
      signal.addEventListener('abort', wake);
      this.#someoneSleeps.resolve();
    });
  };

  /** Lets true time pass, from one wake-up to the next; everything that is due at one is done before the next. */
  async passUntil(trueMs: number, sleepers: number): Promise<void> {
    for (;;) {
      while (this.#sleepers.size < sleepers) {
        this.#someoneSleeps = Promise.withResolvers<void>();
        await this.#someoneSleeps.promise;
      }
      const nextMs = Math.min(...[...this.#sleepers].map(({ untilTickMs }) => untilTickMs));
      if (this.#startMs + nextMs > trueMs) break;
      this.#tickMs = Math.max(this.#tickMs, nextMs);
      for (const { untilTickMs, wake } of [...this.#sleepers]) if (untilTickMs <= this.#tickMs) wake();
    }
    this.#tickMs = trueMs - this.#startMs;
  }
}
