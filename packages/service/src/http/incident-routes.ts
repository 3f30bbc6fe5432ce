import { z } from 'zod';
import { QUERY_LIMIT } from '../anomalies/anomaly-store.ts';
import { anomalyPage, formatAnomaly } from './anomaly-json.ts';
import { findIncident } from './find-finding.ts';
import { findingQuery, findingsQuery } from './finding-json.ts';
import type { HttpApp, HttpParts } from './http-parts.ts';
import { formatIncident, incident, incidentPage } from './incident-json.ts';
import { nextCursor } from './page-cursor.ts';
import { id } from './request-values.ts';
import { errorAnswers } from './route-errors.ts';

const tags = ['incidents'];
const params = z.strictObject({ id: id.describe('number of the incident') });

const incidentWithAnomalies = z
  .object({ incident, ...anomalyPage.shape })
  .describe('the incident and its newest anomalies');

/** Episodes: lists, and one of them with its anomalies. */
export function incidentRoutes(app: HttpApp, { store }: HttpParts): void {
  app.get(
    '/api/incidents',
    {
      schema: {
        operationId: 'listIncidents',
        summary: 'Lists incidents',
        description: 'The newest beginning first, a page at a time.',
        tags,
        querystring: findingsQuery,
        response: { 200: incidentPage, ...errorAnswers(503) },
      },
    },
    async ({ query }) => {
      const page = await store.incidents(findingQuery(query));
      return { incidents: page.map(formatIncident), next_cursor: nextCursor(page, query.limit) };
    },
  );

  app.get(
    '/api/incidents/:id',
    {
      schema: {
        operationId: 'getIncident',
        summary: 'One incident',
        description: `With the newest ${QUERY_LIMIT.usual} of its anomalies; the others are at /api/anomalies?incident=.`,
        tags,
        params,
        response: { 200: incidentWithAnomalies, ...errorAnswers(404, 503) },
      },
    },
    async ({ params }) => {
      const found = await findIncident(store, params.id);
      const page = await store.anomalies({ incidentId: params.id, limit: QUERY_LIMIT.usual });
      return {
        incident: formatIncident(found),
        anomalies: page.map(formatAnomaly),
        next_cursor: nextCursor(page, QUERY_LIMIT.usual),
      };
    },
  );
}
