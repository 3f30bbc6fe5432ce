/**
 * The trial guard watches a deployment's file and takes a version on trial back when whoever deployed it is gone, so that a
 * cut connection never leaves an unjudged version at work.
 *
 * Several services may share a directory and do this at the same time, and a deployer may come back at any moment: each step
 * can be done twice, and nothing is done before the file was read once more. While the links cannot be moved every look tries
 * again; what cannot be cleared up after that is left to the next deployer.
 */
import {
  type AgentName,
  activate,
  type DeploymentUnderWay,
  deploymentFile,
  deploymentLogFile,
  type EndedDeployment,
  formatDeploymentLog,
  hasFile,
  linkedVersion,
  listVersions,
  MAX_DEPLOYMENT_FILE_BYTES,
  ModelError,
  type ModelFiles,
  type ModelVersion,
  parseDeployment,
  parseDeploymentLog,
} from '@edgewood/models';
import type { Clock } from '../clock.ts';
import type { ServiceEvents } from '../events.ts';
import { refusalReason } from './refusal-reason.ts';
import { decideTrial, isAbandoned } from './trial-policy.ts';

/** Who ends a deployment here, as its log has it. */
export const ENDED_BY = 'the service';

export interface TrialGuardOptions {
  readonly files: ModelFiles;
  /** The first part of the model files' names. */
  readonly model: AgentName;
  /** Who is told of in events: the name of whoever judges by the model. */
  readonly name: string;
  readonly events: ServiceEvents;
  /** For leases and the wait between looks, so one that is not set meanwhile. */
  readonly clock: Clock;
  readonly pollIntervalMs: number;
  /** Time of day for the log of deployments, Unix milliseconds. */
  readonly nowMs: () => number;
}

/** A deployment's file as it was found. */
interface SeenDeployment {
  /** What the file system says of it. */
  readonly identity: string;
  readonly bytes: Uint8Array;
  /** Undefined if it is no deployment. */
  readonly deployment: DeploymentUnderWay | undefined;
  /** Since when it has been the same, by the counting clock. */
  readonly sinceMs: number;
}

export class TrialGuard {
  readonly #options: TrialGuardOptions;
  readonly #name: string;
  #seen: SeenDeployment | undefined;
  /** What was last said to be in the way; undefined if nothing is. */
  #said: string | undefined;

  constructor(options: TrialGuardOptions) {
    this.#options = options;
    this.#name = deploymentFile(options.model);
  }

  /** Whether there was a deployment's file at the last look. */
  get isDeploying(): boolean {
    return this.#seen !== undefined;
  }

  /** Looks again and again until the signal comes. Never throws, whatever is wrong in the directory. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, pollIntervalMs } = this.#options;
    while (!signal.aborted) {
      await this.look();
      await clock.sleepUntil(clock.nowMs() + pollIntervalMs, signal);
    }
  }

  /** One look; what is to be done is done. Never throws. */
  async look(): Promise<void> {
    try {
      const seen = await this.#see();
      if (seen?.deployment !== undefined) await this.#judge(seen, seen.deployment);
    } catch (error) {
      this.#say(refusalReason(error));
    }
  }

