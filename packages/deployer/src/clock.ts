import { performance } from 'node:perf_hooks';

/** Time as a deployer needs it. Waiting and leases go by the counting clock only, so that a clock that is set harms nothing. */
export interface DeployClock {
  /** Unix milliseconds UTC, for what people read. */
  nowMs(): number;
  /** Milliseconds since some moment; it never goes back and nobody sets it. */
  countedMs(): number;
  /** Resolves after so long, or when the signal is aborted. */
  sleep(durationMs: number, signal?: AbortSignal): Promise<void>;
}

/** This machine's. */
export const machineClock: DeployClock = {
  nowMs: () => Date.now(),
  countedMs: () => performance.now(),
  sleep: (durationMs, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, durationMs);
      signal?.addEventListener('abort', done);
    }),
};
