import { LogError, type LogTableSettings, TimeZone } from '@edgewood/logs';
import { z } from 'zod';
import { agentsSchema } from './agent-schema.ts';
import { checkCombinations, STORE_DEFAULTS } from './config-combinations.ts';
import { ALWAYS, databaseUrl, durationBetween, flag, share, sizeFrom, text, wholeNumber } from './config-values.ts';
import { deploySchema } from './deploy-schema.ts';

/** How often the model directory may be looked at, in milliseconds. */
const POLL_MS = { shortest: 100, longest: 86_400_000 };
/** The store keeps what was found for at least so long, in milliseconds. */
const SHORTEST_AGE_MS = 60_000;
/** The store may be limited to no less, in bytes: an empty one has its tables. */
const SMALLEST_STORE_BYTES = 1_000_000;

const tokenHash = text
  .regex(/^sha256:[0-9a-f]{64}$/, 'must be sha256: and 64 hexadecimal digits; edgewood config token makes one')
  .meta({ writeOnly: true });

const zoneName = text.superRefine((name, context) => {
  try {
    TimeZone.named(name);
  } catch (error) {
    if (!(error instanceof LogError)) throw error;
    context.addIssue({ code: 'custom', message: 'must be a time zone such as UTC or Europe/Berlin' });
  }
});

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
    url: databaseUrl.optional().describe('postgresql://…; default: DATABASE_URL, or the PG* variables'),
    table: text.default('log_entries').describe('table or view, with or without its schema'),
    columns: columns.prefault({}).describe('names of columns that are called otherwise'),
    time_zone: zoneName.default('UTC').describe('of a time column without a zone'),
  })
  .transform(({ url, table, columns, time_zone: timeZone }) => ({ url, table, columns, timeZone }));

const models = z
  .strictObject({
    directory: text.default('models').describe('where model versions and their active links are'),
    poll_interval: durationBetween(POLL_MS.shortest, POLL_MS.longest)
      .prefault('2s')
      .describe('how often it is looked at'),
    trusted_keys: z
      .array(text)
      .default([])
      .describe(
        'files with public keys (Ed25519, in PEM or of OpenSSH); if there are any, a model must be signed by one of them',
      ),
    report: flag
      .prefault(true)
      .describe('whether service_report.json is written there, for `edgewood deploy` where HTTP does not reach'),
  })
  .transform(({ directory, poll_interval: pollIntervalMs, trusted_keys: trustedKeys, report }) => {
    return { directory, pollIntervalMs, trustedKeys, report };
  });

const store = z
  .strictObject({
    file: text.default(STORE_DEFAULTS.file).describe('SQLite file in which anomalies are kept'),
    url: databaseUrl.optional().describe('postgresql://…; keeps them in PostgreSQL instead'),
    schema: text.default(STORE_DEFAULTS.schema).describe('schema of their tables in PostgreSQL'),
    max_age: durationBetween(SHORTEST_AGE_MS).prefault('90d').describe('what is older is removed'),
    max_size: sizeFrom(SMALLEST_STORE_BYTES)
      .prefault('500MB')
      .describe('of the whole store; beyond, the oldest is removed'),
  })
  .transform(({ file, url, schema, max_age: maxAgeMs, max_size: maxBytes }) => {
    return { file, url, schema, limits: { maxAgeMs, maxBytes } };
  });

const http = z
  .strictObject({
    host: text.default('127.0.0.1').describe('address to listen on'),
    port: wholeNumber(0, 65_535).prefault(8420).describe('0 takes any that is free'),
    tokens: z
      .array(tokenHash)
      .default([])
      .describe('hashes of the bearer tokens that may change something; without one nothing can be changed over HTTP'),
    read_without_token: flag.prefault(true).describe('whether questions are answered without a token'),
    requests_per_minute: wholeNumber(1, 1_000_000).prefault(600).describe('of one address; more are refused'),
  })
  .transform(({ read_without_token: readWithoutToken, requests_per_minute: requestsPerMinute, ...of }) => {
    return { ...of, readWithoutToken, requestsPerMinute };
  });

const someShare = share.refine((value) => value > 0, 'must be more than 0%: the analysis would wait for ever');

const resources = z
  .strictObject({
    max_cpu: someShare.prefault('80%').describe('of all cores; above, analysis waits'),
    max_memory: someShare.prefault('80%').describe("of the machine's or container's memory; above, analysis waits"),
  })
  .transform(({ max_cpu: maxCpuShare, max_memory: maxMemoryShare }) => ({ maxCpuShare, maxMemoryShare }));

const log = z.strictObject({
  level: z.enum(['trace', 'debug', 'info', 'warn', 'error']).default('info').describe('what is logged at least'),
});

/** The whole file. Every key has a default, so that no file at all is a configuration too. */
export const configSchema = z
  .strictObject({
    database: database.prefault({}).describe('where the log entries are'),
    models: models.prefault({}).describe('where the models are'),
    store: store.prefault({}).describe('what was found'),
    http: http.prefault({}).describe('health, metrics and anomalies for those who ask'),
    agents: agentsSchema.prefault([{ name: 'wifi' }, { name: 'silence' }]).describe('who looks at the entries'),
    resources: resources.prefault({}).describe('how much of the machine may be in use'),
    log: log.prefault({}).describe("the service's own log"),
    deploy: deploySchema.prefault({}).describe('for edgewood deploy; the service does not look at it'),
  })
  .superRefine(checkCombinations, ALWAYS);
