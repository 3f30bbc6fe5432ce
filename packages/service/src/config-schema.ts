import { AGENT_PROFILES, checkWindowLength, FeatureError } from '@edgewood/features';
import type { LogTableSettings } from '@edgewood/logs';
import { z } from 'zod';

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, '': 1_000 };

/** `300s`, `5m`, `2h`, `1d`, or a number of seconds; becomes milliseconds. */
const duration = z
  .union([z.string(), z.number()], { error: 'expected a duration such as 300s, 5m or 2h' })
  .transform((value, context) => {
    const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)([smhd]?)$/.exec(String(value)) ?? [];
    if (amount !== undefined) return Number(amount) * (UNIT_MS[unit] ?? 1_000);
    context.addIssue({ code: 'custom', message: 'expected a duration such as 300s, 5m or 2h', input: value });
    return z.NEVER;
  });

const windowLength = duration.superRefine((windowMs, context) => {
  try {
    checkWindowLength(windowMs);
  } catch (error) {
    if (!(error instanceof FeatureError)) throw error;
    context.addIssue({ code: 'custom', message: error.message });
  }
});

const text = z.string().min(1);
const agentNames = AGENT_PROFILES.map((agent) => agent.name);

const columns = z
  .strictObject({
    id: text.optional(),
    timestamp: text.optional(),
    device_id: text.optional(),
    program: text.optional(),
    log_level: text.optional(),
    message: text.optional(),
  })
  .transform((given) => given as NonNullable<LogTableSettings['columns']>); // YAML has no undefined

const database = z
  .strictObject({
    url: text.optional().describe('postgresql://…; default: DATABASE_URL, or the PG* variables'),
    table: text.default('log_entries').describe('table or view, with or without its schema'),
    columns: columns.prefault({}).describe('names of columns that are called otherwise'),
    time_zone: text.default('UTC').describe('of a time column without a zone'),
  })
  .transform(({ time_zone: timeZone, ...rest }) => ({ ...rest, timeZone }));

const agent = z
  .strictObject({
    name: z.enum(agentNames, { error: `expected one of ${agentNames.join(', ')}` }),
    window: windowLength.optional().describe("length of a window; default: the model's"),
    group_by: z.enum(['device', 'global']).optional().describe("default: the model's"),
    grace: duration.default(120_000).describe('how long after its end a window waits for late rows'),
    catch_up_max: duration.default(86_400_000).describe('how far back is analysed after downtime'),
    features: z.array(text).min(1).optional().describe("default: the model's"),
  })
  .transform(({ name, window: windowMs, group_by: groupBy, grace: graceMs, catch_up_max: catchUpMaxMs, features }) => ({
    name,
    windowMs,
    groupBy,
    graceMs,
    catchUpMaxMs,
    features,
  }));

const agents = z
  .array(agent)
  .min(1)
  .superRefine((list, context) => {
    list.forEach(({ name }, index) => {
      if (list.findIndex((other) => other.name === name) === index) return;
      context.addIssue({ code: 'custom', message: `the agent ${name} is there already`, path: [index, 'name'] });
    });
  });

/** The whole file. Every key has a default, so that no file at all is a configuration too. */
export const configSchema = z.strictObject({
  database: database.prefault({}),
  models: z
    .strictObject({
      directory: text.default('models').describe('where model versions and their active links are'),
      poll_interval: duration.default(2_000).describe('how often it is looked at'),
    })
    .transform(({ directory, poll_interval: pollIntervalMs }) => ({ directory, pollIntervalMs }))
    .prefault({}),
  store: z.strictObject({ file: text.default('edgewood.sqlite').describe('where anomalies are kept') }).prefault({}),
  http: z
    .strictObject({
      host: text.default('127.0.0.1').describe('address to listen on'),
      port: z.int().min(0).max(65535).default(8420).describe('0 takes any that is free'),
    })
    .prefault({}),
  agents: agents.prefault([{ name: 'wifi' }]),
  log: z.strictObject({ level: z.enum(['trace', 'debug', 'info', 'warn', 'error']).default('info') }).prefault({}),
});
