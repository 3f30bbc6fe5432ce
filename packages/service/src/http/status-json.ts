import { z } from 'zod';
import type { AgentStatus, ServiceStatus } from '../service-status.ts';
import { isoText, isoTime } from './json-values.ts';

/** What an agent is doing. */
export const agentStatus = z
  .object({
    agent: z.string(),
    enabled: z.boolean().describe('false if a person or the configuration switched it off'),
    needs_model: z.boolean().describe('whether it judges by a model at all'),
    model_version: z.string().nullable().describe('the version in use; null without one'),
    problem: z
      .string()
      .nullable()
      .describe('why there is no model, why a newer one was refused, or why it cannot work'),
    model_warnings: z.array(z.string()).describe('what could not be checked about the model in use'),
    analysed_until: isoText.nullable().describe('all windows up to here are analysed'),
    next_due: isoText.nullable().describe('when the next window is due; in the past while it is behind'),
    lag_seconds: z.number().nullable().describe('how far it is behind what is due'),
    window_seconds: z.number().nullable(),
    last_error: z.string().nullable().describe('why the last cycle failed; null if it did not'),
    alert_budget: z
      .object({
        incidents: z.int().describe('opened in the last seven days, or since the version is in use'),
        allowed: z.number().describe('how many the budget allows in that time, at least 1'),
        ratio: z.number().describe('above 1 the budget is exceeded'),
      })
      .nullable()
      .describe('null where the version has none, or it was not looked at yet'),
  })
  .meta({ id: 'Agent', description: 'what an agent is doing' });

/** What `/healthz` and `/readyz` answer. */
export const statusAnswer = z
  .object({
    status: z.enum(['ok', 'degraded', 'failing']).describe('degraded: alive, but something needs attention'),
    ready: z.boolean(),
    reasons: z.array(z.string()).optional().describe('why it is not ok; left out without a token where one is needed'),
    advice: z.array(z.string()).optional().describe('what is worth doing although nothing is wrong'),
    time: isoText.describe("when this was true, by the service's clock"),
    started_at: isoText.optional(),
    agents: z.array(agentStatus).optional(),
  })
  .meta({ id: 'Status', description: 'how the service is' });

/** A status as it stands in JSON: snake_case, ISO times, null for what is not known. */
export function formatStatus(status: ServiceStatus): z.input<typeof statusAnswer> {
  return {
    ...formatBriefStatus(status),
    reasons: [...status.reasons],
    advice: [...status.advice],
    started_at: isoTime(status.startedMs),
    agents: status.agents.map(formatAgentStatus),
  };
}

/** For those who may not know more. */
export function formatBriefStatus({ status, ready, nowMs }: ServiceStatus): z.input<typeof statusAnswer> {
  return { status, ready, time: isoTime(nowMs) };
}

/** Snake_case, ISO times, null for what is not known. */
export function formatAgentStatus(of: AgentStatus): z.input<typeof agentStatus> {
  return {
    agent: of.agent,
    enabled: of.enabled,
    needs_model: of.needsModel,
    model_version: of.modelVersion ?? null,
    problem: of.problem ?? null,
    model_warnings: [...of.modelWarnings],
    analysed_until: timeOrNull(of.analysedUntilMs),
    next_due: timeOrNull(of.nextDueMs),
    lag_seconds: secondsOrNull(of.lagMs),
    window_seconds: secondsOrNull(of.windowMs),
    last_error: of.lastError ?? null,
    alert_budget: of.alertBudget ?? null,
  };
}

function timeOrNull(timeMs: number | undefined): string | null {
  return timeMs === undefined ? null : isoTime(timeMs);
}

function secondsOrNull(durationMs: number | undefined): number | null {
  return durationMs === undefined ? null : durationMs / 1000;
}
