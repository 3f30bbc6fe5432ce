import { LogError, type LogSource, type LogSourceReport } from '@edgewood/logs';
import { waitMs } from './backoff.ts';
import type { Clock } from './clock.ts';
import type { ServiceEvents } from './events.ts';

/** Between attempts at a source that does not answer. */
const CHECK_BACKOFF = { firstMs: 1_000, longestMs: 60_000 };
/** How often a source that has answered is asked again, in milliseconds. */
const CHECK_EVERY_MS = 10 * 60_000;
/** A source that has not answered after this long, in real time, does not answer. */
const CHECK_LIMIT_MS = 30_000;

/**
 * Asks the log source what there is to say about it, again and again with back-off until it answers or the signal comes;
 * tells `source:ready` and `source:checked`, or `source:failed`. Never throws.
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
      const report = await checkWithin(limitMs, source, signal);
      events.emit('source:ready', report);
      events.emit('source:checked', report);
      return;
    } catch (error) {
      if (signal.aborted) return;
      const retryMs = waitMs(CHECK_BACKOFF, failures);
      events.emit('source:failed', { error: error as Error, retryMs });
      await clock.sleepUntil(clock.nowMs() + retryMs, signal);
    }
  }
}

/**
 * Asks a source that has answered once again every ten minutes, and whenever a jump of the machine's clock is believed: the
 * log may know better. Tells `source:checked`; that it is away is told by those who read. Never throws.
 */
export async function recheckSource(
  source: LogSource,
  events: ServiceEvents,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    await sleepUntilJump(events, clock, signal);
    if (signal.aborted) return;
    const report = await checkWithin(CHECK_LIMIT_MS, source, signal).catch(() => undefined);
    if (report !== undefined) events.emit('source:checked', report);
  }
}

async function sleepUntilJump(events: ServiceEvents, clock: Clock, signal: AbortSignal): Promise<void> {
  const jump = new AbortController();
  const end = events.on('clock:jumped', ({ held }) => {
    if (!held) jump.abort();
  });
  await clock.sleepUntil(clock.nowMs() + CHECK_EVERY_MS, AbortSignal.any([signal, jump.signal]));
  end();
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
