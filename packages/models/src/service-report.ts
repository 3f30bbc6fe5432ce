/**
 * What a service tells a deployer about its models: by HTTP at `/api/report`, and as a file of the model directory for
 * machines of which only that directory can be reached. Both are this one document.
 *
 * The service writes, the deployer reads; it is JSON with the names as below, times are ISO 8601.
 */
import { z } from 'zod';
import { ModelError } from './errors.ts';
import { jsonProblemOf } from './json-problem.ts';

/** Name of the file in the model directory. */
export const SERVICE_REPORT_FILE = 'service_report.json';
/** A larger report is not read, in bytes. */
export const MAX_REPORT_BYTES = 1_000_000;
/** Raised when a reader must know that a field changed its meaning. */
export const REPORT_SCHEMA_VERSION = 1;

const count = z.int().min(0);

/** What the version in use has done since it was loaded. */
const sinceLoaded = z.object({
  /** Analysis cycles that ended well. */
  cycles: count,
  /** Cycles that failed, whatever the reason. */
  failed_cycles: count,
  /** Why the last cycle failed; null if it did not. */
  last_error: z.string().nullable(),
  /** Windows that were scored, each once. */
  windows: count,
  /** Those of them below the threshold. */
  anomalies: count,
  /** Quantiles of their scores, to 0.001; null without windows. */
  scores: z.object({ p05: z.number(), p25: z.number(), p50: z.number(), p75: z.number(), p95: z.number() }).nullable(),
});

const modelReport = z.object({
  agent: z.string(),
  /** The first part of its model files' names. */
  model: z.string(),
  /** The version in use; null without one. */
  version: z.string().nullable(),
  /** Why the version that the active link names is not in use; null if it is. */
  problem: z.string().nullable(),
  since_loaded: sinceLoaded,
});

const schema = z.object({
  schema_version: z.int().min(1),
  /** Release of the service: `0.1.0`. */
  service_version: z.string(),
  started_at: z.string(),
  written_at: z.string(),
  /** Grows with every report of one run of the service. */
  sequence: count,
  /** Keys that a model must be signed by one of; empty: it need not be signed. */
  trusted_keys: z.array(z.string()),
  models: z.array(modelReport),
});

/** See the schema in this file; names as in JSON, times are ISO 8601. */
export type ServiceReport = z.infer<typeof schema>;
export type ModelReport = z.infer<typeof modelReport>;
/** The schema, for an HTTP API that answers with it. */
export const serviceReportSchema = schema;

/**
 * @param where it came from, for messages.
 * @throws {ModelError} `BAD_REPORT` for what is no report, or one of a release that means something else by it.
 */
export function parseServiceReport(text: string, where: string): ServiceReport {
  const { data, error } = schema.safeParse(parseJson(text, where));
  if (data === undefined) throw new ModelError('BAD_REPORT', `${where}: ${problemsOf(error)}`, { cause: error });
  if (data.schema_version <= REPORT_SCHEMA_VERSION) return data;
  throw new ModelError(
    'BAD_REPORT',
    `${where}: schema_version must be at most ${REPORT_SCHEMA_VERSION}, got ${data.schema_version}; it needs a newer Edgewood here`,
  );
}

function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ModelError('BAD_REPORT', `${where} is not JSON: ${jsonProblemOf(text, error)}`, { cause: error });
  }
}

function problemsOf({ issues }: z.ZodError): string {
  return issues
    .slice(0, 5)
    .map(({ path, message }) => `${path.join('.') || 'the whole'}: ${message}`)
    .join('; ');
}
