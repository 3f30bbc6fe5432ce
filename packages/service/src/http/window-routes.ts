import { z } from 'zod';
import { WINDOW_LIMIT } from '../anomalies/anomaly-store.ts';
import type { HttpLimits } from './http-limits.ts';
import type { HttpApp, HttpParts } from './http-parts.ts';
import { limit, name } from './request-values.ts';
import { errorAnswers } from './route-errors.ts';
import { spanOf, spanQuery } from './span-query.ts';
import { createTurns } from './turns.ts';
import { formatSeries, windowsAnswer } from './window-json.ts';

/** Most features in one answer. */
const FEATURES_LIMIT = 50;
/** Without `since`, so much before `until`, in milliseconds: a day. */
const USUAL_SPAN_MS = 86_400_000;

const features = z
  .string('must be given once')
  .max(FEATURES_LIMIT * 100, 'is too long')
  .transform((given) => [...new Set(given.split(',').filter((feature) => feature !== ''))])
  .pipe(z.array(name).max(FEATURES_LIMIT, `must be at most ${FEATURES_LIMIT} names`))
  .describe('names of features whose values are wanted too, with commas between them');

/** How odd every window was, also those that were not odd at all. */
export function windowRoutes(app: HttpApp, { store, clock }: HttpParts, limits: HttpLimits): void {
  const inTurn = createTurns(limits.largeAnswers);

  app.get(
    '/api/windows',
    {
      schema: {
        operationId: 'listWindows',
        summary: 'Scores of windows over time',
        description:
          'Series in columns, one a device; the newest windows of the span if there are more than the limit.',
        tags: ['windows'],
        querystring: z.strictObject({
          agent: name.describe('of this agent'),
          device: name.optional().describe('of this device'),
          ...spanQuery.shape,
          limit: limit(WINDOW_LIMIT).describe('at most so many windows, of all devices together'),
          features: features.optional(),
        }),
        response: { 200: windowsAnswer, ...errorAnswers(503) },
      },
    },
    async ({ query }) => {
      const { agent, device, limit, features = [] } = query;
      const { fromMs, toMs } = spanOf(query, clock.nowMs(), USUAL_SPAN_MS);
      const vectors = features.length > 0;
      return inTurn(async () => {
        const span = { sinceMs: fromMs, untilMs: toMs };
        const windows = await store.windows({ agent, deviceId: device, ...span, limit, vectors });
        return { agent, series: formatSeries(windows, features), limited: windows.length === limit };
      });
    },
  );
}
