import type { TimeSpan } from '@edgewood/logs';
import { z } from 'zod';
import { HttpError } from './http-errors.ts';
import { time } from './request-values.ts';

/** A span of time, half-open. */
export const spanQuery = z.strictObject({
  since: time.optional().describe('from this time on'),
  until: time.optional().describe('before this time; now, if left out'),
});

/**
 * @param usualMs length of the span if its beginning is left out.
 * @throws {HttpError} `BAD_REQUEST` if it ends before it begins.
 */
export function spanOf(query: z.output<typeof spanQuery>, nowMs: number, usualMs: number): TimeSpan {
  const toMs = query.until ?? nowMs;
  const fromMs = query.since ?? toMs - usualMs;
  if (fromMs > toMs) throw new HttpError(400, 'BAD_REQUEST', 'since must not be later than until');
  return { fromMs, toMs };
}
