/**
 * What the service answers over HTTP.
 *
 * Names in JSON are snake_case with units, times are ISO 8601 in UTC. An error is `{"error": {"code", "message"}}`.
 */
import { type FastifyReply, fastify } from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { agentRoutes } from './agent-routes.ts';
import { anomalyRoutes } from './anomaly-routes.ts';
import { badRequest } from './bad-request.ts';
import { healthRoutes } from './health-routes.ts';
import { answerOf, HttpError } from './http-errors.ts';
import type { HttpApp, HttpParts } from './http-parts.ts';
import { incidentRoutes } from './incident-routes.ts';
import { logRoutes } from './log-routes.ts';
import { modelRoutes } from './model-routes.ts';
import { windowRoutes } from './window-routes.ts';

export type { HttpParts } from './http-parts.ts';

/** A request that has not been sent whole by then is given up, in milliseconds. */
const REQUEST_TIMEOUT_MS = 10_000;

/** The server; it listens when told to, and closes at once even with requests open. */
export function createHttpServer(parts: HttpParts): HttpApp {
  const { log } = parts;
  const server = fastify({
    forceCloseConnections: true,
    requestTimeout: REQUEST_TIMEOUT_MS,
    schemaErrorFormatter: badRequest,
    frameworkErrors: ({ message }: Error, _request: unknown, reply: FastifyReply) => {
      reply.code(400).send({ error: { code: 'BAD_REQUEST', message } }); // an address that cannot be decoded
    },
  }).withTypeProvider<ZodTypeProvider>();
  server.setValidatorCompiler(validatorCompiler);
  server.setSerializerCompiler(serializerCompiler);
  server.setNotFoundHandler(({ method, url }, reply) => {
    reply.code(404).send({ error: { code: 'NOT_FOUND', message: `there is no ${method} ${url}; see /` } });
  });
  server.setErrorHandler((error: Error, { url }, reply) => {
    const { statusCode, ...answer } = answerOf(error);
    if (statusCode >= 500) log.error({ err: error, url }, `cannot answer ${url}: ${error.message}`);
    reply.code(statusCode).send({ error: answer });
  });
  server.addHook('onRequest', async ({ method }) => {
    if (method === 'GET' || method === 'HEAD') return;
    throw new HttpError(403, 'NO_TOKEN_CONFIGURED', 'nothing can be changed over HTTP without a token');
  });
  for (const routes of [healthRoutes, anomalyRoutes, incidentRoutes, windowRoutes, logRoutes, agentRoutes, modelRoutes])
    routes(server, parts);
  return server;
}
