import { z } from 'zod';
import type { HttpApp, HttpParts } from './http-parts.ts';
import { formatStatus, statusAnswer } from './status-json.ts';

const tags = ['health'];

/** Whether the service is well, for people, for whoever restarts it, and for Prometheus. */
export function healthRoutes(app: HttpApp, { control, metrics }: HttpParts): void {
  app.get(
    '/healthz',
    {
      schema: {
        operationId: 'getHealth',
        summary: 'Whether everything is all right, and if not, why',
        description: '503 only if what is found cannot be kept.',
        tags,
        response: { 200: statusAnswer, 503: statusAnswer },
      },
    },
    async (_request, reply) => {
      const { status } = control;
      reply.code(status.status === 'failing' ? 503 : 200);
      return formatStatus(status);
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
    async (_request, reply) => {
      const { status } = control;
      reply.code(status.ready ? 200 : 503);
      return formatStatus(status);
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
