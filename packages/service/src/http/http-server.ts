/**
 * What the service answers over HTTP: questions to whoever may ask, changes to whoever has a token.
 *
 * Names in JSON are snake_case with units, times are ISO 8601 in UTC. An error is `{"error": {"code", "message"}}`.
 */
import { type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { agentRoutes } from './agent-routes.ts';
import { anomalyRoutes } from './anomaly-routes.ts';
import { badRequest } from './bad-request.ts';
import { blindSpotRoutes } from './blind-spot-routes.ts';
import { answerClientError } from './client-error.ts';
import { comparisonRoutes } from './comparison-routes.ts';
import { driftRoutes } from './drift-routes.ts';
import { eventRoutes } from './event-routes.ts';
import { guardRequests } from './guard-requests.ts';
import { healthRoutes } from './health-routes.ts';
import { answerOf, formatError, HttpError } from './http-errors.ts';
import { HTTP_LIMITS, type HttpLimits } from './http-limits.ts';
import type { HttpApp, HttpParts } from './http-parts.ts';
import { incidentRoutes } from './incident-routes.ts';
import { logRoutes } from './log-routes.ts';
import { metadataRoutes } from './metadata-routes.ts';
import { modelRoutes } from './model-routes.ts';
import { describeRoutes, overviewRoutes } from './openapi.ts';
import { reportRoutes } from './report-routes.ts';
import { reviewRoutes } from './review-routes.ts';
import { SECURITY_HEADERS } from './security-headers.ts';
import { windowRoutes } from './window-routes.ts';

const ROUTES = [
  healthRoutes,
  overviewRoutes,
  anomalyRoutes,
  incidentRoutes,
  reviewRoutes,
  windowRoutes,
  logRoutes,
  agentRoutes,
  modelRoutes,
  metadataRoutes,
  comparisonRoutes,
  reportRoutes,
  driftRoutes,
  blindSpotRoutes,
  eventRoutes,
];

/** The server; it listens when told to, and closes at once even with requests open. */
export function createHttpServer(parts: HttpParts, given: Partial<HttpLimits> = {}): HttpApp {
  const limits = { ...HTTP_LIMITS, ...given };
  const server = createApp(limits);
  server.setErrorHandler((error: Error, request, reply) => answerError(error, request, reply, parts));
  server.setNotFoundHandler(({ method, url }) => {
    throw new HttpError(404, 'NOT_FOUND', `there is no ${method} ${url}; see /`);
  });
  guardRequests(server, parts, limits);
  describeRoutes(server);
  server.register(async (app) => {
    for (const routes of ROUTES) routes(app.withTypeProvider<ZodTypeProvider>(), parts, limits);
  });
  return server;
}

/** A server without routes, that neither waits for ever nor reads more than it must. */
function createApp(limits: HttpLimits): HttpApp {
  const app = fastify({
    forceCloseConnections: true,
    return503OnClosing: false,
    requestTimeout: limits.requestMs,
    handlerTimeout: limits.answerMs,
    connectionTimeout: limits.idleMs,
    keepAliveTimeout: limits.keepAliveMs,
    bodyLimit: limits.bodyBytes,
    routerOptions: { maxParamLength: limits.pathPartLength },
    http: { maxHeaderSize: limits.headBytes, headersTimeout: limits.requestMs, connectionsCheckingInterval: 1_000 },
    schemaErrorFormatter: badRequest,
    clientErrorHandler: answerClientError,
    frameworkErrors: ({ message }: Error, _request: unknown, reply: FastifyReply) => {
      // an address that cannot be decoded, or whose parts are too long; hooks do not see it
      reply
        .code(400)
        .headers(SECURITY_HEADERS)
        .send(formatError({ code: 'BAD_REQUEST', message }));
    },
  }).withTypeProvider<ZodTypeProvider>();
  app.server.maxConnections = limits.connections;
  app.removeContentTypeParser('text/plain'); // JSON alone: no form of another site can send that
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  return app;
}

function answerError(error: Error, request: FastifyRequest, reply: FastifyReply, { log }: HttpParts): void {
  if (reply.raw.destroyed) return; // who asked is gone
  const { statusCode, ...answer } = answerOf(error);
  const { method, url } = request;
  if (statusCode >= 500) log.error({ err: error, method, url }, `cannot answer ${method} ${url}: ${error.message}`);
  if (error instanceof HttpError) reply.headers(error.headers);
  reply.code(statusCode).send(formatError(answer));
}
