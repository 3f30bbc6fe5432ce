import { z } from 'zod';
import { ServiceError } from '../errors.ts';
import type { AgentModels } from '../service-control.ts';
import { compareShadow, type ShadowQuery } from '../shadow/compare-shadow.ts';
import { comparisonAnswer, formatComparison } from './comparison-json.ts';
import type { HttpLimits } from './http-limits.ts';
import type { HttpApp, HttpParts } from './http-parts.ts';
import { name } from './request-values.ts';
import { errorAnswers } from './route-errors.ts';
import { spanOf, spanQuery } from './span-query.ts';
import { createTurns } from './turns.ts';

/** Without `since`, so much before `until`, in milliseconds: a week. */
const USUAL_SPAN_MS = 604_800_000;

/** How a candidate in the shadow does beside the live version. */
export function comparisonRoutes(app: HttpApp, { control, store, clock }: HttpParts, limits: HttpLimits): void {
  const inTurn = createTurns(limits.largeAnswers);

  app.get(
    '/api/models/:agent/comparison',
    {
      schema: {
        operationId: 'compareShadow',
        summary: 'How a candidate in the shadow does',
        description: 'What it and the version in use made of the same windows: agreement, alerts avoided and new.',
        tags: ['models'],
        params: z.strictObject({ agent: name.describe('name of the agent') }),
        querystring: spanQuery,
        response: { 200: comparisonAnswer, ...errorAnswers(404, 503) },
      },
    },
    async ({ params: { agent }, query }) => {
      const { fromMs, toMs } = spanOf(query, clock.nowMs(), USUAL_SPAN_MS);
      const models = (await control.models()).find((of) => of.agent === agent);
      if (models === undefined)
        throw new ServiceError('NOT_FOUND', `no agent ${agent} judges by a model; see /api/models`);
      const versions = versionsOf(models);
      const answer = { agent, ...formatVersions(models), comparison: null, advice: null };
      if (typeof versions === 'string') return { ...answer, unknown: versions };
      const asked = { agent, ...versions, sinceMs: fromMs, untilMs: toMs };
      const comparison = formatComparison(await inTurn(() => compareShadow(store, asked)));
      if (comparison === undefined) return { ...answer, unknown: 'there is no time in the span that both judged' };
      return { ...answer, unknown: null, comparison, advice: adviceOf(models.model, versions.candidate) };
    },
  );
}

function formatVersions({ inUse, shadow }: AgentModels) {
  return { current_version: inUse?.version ?? null, candidate_version: shadow?.version ?? null };
}

/** Those that are to be compared, or why there are none. */
function versionsOf({ agent, inUse, shadow }: AgentModels): Pick<ShadowQuery, 'current' | 'candidate'> | string {
  if (shadow === undefined) return `no version of ${agent} is in the shadow`;
  const [current, candidate] = [inUse?.version, shadow.version];
  if (current === undefined) return `${agent} has no version in use to compare with`;
  if (candidate === undefined || candidate === current) return shadow.problem ?? `${candidate} does not judge yet`;
  return { current, candidate };
}

function adviceOf(model: string, version: string): string {
  return `to make it live: edgewood models activate ${model} ${version}`;
}
