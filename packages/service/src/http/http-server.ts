/**
 * What the service answers over HTTP. Reading only: nothing here changes anything.
 *
 * Names in JSON are snake_case with units, times are ISO 8601 in UTC. An error is `{"error": {"code", "message"}}`.
 */
import { type FastifyReply, fastify } from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { AnomalyStore } from '../anomalies/anomaly-store.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { ServiceStatus } from '../service-status.ts';
import type { ServiceLog } from '../tell-events.ts';
import { anomaliesAnswer, anomaliesQuery, formatAnomaly } from './anomaly-json.ts';
import { badRequest } from './bad-request.ts';
import { errorAnswer } from './http-errors.ts';
import { formatStatus, statusAnswer } from './status-json.ts';

const modelsAnswer = z.object({
  agents: z.array(
    z.object({
      agent: z.string(),
      /** The version in use; absent without a model. */
      active: z.string().optional(),
      versions: z.array(z.object({ version: z.string(), active: z.boolean(), complete: z.boolean() })),
    }),
  ),
});

/** What `/api/models` answers. */
export type ModelsAnswer = z.input<typeof modelsAnswer>;

/** What the answers are made of. */
export interface HttpParts {
  readonly status: () => ServiceStatus;
  readonly store: AnomalyStore;
  readonly models: () => Promise<ModelsAnswer>;
  readonly metrics: Metrics;
  readonly log: ServiceLog;
}

const OVERVIEW = `Edgewood: isolation forests at the edge.

/healthz         is everything all right, and if not, why; 503 only if nothing can be kept
/readyz          200 once every agent has a model and reads its logs
/metrics         for Prometheus
/api/anomalies   what was found, the newest first: ?agent= &device= &since= &until= &limit=
/api/models      versions, and which one is in use
`;

/** A request that has not been sent whole by then is given up, in milliseconds. */
const REQUEST_TIMEOUT_MS = 10_000;

/** The server; it listens when told to, and closes at once even with requests open. */
export function createHttpServer({ status, store, models, metrics, log }: HttpParts) {
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
  server.setNotFoundHandler(({ url }, reply) => {
    reply.code(404).send({ error: { code: 'NOT_FOUND', message: `there is nothing at ${url}; see /` } });
  });
  server.setErrorHandler((error: Error, { url }, reply) => {
    const { statusCode, ...answer } = errorAnswer(error);
    if (statusCode >= 500) log.error({ err: error, url }, `cannot answer ${url}: ${error.message}`);
    reply.code(statusCode).send({ error: answer });
  });

  server.get('/', (_request, reply) => reply.type('text/plain; charset=utf-8').send(OVERVIEW));
  server.get('/healthz', { schema: { response: { 200: statusAnswer, 503: statusAnswer } } }, (_request, reply) => {
    const now = status();
    reply.code(now.status === 'failing' ? 503 : 200);
    return formatStatus(now);
  });
  server.get('/readyz', { schema: { response: { 200: statusAnswer, 503: statusAnswer } } }, (_request, reply) => {
    const now = status();
    reply.code(now.ready ? 200 : 503);
    return formatStatus(now);
  });
  server.get('/metrics', async (_request, reply) => {
    for (const { agent, lagMs } of status().agents) if (lagMs !== undefined) metrics.lagSeconds(agent, lagMs / 1000);
    return reply.type(metrics.contentType).send(await metrics.expose());
  });
  server.get(
    '/api/anomalies',
    { schema: { querystring: anomaliesQuery, response: { 200: anomaliesAnswer } } },
    ({ query }) => ({
      anomalies: store
        .list({
          agent: query.agent,
          deviceId: query.device,
          sinceMs: query.since?.getTime(),
          untilMs: query.until?.getTime(),
          limit: query.limit,
        })
        .map(formatAnomaly),
    }),
  );
  server.get('/api/models', { schema: { response: { 200: modelsAnswer } } }, () => models());
  return server;
}
