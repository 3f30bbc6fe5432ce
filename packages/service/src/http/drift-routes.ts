import { z } from 'zod';
import type { AgentDrift } from '../drift/agent-drift.ts';
import type { ModelDrift, Movement } from '../drift/model-drift.ts';
import type { HttpApp, HttpParts } from './http-parts.ts';
import { isoText, isoTime } from './json-values.ts';
import { errorAnswers } from './route-errors.ts';

const quantiles = z.object({ p05: z.number(), p25: z.number(), p50: z.number(), p75: z.number(), p95: z.number() });
const movement = z.object({
  index: z
    .number()
    .describe('population stability index: below 0.1 nothing has changed, from 0.25 on it has moved far'),
  before: quantiles.describe('in training'),
  now: quantiles,
});
const span = z.object({
  windows: z.int().describe('so many that this version judged'),
  covered_hours: z.number(),
  unknown: z.string().nullable().describe('why nothing can be said; null if something is'),
  score: movement.nullable(),
  features: z.array(movement.extend({ feature: z.string() })).describe('the furthest first'),
});
const agentDrift = z.object({
  agent: z.string(),
  model_version: z.string(),
  looked_at: isoText,
  moved_far_since: isoText.nullable().describe('null while it has not'),
  retrain_advised: z.boolean().describe('whether that has lasted'),
  week: span.describe('the last seven days'),
  day: span.describe('the last day'),
});
const driftAnswer = z.object({ agents: z.array(agentDrift) }).describe('the drift of all agents with a model');

/** How far what the models see has moved from their training. */
export function driftRoutes(app: HttpApp, { control }: HttpParts): void {
  app.get(
    '/api/drift',
    {
      schema: {
        operationId: 'getDrift',
        summary: 'How far things have moved from training',
        description: 'The windows of the last seven days against the quantiles of training; looked at once in an hour.',
        tags: ['models'],
        response: { 200: driftAnswer, ...errorAnswers(503) },
      },
    },
    async () => ({ agents: (await control.drift()).map(formatDrift) }),
  );
}

function formatDrift({ agent, atMs, week, day, sinceMs, retrainAdvised }: AgentDrift): z.input<typeof agentDrift> {
  return {
    agent,
    model_version: week.version,
    looked_at: isoTime(atMs),
    moved_far_since: sinceMs === undefined ? null : isoTime(sinceMs),
    retrain_advised: retrainAdvised,
    week: formatSpan(week),
    day: formatSpan(day),
  };
}

function formatSpan({ windows, coveredMs, unknown, score, features }: ModelDrift): z.input<typeof span> {
  return {
    windows,
    covered_hours: coveredMs / 3_600_000,
    unknown: unknown ?? null,
    score: score === undefined ? null : formatMovement(score),
    features: features.map((of) => ({ feature: of.feature, ...formatMovement(of) })),
  };
}

function formatMovement({ index, before, now }: Movement): z.input<typeof movement> {
  return { index, before, now };
}
