import { z } from 'zod';
import { ENTRIES_LIMIT, type EntryQuery } from '../service-control.ts';
import { entriesAnswer, formatEntries } from './entry-json.ts';
import { findAnomaly } from './find-finding.ts';
import { HttpError } from './http-errors.ts';
import type { HttpLimits } from './http-limits.ts';
import type { HttpApp, HttpParts } from './http-parts.ts';
import { id, limit, name } from './request-values.ts';
import { errorAnswers } from './route-errors.ts';
import { spanOf, spanQuery } from './span-query.ts';
import { createTurns } from './turns.ts';

/** Longest span that is read from the log, in milliseconds: a day, which the longest window has. */
const LONGEST_SPAN_MS = 86_400_000;
/** Without `since`, so much before `until`, in milliseconds: an hour. */
const USUAL_SPAN_MS = 3_600_000;

/** Lines of the log, as the agents see them: of any span, and of an anomaly's window. */
export function logRoutes(app: HttpApp, { control, store, clock }: HttpParts, limits: HttpLimits): void {
  const inTurn = createTurns(limits.largeAnswers);
  const read = async (wanted: EntryQuery, signal: AbortSignal) => {
    return formatEntries(await inTurn(() => control.entries(wanted, signal)));
  };

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
      return read({ agent, deviceId, span, limit }, signal);
    },
  );

  app.get(
    '/api/anomalies/:id/logs',
    {
      schema: {
        operationId: 'listAnomalyEntries',
        summary: "The log of an anomaly's window",
        description: "The entries of the agent's programs, read from the log source anew.",
        tags: ['anomalies'],
        params: z.strictObject({ id: id.describe('number of the anomaly') }),
        querystring: z.strictObject({ limit: limit(ENTRIES_LIMIT).describe('the first so many') }),
        response: { 200: entriesAnswer, ...errorAnswers(404, 503) },
      },
    },
    async ({ params, query, signal }) => {
      const { agent, deviceId, fromMs, toMs } = await findAnomaly(store, params.id);
      const wanted = { agent, deviceId: deviceId ?? undefined, span: { fromMs, toMs }, limit: query.limit };
      return read(wanted, signal);
    },
  );
}
