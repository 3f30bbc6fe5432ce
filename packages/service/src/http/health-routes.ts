import { z } from 'zod';
import type { ServiceStatus } from '../service-status.ts';
import { accessOf } from './access.ts';
import type { HttpApp, HttpParts } from './http-parts.ts';
import { formatBriefStatus, formatStatus, statusAnswer } from './status-json.ts';

const tags = ['health'];

/** Whether the service is well, for people, for whoever restarts it, and for Prometheus. */
export function healthRoutes(app: HttpApp, parts: HttpParts): void {
  const { control, metrics } = parts;
  const format = (status: ServiceStatus, authorization: string | undefined) => {
    const access = accessOf('health', authorization, parts.settings);
    return access === 'granted' ? formatStatus(status) : formatBriefStatus(status);
  };

  app.get(
    '/healthz',
    {
      schema: {
        operationId: 'getHealth',
        summary: 'Whether everything is all right, and if not, why',
        description:
          '503 only if what is found cannot be kept. Never refused; without reasons where questions need a token.',
        tags,
        response: { 200: statusAnswer, 503: statusAnswer },
      },
    },
    async ({ headers }, reply) => {
      const { status } = control;
      reply.code(status.status === 'failing' ? 503 : 200);
      return format(status, headers.authorization);
    },
  );

  app.get(
    '/readyz',
    {
      schema: {
        operationId: 'getReadiness',
        summary: 'Whether every agent can work',
        description: '200 once each has what it judges by and the log source has answered.',
        tags,
        response: { 200: statusAnswer, 503: statusAnswer },
      },
    },
    async ({ headers }, reply) => {
      const { status } = control;
      reply.code(status.ready ? 200 : 503);
      return format(status, headers.authorization);
    },
  );

  app.get(
    '/metrics',
    {
      schema: {
        operationId: 'getMetrics',
        summary: 'Metrics for Prometheus',
        description: 'In its text format.',
        tags,
        response: { 200: { description: 'metrics', content: { 'text/plain': { schema: z.string() } } } },
      },
    },
    async (_request, reply) => {
      for (const { agent, lagMs } of control.status.agents) {
        if (lagMs !== undefined) metrics.lagSeconds(agent, lagMs / 1000);
      }
      return reply.type(metrics.contentType).send(await metrics.expose());
    },
  );
}
