import { z } from 'zod';
import { HttpError } from './http-errors.ts';
import type { HttpLimits } from './http-limits.ts';
import type { HttpApp, HttpParts } from './http-parts.ts';
import { name } from './request-values.ts';
import { errorAnswers } from './route-errors.ts';

const answer = z
  .object({
    accepted: z.boolean().describe('whether nothing speaks against it'),
    problem: z.string().nullable().describe('why it would be refused'),
    warnings: z.array(z.string()).describe('what could not be checked, or deserves attention'),
  })
  .meta({ id: 'MetadataCheck', description: 'what can be said of a version before its files are there' });

/**
 * Whether a version would be accepted. Metadata is large and anybody may ask who may read: few requests are let in at a
 * time, so that their bodies never fill the memory.
 */
export function metadataRoutes(app: HttpApp, { control }: HttpParts, limits: HttpLimits): void {
  let underWay = 0;
  app.post(
    '/api/models/:agent/check',
    {
      bodyLimit: limits.metadataBytes,
      onRequest: async (_request, reply) => {
        if (underWay >= limits.metadataChecks) throw tooManyChecks(limits);
        underWay += 1;
        reply.raw.once('close', () => {
          underWay -= 1; // also if who asked is gone before the end
        });
      },
      schema: {
        operationId: 'checkMetadata',
        summary: 'Whether a version would be accepted',
        description: 'By its metadata: features, windows, extractor and signature. Changes nothing.',
        tags: ['models'],
        params: z.strictObject({ agent: name.describe('name of the agent') }),
        body: z.looseObject({}).describe("a version's metadata, as in its file"),
        response: { 200: answer, ...errorAnswers(404, 413, 415, 503) },
      },
    },
    async ({ params: { agent }, body }) => {
      const { accepted, problem = null, warnings } = control.checkMetadata(agent, JSON.stringify(body));
      return { accepted, problem, warnings: [...warnings] };
    },
  );
}

function tooManyChecks({ metadataChecks, retryMs }: HttpLimits): HttpError {
  const message = `${metadataChecks} versions are being checked already`;
  return new HttpError(503, 'TOO_MANY_CHECKS', message, { 'retry-after': String(Math.ceil(retryMs / 1000)) });
}