  /** What is there. It is read only if the file system says that it is another. */
  async #see(): Promise<SeenDeployment | undefined> {
    const { files, clock } = this.#options;
    const before = this.#seen;
    const identity = await files.identify(this.#name);
    if (identity === undefined) {
      this.#seen = undefined;
      this.#said = undefined;
      return undefined;
    }
    if (before?.identity === identity.content) return before;
    const sinceMs = clock.nowMs();
    const bytes = await files.read(this.#name, MAX_DEPLOYMENT_FILE_BYTES);
    const isSame = before !== undefined && Buffer.compare(before.bytes, bytes) === 0;
    if (isSame) this.#seen = { ...before, identity: identity.content };
    else this.#begin({ identity: identity.content, bytes, sinceMs });
    return this.#seen;
  }

  #begin(found: Omit<SeenDeployment, 'deployment'>): void {
    const before = this.#seen?.deployment;
    this.#seen = { ...found, deployment: undefined };
    const deployment = parseDeployment(found.bytes, this.#name);
    this.#seen = { ...found, deployment };
    this.#said = undefined;
    if (deployment.id === before?.id) return;
    const { id, by, version } = deployment;
    this.#options.events.emit('deployment:seen', { agent: this.#options.name, id, by, version });
  }

  async #judge(seen: SeenDeployment, deployment: DeploymentUnderWay): Promise<void> {
    const { files, model, clock } = this.#options;
    const unchangedMs = clock.nowMs() - seen.sinceMs;
    if (!isAbandoned({ deployment, unchangedMs })) return;
    const versions = await listVersions(files, model);
    const complete = versions.filter((version) => version.complete).map(({ version }) => version);
    const active = await activeOrNone(files, model);
    const decision = decideTrial({ deployment, unchangedMs, active, complete });
    if (decision.action === 'leave') this.#say(decision.reason);
    if (decision.action !== 'take-back') return;
    if (!(await this.#isStill(seen))) return; // the next look sees what it is now
    await this.#takeBack(seen, deployment, decision);
  }

  async #takeBack(
    seen: SeenDeployment,
    deployment: DeploymentUnderWay,
    { previous, reason }: { readonly previous: ModelVersion; readonly reason: string },
  ): Promise<void> {
    const { files, model, name, events } = this.#options;
    await activate(files, model, previous);
    events.emit('model:taken-back', { agent: name, version: deployment.version, previous, reason });
    const logged = await this.#log(deployment, reason).catch((error: unknown) => refusalReason(error));
    if (await this.#isStill(seen)) await files.remove(this.#name);
    if (logged !== undefined) this.#say(logged);
  }

  /** Nothing is added if another service was quicker. */
  async #log(deployment: DeploymentUnderWay, reason: string): Promise<undefined> {
    const { files, model, nowMs } = this.#options;
    const name = deploymentLogFile(model);
    const bytes = (await hasFile(files, name)) ? await files.read(name, MAX_DEPLOYMENT_FILE_BYTES) : undefined;
    const before = bytes === undefined ? [] : parseDeploymentLog(bytes, name);
    if (before.some(({ id }) => id === deployment.id)) return;
    const ended = endedDeployment(deployment, reason, new Date(nowMs()).toISOString());
    await files.replaceFile(name, formatDeploymentLog([...before, ended]));
  }

  /** Whether the file is the very one that was seen: its owner may be back, and another may have begun. */
  async #isStill({ bytes }: SeenDeployment): Promise<boolean> {
    const { files } = this.#options;
    if (!(await hasFile(files, this.#name))) return false;
    return Buffer.compare(bytes, await files.read(this.#name, MAX_DEPLOYMENT_FILE_BYTES)) === 0;
  }

  /** Once for each state of things, not at every look. */
  #say(reason: string): void {
    if (this.#said === reason) return;
    this.#said = reason;
    this.#options.events.emit('deployment:stuck', { agent: this.#options.name, reason });
  }
}

async function activeOrNone(files: ModelFiles, model: AgentName): Promise<ModelVersion | undefined> {
  try {
    return (await linkedVersion(files, model))?.version;
  } catch (error) {
    if (error instanceof ModelError && (error.code === 'NO_ACTIVE_MODEL' || error.code === 'BAD_LINK'))
      return undefined;
    throw error;
  }
}

function endedDeployment(deployment: DeploymentUnderWay, reason: string, at: string): EndedDeployment {
  const { stage: _stage, lease_seconds: _lease, renewal: _renewal, ...rest } = deployment;
  const steps = [...rest.steps, { step: 'take back', at, note: reason }];
  return { ...rest, steps, outcome: 'rolled-back', reason, ended_at: at, ended_by: ENDED_BY };
}
