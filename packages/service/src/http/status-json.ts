import { z } from 'zod';
import type { ServiceStatus } from '../service-status.ts';

const agent = z.object({
  agent: z.string(),
  model_version: z.string().nullable(),
  model_problem: z.string().nullable(),
  model_warnings: z.array(z.string()),
  analysed_until: z.string().nullable(),
  lag_seconds: z.number().nullable(),
  last_error: z.string().nullable(),
});

/** What `/healthz` and `/readyz` answer. */
export const statusAnswer = z.object({
  status: z.enum(['ok', 'degraded', 'failing']),
  ready: z.boolean(),
  reasons: z.array(z.string()),
  /** When this was true, by the service's clock. */
  time: z.string(),
  agents: z.array(agent),
});

/** A status as it stands in JSON: snake_case, ISO times, null for what is not known. */
export function formatStatus({ status, ready, reasons, nowMs, agents }: ServiceStatus): z.input<typeof statusAnswer> {
  return {
    status,
    ready,
    reasons: [...reasons],
    time: new Date(nowMs).toISOString(),
    agents: agents.map((of) => ({
      agent: of.agent,
      model_version: of.modelVersion ?? null,
      model_problem: of.modelProblem ?? null,
      model_warnings: [...of.modelWarnings],
      analysed_until: of.analysedUntilMs === undefined ? null : new Date(of.analysedUntilMs).toISOString(),
      lag_seconds: of.lagMs === undefined ? null : of.lagMs / 1000,
      last_error: of.lastError ?? null,
    })),
  };
}
