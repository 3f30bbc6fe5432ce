import { z } from 'zod';
import { anomaly, anomalyPage, formatAnomaly } from './anomaly-json.ts';
import { findAnomaly } from './find-finding.ts';
import { findingQuery, findingsQuery } from './finding-json.ts';
import type { HttpApp, HttpParts } from './http-parts.ts';
import { nextCursor } from './page-cursor.ts';
import { id } from './request-values.ts';
import { errorAnswers } from './route-errors.ts';

const tags = ['anomalies'];
const params = z.strictObject({ id: id.describe('number of the anomaly') });

/** What was found, window by window: lists, and one of them. */
export function anomalyRoutes(app: HttpApp, { store }: HttpParts): void {
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
    async ({ params }) => formatAnomaly(await findAnomaly(store, params.id)),
  );
}
