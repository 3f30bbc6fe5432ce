import { randomUUID } from 'node:crypto';
import {
  DeployError,
  type DeploymentSettings,
  type DeploymentTask,
  deploy,
  deployToFleet,
  type FleetResult,
  isGood,
  isOfTheWorld,
  machineClock,
  versionToReturnTo,
} from '@edgewood/deployer';
import {
  type AgentName,
  activeVersion,
  LocalModelFiles,
  ModelError,
  type ModelVersion,
  newestVersion,
  parseAgentName,
  parseVersion,
} from '@edgewood/models';
import type { ServiceConfig } from '@edgewood/service';
import {
  apiOf,
  configOf,
  deployerName,
  openTarget,
  type TargetOptions,
  targetsOf,
  withTarget,
} from './deploy-parts.ts';
import { DeployProgress } from './deploy-progress.ts';
import { type NamedTarget, targetsNamed } from './deploy-targets.ts';
import { interruption, UsageError } from './failure.ts';
import { formatTable, printable, printLine, printWarning, styled } from './terminal.ts';
import { readTrustedKeys } from './verify-models.ts';

/** A cut connection is tried again for so long, in milliseconds: longer than a router needs to start. */
const RECONNECT_MS = 120_000;
/** More targets at a time are no faster, and each is a process of ssh. */
const MOST_PARALLEL = 64;

/** How a version is watched and who must have signed it. */
export interface TrialOptions extends TargetOptions {
  readonly parallel: number;
  /** A number of cycles; false: none. */
  readonly watch?: number | false;
  readonly wait?: number;
  readonly lease?: number;
  readonly trustedKey?: readonly string[];
}

export interface DeployOptions extends TrialOptions {
  readonly dir: string;
  readonly canary?: readonly string[];
  readonly then?: readonly string[];
  readonly dryRun?: boolean;
  readonly activate: boolean;
}

export interface RollbackOptions extends TrialOptions {
  readonly version?: string;
}

/** `edgewood deploy`. @throws {DeployError} if it failed anywhere. */
export async function deployModels(agentName: string, versionName: string, options: DeployOptions): Promise<void> {
  const [agent, source] = [parseAgentName(agentName), new LocalModelFiles(options.dir)];
  const config = await configOf(options);
  const plan = planOf(options, config);
  const version = await versionNamed(source, agent, versionName);
  const extent = options.dryRun === true ? 'try' : options.activate ? 'activate' : 'copy';
  const settings = { ...(await settingsOf(options, config)), extent } as const;
  const results = await deployToTargets(plan, options, async (target, parts) => {
    return deploy({ ...parts, agent, version, source, settings, api: await apiOf(target) });
  });
  report(results, `${agent} ${version}`, options);
}

/** `edgewood deploy rollback`. @throws {DeployError} if it failed anywhere. */
export async function rollBackDeployment(agentName: string, options: RollbackOptions): Promise<void> {
  const agent = parseAgentName(agentName);
  const config = await configOf(options);
  const asked = options.version === undefined ? undefined : parseVersion(options.version);
  const settings = { ...(await settingsOf(options, config)), extent: 'activate' } as const;
  const plan = { canaries: [], others: targetsOf(options, config) };
  const results = await deployToTargets(plan, options, async (target, parts) => {
    try {
      const find = () => withTarget(target, options, (files) => versionToReturnTo(files, agent));
      const version = asked ?? (await find());
      const task = { ...parts, agent, version, source: undefined, settings, api: await apiOf(target) };
      const result = await deploy(task);
      return { ...result, reason: `${version}${result.reason === '' ? '' : `: ${result.reason}`}` };
    } catch (error) {
      if (!isOfTheWorld(error)) throw error;
      return { outcome: 'failed', reason: error.message, previous: undefined, warnings: [], error };
    }
  });
  report(results, `${agent} rollback`, options);
}

interface Plan {
  readonly canaries: readonly NamedTarget[];
  readonly others: readonly NamedTarget[];
}

function planOf(options: DeployOptions, config: ServiceConfig): Plan {
  const { canary = [], then = [], to = [] } = options;
  if (then.length > 0 && canary.length === 0) throw new UsageError('--then goes together with --canary');
  const canaries = targetsNamed(canary, config.deploy);
  if (canaries.length === 0) return { canaries, others: targetsOf(options, config) };
  const all = targetsNamed([...canary, ...to, ...then], config.deploy);
  return { canaries, others: all.slice(canaries.length) };
}

