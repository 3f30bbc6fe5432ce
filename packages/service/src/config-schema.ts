import { AGENT_PROFILES, checkWindowLength, FeatureError } from '@edgewood/features';
import { LogError, type LogTableSettings, TimeZone } from '@edgewood/logs';
import { z } from 'zod';

/** A number without a unit is seconds. */
const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, '': 1_000 };
/** The model directory is looked at no more often than this, in milliseconds. */
const SHORTEST_POLL_MS = 100;
/** Checks that run even if something else is wrong, so that everything is reported at once. */
const ALWAYS = { when: () => true };

const DURATION = 'must be a duration such as 300s, 5m or 2h';

/** `300s`, `5m`, `2h`, `1d`, or a number of seconds; becomes milliseconds. */
const duration = z.union([z.string(), z.number()], { error: DURATION }).transform((value, context) => {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)([smhd]?)$/.exec(String(value)) ?? [];
  if (amount !== undefined) return Math.round(Number(amount) * (UNIT_MS[unit] ?? 1_000));
  context.addIssue({ code: 'custom', message: DURATION, input: value });
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

const zoneName = text.superRefine((name, context) => {
  try {
    TimeZone.named(name);
  } catch (error) {
    if (!(error instanceof LogError)) throw error;
    context.addIssue({ code: 'custom', message: 'must be a time zone such as UTC or Europe/Berlin' });
  }
});

/** Variables of the environment are always text: digits will do. */
const port = z.preprocess(
  (value) => (typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value),
  z.int().min(0).max(65535),
);

const columns = z
  .strictObject({
    id: text.optional().describe('puts entries of the same time in order'),
    timestamp: text.optional().describe('time of an entry'),
    device_id: text.optional().describe('the device that wrote it'),
    program: text.optional().describe('the program that wrote it'),
    log_level: text.optional().describe('its level'),
    message: text.optional().describe('its text'),
  })
  .transform((given) => given as NonNullable<LogTableSettings['columns']>); // YAML has no undefined

const database = z
  .strictObject({
    url: text.optional().describe('postgresql://…; default: DATABASE_URL, or the PG* variables'),
    table: text.default('log_entries').describe('table or view, with or without its schema'),
    columns: columns.prefault({}).describe('names of columns that are called otherwise'),
    time_zone: zoneName.default('UTC').describe('of a time column without a zone'),
  })
  .transform(({ url, table, columns, time_zone: timeZone }) => ({ url, table, columns, timeZone }));

const models = z
  .strictObject({
    directory: text.default('models').describe('where model versions and their active links are'),
    poll_interval: duration
      .refine((pollIntervalMs) => pollIntervalMs >= SHORTEST_POLL_MS, `must be at least ${SHORTEST_POLL_MS / 1000}s`)
      .prefault('2s')
      .describe('how often it is looked at'),
  })
  .transform(({ directory, poll_interval: pollIntervalMs }) => ({ directory, pollIntervalMs }));

const agent = z
  .strictObject({
    name: z.enum(AGENT_PROFILES.map(({ name }) => name)).describe('which agent; each once'),
    window: windowLength.optional().describe("length of a window; default: the model's"),
    group_by: z.enum(['device', 'global']).optional().describe("default: the model's"),
    grace: duration.prefault('2m').describe('how long after its end a window waits for late rows'),
    catch_up_max: duration.prefault('24h').describe('how far back is analysed after downtime'),
    features: z.array(text).min(1).optional().describe("default: the model's"),
  })
  .superRefine(checkFeatures, ALWAYS)
  .transform(({ name, window: windowMs, group_by: groupBy, grace: graceMs, catch_up_max: catchUpMaxMs, features }) => ({
    name,
    windowMs,
    groupBy,
    graceMs,
    catchUpMaxMs,
    features,
  }));

/** The agent must have the features; `settings` may be anything, since this runs after other checks have failed. */
function checkFeatures(settings: { name?: unknown; features?: unknown } | null, context: z.RefinementCtx): void {
  const profile = AGENT_PROFILES.find(({ name }) => name === settings?.name);
  const names = settings?.features;
  if (profile === undefined || !Array.isArray(names)) return;
  names.forEach((name: unknown, index) => {
    if (typeof name !== 'string' || name === '') return; // said already
    const path = ['features', index];
    if (!profile.features.some((feature) => feature.name === name)) {
      const message = `must be one of ${profile.features.map((feature) => feature.name).join(', ')}`;
      context.addIssue({ code: 'custom', message, path, input: name });
    } else if (names.indexOf(name) < index) {
      context.addIssue({ code: 'custom', message: 'must be named once', path, input: name });
    }
  });
}

const agents = z.array(agent).min(1).superRefine(checkNoneTwice, ALWAYS);

/** As {@link checkFeatures}: `list` may be anything. */
function checkNoneTwice(list: readonly ({ name?: unknown } | null)[], context: z.RefinementCtx): void {
  const names = Array.isArray(list) ? list.map((settings) => settings?.name) : [];
  names.forEach((name, index) => {
    if (name === undefined || names.indexOf(name) === index) return;
    context.addIssue({ code: 'custom', message: 'must be there once', path: [index, 'name'], input: name });
  });
}

const http = z.strictObject({
  host: text.default('127.0.0.1').describe('address to listen on'),
  port: port.prefault(8420).describe('0 takes any that is free'),
});

const log = z.strictObject({
  level: z.enum(['trace', 'debug', 'info', 'warn', 'error']).default('info').describe('what is logged at least'),
});

/** The whole file. Every key has a default, so that no file at all is a configuration too. */
export const configSchema = z.strictObject({
  database: database.prefault({}).describe('where the log entries are'),
  models: models.prefault({}).describe('where the models are'),
  store: z
    .strictObject({ file: text.default('edgewood.sqlite').describe('where anomalies are kept') })
    .prefault({})
    .describe('what was found'),
  http: http.prefault({}).describe('health, metrics and anomalies for those who ask'),
  agents: agents.prefault([{ name: 'wifi' }]).describe('who looks at the entries'),
  log: log.prefault({}).describe("the service's own log"),
});
