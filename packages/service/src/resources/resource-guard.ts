/**
 * The resource guard reads the machine's load every few seconds and lets work through, or has it wait.
 */
import type { Clock } from '../clock.ts';
import type { LoadReading, MachineLoad } from './machine-load.ts';
import { decidePause, type LoadLimits, NOT_PAUSED, type PauseState } from './pause-policy.ts';

/** How often the load is read, in milliseconds. */
const READ_EVERY_MS = 5_000;

export interface ResourceGuardOptions {
  readonly load: MachineLoad;
  readonly limits: LoadLimits;
  /** Real time, whatever the time of the analysis is. */
  readonly clock: Clock;
  readonly onPause: (reason: string) => void;
  readonly onResume: (pausedMs: number) => void;
  readonly onReading: (reading: LoadReading) => void;
}

export class ResourceGuard {
  readonly #options: ResourceGuardOptions;
  #state: PauseState = NOT_PAUSED;
  /** Ends the wait of whoever is at the gate. */
  #opening = Promise.withResolvers<void>();

  constructor(options: ResourceGuardOptions) {
    this.#options = options;
  }

  /** Reads the load until the signal comes; then whoever waits may go. Never throws. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, load } = this.#options;
    while (!signal.aborted) {
      this.#heed(await load.read());
      await clock.sleepUntil(clock.nowMs() + READ_EVERY_MS, signal);
    }
    this.#opening.resolve();
  }

  /** Resolves when work may begin, or when the signal comes. */
  async gate(signal: AbortSignal): Promise<void> {
    if (this.#state.pausedSinceMs === undefined || signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const leave = () => resolve();
    signal.addEventListener('abort', leave);
    await Promise.race([this.#opening.promise, promise]);
    signal.removeEventListener('abort', leave);
  }

  #heed(reading: LoadReading): void {
    const { limits, onPause, onResume, onReading } = this.#options;
    const before = this.#state;
    const nowMs = performance.now();
    this.#state = decidePause(before, reading, limits, nowMs);
    const { pausedSinceMs, reason } = this.#state;
    if (before.pausedSinceMs === undefined && pausedSinceMs !== undefined) onPause(reason ?? 'the machine is busy');
    if (before.pausedSinceMs !== undefined && pausedSinceMs === undefined) {
      this.#opening.resolve();
      this.#opening = Promise.withResolvers();
      onResume(nowMs - before.pausedSinceMs);
    }
    onReading(reading);
  }
}
