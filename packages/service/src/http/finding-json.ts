/** What anomalies and incidents have in common: how they are looked for, judged and shown. */
import { z } from 'zod';
import { SEVERITY_LEVELS } from '../anomalies/anomaly.ts';
import { type FindingQuery, QUERY_LIMIT } from '../anomalies/anomaly-store.ts';
import type { Review } from '../anomalies/review.ts';
import { isoText, isoTime } from './json-values.ts';
import { cursor } from './page-cursor.ts';
import { limit, name, reviewState, share, time } from './request-values.ts';

/** Longest note of a person, in characters. */
const NOTE_LENGTH = 4_000;

/** Which findings; what is left out does not restrict. */
export const findingsQuery = z.strictObject({
  agent: name.optional().describe('of this agent'),
  device: name.optional().describe('of this device'),
  state: reviewState.optional().describe('that are in this state'),
  min_severity: share.optional().describe('at least this bad, 0 to 1'),
  since: time.optional().describe('that begin at or after this time'),
  until: time.optional().describe('that begin before this time'),
  limit: limit(QUERY_LIMIT).describe('at most so many'),
  cursor: cursor.optional().describe("the page before's next_cursor: what follows it"),
});

/** As the store asks it. */
export function findingQuery(query: z.output<typeof findingsQuery>): FindingQuery & { readonly limit: number } {
  return {
    agent: query.agent,
    deviceId: query.device,
    state: query.state,
    minSeverity: query.min_severity,
    sinceMs: query.since,
    untilMs: query.until,
    before: query.cursor,
    limit: query.limit,
  };
}

/** A person's judgement. */
export const reviewBody = z.strictObject({
  state: reviewState.describe('where it is to go'),
  note: z
    .string('must be a text or null')
    .max(NOTE_LENGTH, `must have at most ${NOTE_LENGTH} characters`)
    .refine((given) => !given.includes('\0'), 'must not hold the character NUL')
    .nullable()
    .default(null)
    .describe('why; replaces the note before'),
});

/** See {@link SEVERITY_LEVELS}. */
export const severityLevel = z.enum(SEVERITY_LEVELS).describe("what the agent's severity rules make of it");

/** The newest judgement. */
export const review = z
  .object({
    state: reviewState,
    note: z.string().nullable(),
    by: z.enum(['service', 'person']).describe('who judged'),
    at: isoText,
  })
  .meta({ id: 'Review', description: 'the newest judgement; each one replaces the one before' });

/** Snake_case, ISO times. */
export function formatReview({ state, note, by, atMs }: Review): z.input<typeof review> {
  return { state, note, by, at: isoTime(atMs) };
}

/** What an answer with one page of something ends with. */
export const nextCursorText = z
  .string()
  .nullable()
  .describe('to be given as cursor for the next page; null if this was the last. A last page may be empty.');
