import { z } from 'zod';
import { ServiceError } from '../errors.ts';
import { ENTRIES_LIMIT } from '../service-control.ts';
import { anomaly, anomalyPage, formatAnomaly } from './anomaly-json.ts';
import { entriesAnswer, formatEntries } from './entry-json.ts';
import { findingQuery, findingsQuery, reviewBody } from './finding-json.ts';
import type { HttpApp, HttpParts } from './http-parts.ts';
import { nextCursor } from './page-cursor.ts';
import { id, limit } from './request-values.ts';
import { errorAnswers } from './route-errors.ts';

const tags = ['anomalies'];
const params = z.strictObject({ id: id.describe('number of the anomaly') });

/** What was found: lists, one of them, its lines of log, and what a person makes of it. */
export function anomalyRoutes(app: HttpApp, { store, control, clock }: HttpParts): void {
  const find = async (of: number) => {
    const found = await store.anomaly(of);
    if (found === undefined) throw new ServiceError('NOT_FOUND', `there is no anomaly ${of}; see /api/anomalies`);
    return found;
  };

  app.get(
    '/api/anomalies',
    {
      schema: {
        operationId: 'listAnomalies',
        summary: 'Lists anomalies',
        description: 'The newest windows first, a page at a time.',
        tags,
        querystring: findingsQuery.extend({ incident: id.optional().describe('of this incident') }),
        response: { 200: anomalyPage, ...errorAnswers(503) },
      },
    },
    async ({ query }) => {
      const page = await store.anomalies({ ...findingQuery(query), incidentId: query.incident });
      return { anomalies: page.map(formatAnomaly), next_cursor: nextCursor(page, query.limit) };
    },
  );

  app.get(
    '/api/anomalies/:id',
    {
      schema: {
        operationId: 'getAnomaly',
        summary: 'One anomaly',
        description: 'With the features that made it odd and some lines of its window.',
        tags,
        params,
        response: { 200: anomaly, ...errorAnswers(404, 503) },
      },
    },
    async ({ params }) => formatAnomaly(await find(params.id)),
  );

  app.get(
    '/api/anomalies/:id/logs',
    {
      schema: {
        operationId: 'listAnomalyEntries',
        summary: "The log of an anomaly's window",
        description: "The entries of the agent's programs, read from the log source anew.",
        tags,
        params,
        querystring: z.strictObject({ limit: limit(ENTRIES_LIMIT).describe('the first so many') }),
        response: { 200: entriesAnswer, ...errorAnswers(404, 503) },
      },
    },
    async ({ params, query, signal }) => {
      const { agent, deviceId, fromMs, toMs } = await find(params.id);
      const wanted = { agent, deviceId: deviceId ?? undefined, span: { fromMs, toMs }, limit: query.limit };
      return formatEntries(await control.entries(wanted, signal));
    },
  );

  app.post(
    '/api/anomalies/:id/review',
    {
      schema: {
        operationId: 'reviewAnomaly',
        summary: 'Judges an anomaly',
        description:
          'Open can become acknowledged, resolved or false_positive; acknowledged all others; resolved open or ' +
          'false_positive; false_positive only open. Staying where it is changes the note.',
        tags,
        params,
        body: reviewBody,
        response: { 200: anomaly, ...errorAnswers(404, 409, 503) },
      },
    },
    async ({ params, body }) => {
      await control.review({ of: 'anomaly', id: params.id, ...body, atMs: clock.nowMs() });
      return formatAnomaly(await find(params.id));
    },
  );
}
