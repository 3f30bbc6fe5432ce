/**
 * The metadata of a version: the specification's nine fields, then ours.
 *
 * Ours are optional on reading, since metadata may come from somebody's Python script. Fields that we do not know are
 * kept, not refused.
 */
import { z } from 'zod';
import { ModelError } from './errors.ts';
import { parseMetadataJson } from './metadata-json.ts';

/** How many further files a version may have. */
export const MAX_EXTRA_FILES = 8;
/** Over how many windows scores may be smoothed: a day's of five minutes. */
const MOST_SMOOTHED_WINDOWS = 288;

const count = z.int().min(0);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hexadecimal digits');

const quantiles = z.object({
  min: z.number(),
  p01: z.number(),
  p05: z.number(),
  p25: z.number(),
  p50: z.number(),
  p75: z.number(),
  p95: z.number(),
  p99: z.number(),
  max: z.number(),
});

const alertBudget = z.object({
  /** As it was asked for, of all agents that were trained together: `1/device/week`. */
  budget: z.string(),
  /** This version's part of it, in episodes of each of its devices and week. */
  per_device_and_week: z.number().positive(),
  /** Where alarms begin: below a scikit-learn score, from a surprise on. What is missing has its built-in threshold. */
  thresholds: z.object({ forest: z.number().gt(-1).lt(0), surprise: z.number().positive() }).partial(),
  /** If days to come are like those held out; null if none were. */
  expected_per_device_and_week: z.number().min(0).nullable(),
  /** The days by which thresholds were chosen, ISO 8601 and half-open; null if there were too few for that. */
  held_out: z.object({ start: z.string(), end: z.string(), devices: count }).nullable(),
});

const specified = {
  model_version: z.string(),
  /** Name of the model file, without a directory. */
  model_file: z.string(),
  agent_name: z.string(),
  /** ISO 8601. */
  training_date: z.string(),
  training_data_source: z.string(),
  training_log_count: count,
  /** In scikit-learn's words and meaning; `max_samples` is a count, a share or `auto`. */
  hyperparameters: z.looseObject({
    n_estimators: z.int().min(1),
    contamination: z.union([z.number(), z.literal('auto')], "expected a number or 'auto'"),
    max_samples: z.union([z.number(), z.literal('auto')], "expected a number or 'auto'"),
    random_state: z.union([z.int(), z.null()], 'expected an integer or null'),
  }),
  /** In the order of the vector, each once. */
  features_used: z
    .array(z.string())
    .min(1)
    .refine((names) => new Set(names).size === names.length, 'expected each feature once'),
};

/** ISO 8601, half-open; whose time, and why. */
const leftOutSpan = {
  start: z.string(),
  end: z.string(),
  devices: z.union([z.array(z.string()), z.literal('all')]),
  reason: z.string(),
};

/** Counts are of all; the longest lists may be cut. */
const leftOut = z.object({
  excluded_spans: count,
  excluded_windows: count,
  excluded: z.array(z.object(leftOutSpan)),
  suspicious_hours: count,
  suspicious_windows: count,
  /** With the score that they had by what was learnt with them: -log10 of episodes per device and day. */
  suspicious: z.array(z.object({ ...leftOutSpan, score: z.number() })),
});

