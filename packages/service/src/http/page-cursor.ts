/** Where the next page of findings begins: after the last one of this page, whatever is found or removed meanwhile. */
import { z } from 'zod';
import type { FindingQuery } from '../anomalies/anomaly-store.ts';

type Place = NonNullable<FindingQuery['before']>;

/** Far longer than any that is given out, in characters. */
const CURSOR_LENGTH = 100;
const WORDS = 'must be the next_cursor of an answer';

/** A text that says nothing to who is given it. */
export function formatCursor({ fromMs, id }: Place): string {
  return Buffer.from(`${fromMs}.${id}`).toString('base64url');
}

/** A text of {@link formatCursor}; anything else is refused. */
export const cursor = z
  .string('must be given once')
  .max(CURSOR_LENGTH, WORDS)
  .transform((given, context): Place => {
    const [, fromMs, id] = /^(-?\d{1,16})\.(\d{1,16})$/.exec(Buffer.from(given, 'base64url').toString()) ?? [];
    const place = { fromMs: Number(fromMs), id: Number(id) };
    if (Number.isSafeInteger(place.fromMs) && Number.isSafeInteger(place.id)) return place;
    context.addIssue({ code: 'custom', message: WORDS });
    return z.NEVER;
  });

/** Of a page of findings; null if it is not full: then there are no more. */
export function nextCursor(page: readonly Place[], limit: number): string | null {
  const last = page.at(-1);
  return last === undefined || page.length < limit ? null : formatCursor(last);
}