async function settingsOf(options: TrialOptions, config: ServiceConfig): Promise<Omit<DeploymentSettings, 'extent'>> {
  const { watchCycles, waitMs, leaseMs } = config.deploy;
  const { parallel, watch = watchCycles, wait = waitMs, lease = Math.round(leaseMs / 1000) } = options;
  if (parallel < 1 || parallel > MOST_PARALLEL) throw new UsageError(`--parallel must be 1 to ${MOST_PARALLEL}`);
  if (watch !== false && watch < 0) throw new UsageError('--watch must be 0 or more cycles');
  if (lease < 5 || lease > 3_600) throw new UsageError('--lease must be 5 to 3600 seconds');
  return {
    trustedKeys: await readTrustedKeys([...(options.trustedKey ?? []), ...config.models.trustedKeys]),
    watchCycles: watch === false ? 0 : watch,
    waitMs: wait,
    leaseSeconds: lease,
    reconnectMs: RECONNECT_MS,
    by: deployerName(),
  };
}

function versionNamed(files: LocalModelFiles, agent: AgentName, name: string): Promise<ModelVersion> | ModelVersion {
  if (name === 'latest') return newestVersion(files, agent);
  return name === 'active' ? activeVersion(files, agent) : parseVersion(name);
}

type CommonParts = Pick<DeploymentTask, 'open' | 'clock' | 'randomId' | 'onProgress' | 'signal'>;

async function deployToTargets(
  plan: Plan,
  options: TrialOptions,
  deployTo: (target: NamedTarget, parts: CommonParts) => ReturnType<typeof deploy>,
): Promise<readonly FleetResult<NamedTarget>[]> {
  const progress = new DeployProgress([...plan.canaries, ...plan.others].map(({ name }) => name));
  const signal = interruption();
  return deployToFleet({ ...plan, parallel: options.parallel, signal }, async (target) => {
    const parts: CommonParts = {
      open: () => openTarget(target, options),
      clock: machineClock,
      randomId: randomUUID,
      signal,
      onProgress: (told) => {
        if (options.json === true) printLine(JSON.stringify(progressJson(target, told)));
        else progress.tell(target.name, told);
      },
    };
    const result = await deployTo(target, parts).finally(() => options.json !== true && progress.end(target.name));
    for (const warning of result.warnings) printWarning(`${target.name}: ${warning}`);
    return result;
  });
}

function progressJson({ name }: NamedTarget, { step, state, note, sentBytes, totalBytes }: Told) {
  return { target: name, step, state, note, sent_bytes: sentBytes, total_bytes: totalBytes };
}
type Told = Parameters<DeploymentTask['onProgress']>[0];

/** Prints how it ended everywhere. @throws {DeployError} for what failed, so that the command fails. */
function report(results: readonly FleetResult<NamedTarget>[], what: string, { json }: TargetOptions): void {
  const failed = results.filter((result) => !isGood(result));
  if (json === true) for (const result of results) printLine(JSON.stringify(resultJson(result)));
  else if (results.length > 1) printLine(tableOf(results));
  else for (const result of results.filter(isGood)) printLine(lineOf(result, what));
  const [first] = failed;
  if (first === undefined) return;
  if (results.length === 1) throw errorOf(first);
  if (failed.some((result) => codeOf(result) === 'INTERRUPTED')) {
    throw new DeployError(
      'INTERRUPTED',
      `interrupted; ${failed.length} of ${results.length} targets were not deployed to`,
    );
  }
  throw new DeployError(
    'SOME_FAILED',
    `${failed.length} of ${results.length} targets failed; a second run passes over the others`,
  );
}

/** The error with all that is known of its end. */
function errorOf({ target, outcome, reason, result }: FleetResult<NamedTarget>): Error {
  const { error } = result ?? {};
  const message = `${target.name}: ${outcome}: ${reason}`;
  if (error instanceof ModelError) return new ModelError(error.code, message, { cause: error });
  return new DeployError(error instanceof DeployError ? error.code : 'INTERRUPTED', message, { cause: error });
}

function lineOf({ target, outcome, reason }: FleetResult<NamedTarget>, what: string): string {
  const why = reason === '' ? '' : ` (${printable(reason)})`;
  return `${what} ${styled('bold', outcome)} at ${target.name}${why}`;
}

function tableOf(results: readonly FleetResult<NamedTarget>[]): string {
  const columns = [{ title: 'target' }, { title: 'outcome' }, { title: 'reason', maxWidth: 90 }];
  const rows = results.map((result) => {
    const color = isGood(result) ? 'green' : 'red';
    return [result.target.name, styled(color, result.outcome), printable(result.reason)];
  });
  return formatTable(columns, rows);
}

function resultJson(of: FleetResult<NamedTarget>) {
  const { target, outcome, reason, result } = of;
  return {
    target: target.name,
    outcome,
    reason,
    code: codeOf(of),
    previous: result?.previous,
    warnings: result?.warnings,
  };
}

/** Undefined if it did not fail. */
function codeOf({ result }: FleetResult<NamedTarget>): string | undefined {
  return isOfTheWorld(result?.error) ? result.error.code : undefined;
}
