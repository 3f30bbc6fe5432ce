import type { DeployClock } from '../clock.ts';

interface Sleeper {
  readonly untilMs: number;
  readonly wake: () => void;
}

/** A clock that stands still while anybody works, and goes on to the next who wakes up when all sleep. */
export class SimulatedClock implements DeployClock {
  #countedMs = 0;
  readonly #sleepers = new Set<Sleeper>();
  #isTurning = false;

  /** The time of day at the beginning is that of 2025-06-08. */
  nowMs(): number {
    return Date.parse('2025-06-08T00:00:00Z') + this.#countedMs;
  }

  countedMs(): number {
    return this.#countedMs;
  }

  /** As if nobody had worked for so long. */
  pass(durationMs: number): void {
    this.#countedMs += durationMs;
  }

  sleep(durationMs: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        this.#sleepers.delete(sleeper);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const sleeper = { untilMs: this.#countedMs + durationMs, wake };
      this.#sleepers.add(sleeper);
      signal?.addEventListener('abort', wake);
      this.#turn();
    });
  }

  /** `setImmediate` comes after all that is being worked on in memory. */
  #turn(): void {
    if (this.#isTurning) return;
    this.#isTurning = true;
    setImmediate(() => {
      this.#isTurning = false;
      const [next] = [...this.#sleepers].sort((a, b) => a.untilMs - b.untilMs);
      if (next === undefined) return;
      this.#countedMs = Math.max(this.#countedMs, next.untilMs);
      next.wake();
      this.#turn();
    });
  }
}
