import { LogError, type LogSource, type LogSourceReport } from '@edgewood/logs';
import { waitMs } from './backoff.ts';
import type { Clock } from './clock.ts';
import type { ServiceEvents } from './events.ts';

/** Between attempts at a source that does not answer. */
const CHECK_BACKOFF = { firstMs: 1_000, longestMs: 60_000 };
/** A source that has not answered after this long, in real time, does not answer. */
const CHECK_LIMIT_MS = 30_000;

/**
 * Asks the log source what there is to say about it, again and again with back-off until it answers or the signal comes;
 * tells `source:ready` or `source:failed`. Never throws.
 *
 * @param limitMs how long one attempt may take, in real time.
 */
export async function checkSource(
  source: LogSource,
  events: ServiceEvents,
  clock: Clock,
  signal: AbortSignal,
  limitMs = CHECK_LIMIT_MS,
): Promise<void> {
  for (let failures = 1; !signal.aborted; failures += 1) {
    try {
      events.emit('source:ready', await checkWithin(limitMs, source, signal));
      return;
    } catch (error) {
      if (signal.aborted) return;
      const retryMs = waitMs(CHECK_BACKOFF, failures);
      events.emit('source:failed', { error: error as Error, retryMs });
      await clock.sleepUntil(clock.nowMs() + retryMs, signal);
    }
  }
}

async function checkWithin(limitMs: number, source: LogSource, signal: AbortSignal): Promise<LogSourceReport> {
  const limit = AbortSignal.timeout(limitMs);
  try {
    return await source.check(AbortSignal.any([signal, limit]));
  } catch (cause) {
    if (!limit.aborted || signal.aborted) throw cause;
    const message = `${source.location} takes connections and did not answer within ${limitMs / 1000} s`;
    throw new LogError('SOURCE_UNREACHABLE', message, { cause });
  }
}