const ours = {
  /** Raised when a reader must know that a field changed its meaning. */
  schema_version: z.int().min(1),
  /** Of the model file. */
  model_sha256: sha256,
  /** The shipped agent whose features these are, where the model has a name of its own: `wifi` of `guest-wifi`. */
  agent_profile: z.string(),
  /** Whose entries the windows are of. */
  programs: z.array(z.string()).min(1),
  window_seconds: z.number().positive(),
  group_by: z.enum(['device', 'global']),
  /** Hash of everything that could make the same entries give other vectors. */
  feature_fingerprint: sha256,
  /** How the forest sees vectors, so its probes too: by what is usual of the device at the hour, which the baseline has. */
  feature_scaling: z.enum(['device_hour']),
  /** Scores are means over the device's latest windows; each window further back weighs `1 - weight` times as much. */
  score_smoothing: z.object({
    weight: z.number().positive().max(1),
    windows: z.int().min(1).max(MOST_SMOOTHED_WINDOWS),
  }),
  training_window_count: count,
  /** ISO 8601; half-open. */
  training_span: z.object({ start: z.string(), end: z.string() }),
  /** What of it was not learnt from: what somebody excluded, and what was suspicious. */
  left_out: leftOut,
  /** Devices that had entries in the training data. */
  devices: z.array(z.string()),
  /** Of the training windows' scores. */
  score_quantiles: quantiles,
  /** Of the training windows' values, by feature. */
  feature_quantiles: z.record(z.string(), quantiles),
  /** Vectors with the score and the decision that they had: loading scores them again. */
  probes: z.array(z.object({ vector: z.array(z.number()), score: z.number(), decision: z.number().optional() })),
  /** Names and versions of what made the model. */
  software: z.record(z.string(), z.string()),
  /** How many alerts were asked for, and what was done to keep to that. */
  alert_budget: alertBudget,
  /** What the training found, for people. */
  report: z.looseObject({}),
  /** Why the quality gate would not have let this version be saved: it was saved by force. */
  forced: z.array(z.string()),
  /** Further files of this version by what they are. */
  files: z
    .record(z.string(), z.object({ name: z.string(), sha256 }))
    .refine((files) => Object.keys(files).length <= MAX_EXTRA_FILES, `expected at most ${MAX_EXTRA_FILES}`),
  /** By whom; see `verifySignature`, which alone says whether to believe it. */
  signature: z.looseObject({}),
};

const schema = z.object({ ...specified, ...z.object(ours).partial().shape });

/** As in a file; times are ISO 8601, hashes SHA-256 in hex. See the schema in this file. */
export type ModelMetadata = z.infer<typeof schema>;

/** The present meaning of our fields. */
export const METADATA_SCHEMA_VERSION = 1;

/** Our fields without which something about the model cannot be checked. */
const PROVING = ['model_sha256', 'feature_fingerprint', 'window_seconds', 'group_by', 'probes'] as const;

/** Our fields that metadata lacks, so that what they would prove cannot be checked. */
export function missingFields(metadata: ModelMetadata): readonly string[] {
  return PROVING.filter((field) => metadata[field] === undefined);
}

/**
 * Reads metadata; what we do not know in it is kept.
 *
 * @param name of its file, for messages.
 * @throws {ModelError} `BAD_METADATA`, naming every field that is wrong, what is allowed and what was seen.
 */
export function parseMetadata(text: string, name: string): ModelMetadata {
  const value = parseMetadataJson(text, name);
  const { success, error } = schema.safeParse(value, { reportInput: true });
  if (!success) throw new ModelError('BAD_METADATA', `${name}: ${problemsOf(error)}`, { cause: error });
  const metadata = value as ModelMetadata; // not the parsed copy, which lacks the fields that the schema does not know
  if (metadata.schema_version !== undefined && metadata.schema_version > METADATA_SCHEMA_VERSION) {
    throw new ModelError(
      'BAD_METADATA',
      `${name}: schema_version must be at most ${METADATA_SCHEMA_VERSION}, got ${metadata.schema_version}; it needs a newer Edgewood`,
    );
  }
  return metadata;
}

/** How much of a wrong value a message shows, in characters; and of how many wrong fields it tells. */
const SHOWN = { characters: 80, fields: 10 };

function problemsOf({ issues }: z.ZodError): string {
  const problems = issues.slice(0, SHOWN.fields).map((issue) => {
    const field = issue.path.join('.') || 'the whole';
    const allowed = issue.message.replace(/^(Invalid input|Invalid option|Too small|Too big): /, '');
    return `${field}: ${allowed.replace(/, received .*$/, '')}, ${seenText(issue.input)}`;
  });
  const further = issues.length - problems.length;
  return problems.join('; ') + (further > 0 ? `; and ${further} more` : '');
}

function seenText(value: unknown): string {
  if (value === undefined) return 'but it is missing';
  const text = JSON.stringify(value);
  return `got ${text.length > SHOWN.characters ? `${text.slice(0, SHOWN.characters)}…` : text}`;
}

/** JSON with the specification's fields first, then ours, then whatever else there is. */
export function formatMetadata(metadata: ModelMetadata): string {
  const fields: Record<string, unknown> = metadata;
  const known = [...Object.keys(specified), ...Object.keys(ours)];
  const others = Object.keys(fields).filter((field) => !known.includes(field));
  const ordered = Object.fromEntries([...known, ...others].map((field) => [field, fields[field]]));
  return `${JSON.stringify(ordered, null, 2)}\n`;
}
