import type { ModelMetadata } from '@edgewood/models';
import { z } from 'zod';
import type { AgentModels } from '../service-control.ts';
import type { ServiceStatus } from '../service-status.ts';
import type { ShadowStatus } from '../shadow/shadow-post.ts';
import { isoText, isoTime } from './json-values.ts';

/** The version in use. Where its data came from is left out: metadata of others may hold a password there. */
const modelInUse = z.object({
  version: z.string(),
  trained_at: z.string().describe('as the metadata has it'),
  trained_from: z.string().nullable().describe('beginning of the training data'),
  trained_until: z.string().nullable().describe('end of the training data'),
  training_log_count: z.int(),
  training_window_count: z.int().nullable(),
  window_seconds: z.number().nullable(),
  group_by: z.enum(['device', 'global']).nullable(),
  features: z.array(z.string()),
  hyperparameters: z.object({
    n_estimators: z.int(),
    contamination: z.union([z.number(), z.literal('auto')]),
    max_samples: z.union([z.number(), z.literal('auto')]),
    random_state: z.int().nullable(),
  }),
});

const shadow = z.object({
  version: z.string().nullable().describe('the candidate; null while it cannot be loaded'),
  problem: z.string().nullable().describe('why it does not judge, or not as it should'),
  analysed_until: isoText.nullable().describe('all windows up to here are analysed'),
});

/** What there is for an agent to judge by. */
export const agentModels = z
  .object({
    agent: z.string(),
    model: z.string().describe('its name; several agents may use one'),
    in_use: modelInUse.nullable(),
    problem: z.string().nullable().describe('why there is none, or why a newer one was refused'),
    shadow: shadow.nullable().describe('the candidate in the shadow, which alerts nobody; null without one'),
    versions: z
      .array(
        z.object({
          version: z.string(),
          active: z.boolean().describe('whether the active link leads to it'),
          shadow: z.boolean().describe('whether the shadow link leads to it'),
          complete: z.boolean().describe('whether none of its files is missing'),
        }),
      )
      .describe('newest first'),
  })
  .meta({ id: 'AgentModels', description: 'the models of one agent' });

/** @param status for what became of the newest version. */
export function formatAgentModels(of: AgentModels, { agents }: ServiceStatus): z.input<typeof agentModels> {
  const { agent, model, inUse, versions } = of;
  return {
    agent,
    model,
    in_use: inUse === undefined ? null : formatInUse(inUse.version, inUse.metadata),
    problem: agents.find((status) => status.agent === agent)?.problem ?? null,
    shadow: of.shadow === undefined ? null : formatShadow(of.shadow),
    versions: versions.map(({ version, active, shadow, complete }) => ({ version, active, shadow, complete })),
  };
}

function formatShadow({ version, problem, analysedUntilMs }: ShadowStatus): z.input<typeof shadow> {
  return {
    version: version ?? null,
    problem: problem ?? null,
    analysed_until: analysedUntilMs === undefined ? null : isoTime(analysedUntilMs),
  };
}

function formatInUse(version: string, metadata: ModelMetadata): z.input<typeof modelInUse> {
  const { n_estimators, contamination, max_samples, random_state } = metadata.hyperparameters;
  return {
    version,
    trained_at: metadata.training_date,
    trained_from: metadata.training_span?.start ?? null,
    trained_until: metadata.training_span?.end ?? null,
    training_log_count: metadata.training_log_count,
    training_window_count: metadata.training_window_count ?? null,
    window_seconds: metadata.window_seconds ?? null,
    group_by: metadata.group_by ?? null,
    features: metadata.features_used,
    hyperparameters: { n_estimators, contamination, max_samples, random_state },
  };
}
