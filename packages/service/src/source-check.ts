import type { LogSource } from '@edgewood/logs';
import { waitMs } from './backoff.ts';
import type { Clock } from './clock.ts';
import type { ServiceEvents } from './events.ts';

/** Between attempts at a source that does not answer. */
const CHECK_BACKOFF = { firstMs: 1_000, longestMs: 60_000 };

/**
 * Asks the log source what there is to say about it, again and again with back-off until it answers or the signal comes;
 * tells `source:ready` or `source:failed`. Never throws.
 */
export async function checkSource(
  source: LogSource,
  events: ServiceEvents,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  for (let failures = 1; !signal.aborted; failures += 1) {
    try {
      events.emit('source:ready', await source.check());
      return;
    } catch (error) {
      if (signal.aborted) return;
      const retryMs = waitMs(CHECK_BACKOFF, failures);
      events.emit('source:failed', { error: error as Error, retryMs });
      await clock.sleepUntil(clock.nowMs() + retryMs, signal);
    }
  }
}
