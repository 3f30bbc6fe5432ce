import { z } from 'zod';
import { ENTRIES_LIMIT } from '../service-control.ts';
import { entriesAnswer, formatEntries } from './entry-json.ts';
import { HttpError } from './http-errors.ts';
import type { HttpApp, HttpParts } from './http-parts.ts';
import { limit, name } from './request-values.ts';
import { errorAnswers } from './route-errors.ts';
import { spanOf, spanQuery } from './span-query.ts';

/** Longest span that is read from the log, in milliseconds: a day, which the longest window has. */
const LONGEST_SPAN_MS = 86_400_000;
/** Without `since`, so much before `until`, in milliseconds: an hour. */
const USUAL_SPAN_MS = 3_600_000;

/** Lines of the log, as the agents see them. */
export function logRoutes(app: HttpApp, { control, clock }: HttpParts): void {
  app.get(
    '/api/logs',
    {
      schema: {
        operationId: 'listEntries',
        summary: 'Entries of the log',
        description: "Those of the agent's programs, read from the log source; the span is a day at most.",
        tags: ['windows'],
        querystring: z.strictObject({
          agent: name.describe('whose programs'),
          device: name.optional().describe('of this device'),
          ...spanQuery.shape,
          limit: limit(ENTRIES_LIMIT).describe('the first so many'),
        }),
        response: { 200: entriesAnswer, ...errorAnswers(404, 503) },
      },
    },
    async ({ query, signal }) => {
      const span = spanOf(query, clock.nowMs(), USUAL_SPAN_MS);
      if (span.toMs - span.fromMs > LONGEST_SPAN_MS) {
        throw new HttpError(400, 'BAD_REQUEST', 'since and until must lie at most a day apart');
      }
      const { agent, device: deviceId, limit } = query;
      return formatEntries(await control.entries({ agent, deviceId, span, limit }, signal));
    },
  );
}
