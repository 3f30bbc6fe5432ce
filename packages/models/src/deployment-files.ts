/**
 * What a deployment leaves in the model directory beside the versions, for the service and for the next deployer:
 *
 * ```
 * wifi_deployment.json       the deployment under way; there is none between deployments
 * wifi_deployment_log.json   the last ones with their steps, the newest last
 * ```
 *
 * The first is the lock: it is written once by whoever begins, and a second deployer finds it there. Its owner writes it
 * anew with a higher `renewal` at least three times in `lease_seconds`. If it stays the same for longer than that, the
 * owner is gone: a service takes the version on trial back, and the next deployer clears up and begins. Only that it stays
 * the same counts, by a clock of whoever looks, so that no two clocks are compared.
 */
import { z } from 'zod';
import { ModelError } from './errors.ts';
import { jsonProblemOf } from './json-problem.ts';
import type { AgentName } from './model-version.ts';

/** So many deployments the log keeps. */
export const DEPLOYMENT_LOG_LENGTH = 50;
/** Neither of the files is read if it is larger, in bytes. */
export const MAX_DEPLOYMENT_FILE_BYTES = 1_000_000;
const SCHEMA_VERSION = 1;

const step = z.object({
  /** `upload`, `activate`, … */
  step: z.string(),
  /** ISO 8601, by the deployer's clock. */
  at: z.string(),
  /** What there is to say of it; empty if nothing. */
  note: z.string(),
});

const deployment = z.object({
  schema_version: z.int().min(1),
  /** Unique to this deployment. */
  id: z.string().min(1).max(64),
  /** Who deploys, for people: `anna@laptop`. */
  by: z.string(),
  version: z.string(),
  /** What was live before; null if nothing was. */
  previous: z.string().nullable(),
  started_at: z.string(),
  steps: z.array(step),
});

const underWay = deployment.extend({
  /** `preparing`: what was live is live. `trial`: the new version is live and watched, and may be taken back. */
  stage: z.enum(['preparing', 'trial']),
  lease_seconds: z.int().min(5).max(3_600),
  renewal: z.int().min(0),
});

const ended = deployment.extend({
  /**
   * `committed`: live and found to be well. `copied`: not to be activated. `rolled-back`: what was live before is again.
   * `failed`: it never became live. `abandoned`: its deployer vanished before it became live.
   */
  outcome: z.enum(['committed', 'copied', 'rolled-back', 'failed', 'abandoned']),
  /** Why, in a sentence; empty if all went well. */
  reason: z.string(),
  ended_at: z.string(),
  /** Who ended it: a deployer as in `by`, or `the service`. */
  ended_by: z.string(),
});

const log = z.object({ schema_version: z.int().min(1), deployments: z.array(ended) });

export type DeploymentStep = z.infer<typeof step>;
/** A deployment under way, as in its file. */
export type DeploymentUnderWay = z.infer<typeof underWay>;
/** A deployment that has ended, as in the log. */
export type EndedDeployment = z.infer<typeof ended>;

/** `wifi_deployment.json`. */
export function deploymentFile(agent: AgentName): string {
  return `${agent}_deployment.json`;
}

/** `wifi_deployment_log.json`. */
export function deploymentLogFile(agent: AgentName): string {
  return `${agent}_deployment_log.json`;
}

export function formatDeployment(of: DeploymentUnderWay): Uint8Array {
  return jsonBytes(of);
}

/** @throws {ModelError} `BAD_DEPLOYMENT_FILE`. */
export function parseDeployment(bytes: Uint8Array, name: string): DeploymentUnderWay {
  return parsed(underWay, bytes, name);
}

/**
 * The last {@link DEPLOYMENT_LOG_LENGTH} of them, and fewer where these would make a file that is too large to be read; the
 * newest in any case.
 */
export function formatDeploymentLog(deployments: readonly EndedDeployment[]): Uint8Array {
  const kept = deployments.slice(-DEPLOYMENT_LOG_LENGTH);
  for (;;) {
    const bytes = jsonBytes({ schema_version: SCHEMA_VERSION, deployments: kept });
    if (bytes.length <= MAX_DEPLOYMENT_FILE_BYTES || kept.length <= 1) return bytes;
    kept.shift();
  }
}

/** @throws {ModelError} `BAD_DEPLOYMENT_FILE`. */
export function parseDeploymentLog(bytes: Uint8Array, name: string): readonly EndedDeployment[] {
  return parsed(log, bytes, name).deployments;
}

function jsonBytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);
}

function parsed<Schema extends z.ZodType<{ schema_version: number }>>(
  schema: Schema,
  bytes: Uint8Array,
  name: string,
): z.infer<Schema> {
  const { success, data, error } = schema.safeParse(jsonOf(bytes, name));
  if (!success) {
    const problems = error.issues
      .slice(0, 5)
      .map(({ path, message }) => `${path.join('.') || 'the whole'}: ${message}`);
    throw new ModelError('BAD_DEPLOYMENT_FILE', `${name}: ${problems.join('; ')}`, { cause: error });
  }
  if (data.schema_version <= SCHEMA_VERSION) return data;
  throw new ModelError(
    'BAD_DEPLOYMENT_FILE',
    `${name} was written by a newer Edgewood (schema ${data.schema_version})`,
  );
}

function jsonOf(bytes: Uint8Array, name: string): unknown {
  let text = '';
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return JSON.parse(text);
  } catch (error) {
    throw new ModelError('BAD_DEPLOYMENT_FILE', `${name} is not JSON: ${jsonProblemOf(text, error)}`, { cause: error });
  }
}
