import { z } from 'zod';
import { anomaly, formatAnomaly } from './anomaly-json.ts';
import { findAnomaly, findIncident } from './find-finding.ts';
import { reviewBody } from './finding-json.ts';
import type { HttpApp, HttpParts } from './http-parts.ts';
import { formatIncident, incident } from './incident-json.ts';
import { id } from './request-values.ts';
import { errorAnswers } from './route-errors.ts';

/** What a person makes of what was found. */
export function reviewRoutes(app: HttpApp, { store, control, clock }: HttpParts): void {
  app.post(
    '/api/anomalies/:id/review',
    {
      schema: {
        operationId: 'reviewAnomaly',
        summary: 'Judges an anomaly',
        description:
          'Open can become acknowledged, resolved or false_positive; acknowledged all others; resolved open or ' +
          'false_positive; false_positive only open. Staying where it is changes the note.',
        tags: ['anomalies'],
        params: z.strictObject({ id: id.describe('number of the anomaly') }),
        body: reviewBody,
        response: { 200: anomaly, ...errorAnswers(404, 409, 503) },
      },
    },
    async ({ params, body }) => {
      await control.review({ of: 'anomaly', id: params.id, ...body, atMs: clock.nowMs() });
      return formatAnomaly(await findAnomaly(store, params.id));
    },
  );

  app.post(
    '/api/incidents/:id/review',
    {
      schema: {
        operationId: 'reviewIncident',
        summary: 'Judges an incident',
        description: 'And with it all of its anomalies; the states are those of anomalies.',
        tags: ['incidents'],
        params: z.strictObject({ id: id.describe('number of the incident') }),
        body: reviewBody,
        response: { 200: incident, ...errorAnswers(404, 409, 503) },
      },
    },
    async ({ params, body }) => {
      await control.review({ of: 'incident', id: params.id, ...body, atMs: clock.nowMs() });
      return formatIncident(await findIncident(store, params.id));
    },
  );
}
