import {
  isOfTheWorld,
  liveVersion,
  ofWhom,
  readDeployment,
  type SeenReport,
  type TargetFiles,
} from '@edgewood/deployer';
import { type AgentName, parseAgentName } from '@edgewood/models';
import { configOf, type TargetOptions, targetsOf, viewOf, withTarget } from './deploy-parts.ts';
import type { NamedTarget } from './deploy-targets.ts';
import { formatTable, printable, printLine } from './terminal.ts';

/** How an agent's models are at a target; all for people or, named so, for programs. */
interface TargetStatus {
  readonly target: string;
  readonly live: string | null;
  /** The deployment under way; null if there is none. */
  readonly deployment: string | null;
  readonly service: string;
  readonly problem: string | null;
}

/** `edgewood deploy status`. @throws {DeployError} {@link ModelError} of the first target that cannot be looked at, at the end. */
export async function showDeployStatus(agentName: string, options: TargetOptions): Promise<void> {
  const agent = parseAgentName(agentName);
  const targets = targetsOf(options, await configOf(options));
  const looked = await Promise.all(targets.map((target) => statusOrError(target, agent, options)));
  const statuses = looked.map((one, at) => (one instanceof Error ? brokenStatus(targets[at], one) : one));
  if (options.json === true) for (const status of statuses) printLine(JSON.stringify(status));
  else printLine(tableOf(statuses));
  const error = looked.find((one) => one instanceof Error);
  if (error !== undefined) throw error;
}

async function statusOrError(target: NamedTarget, agent: AgentName, options: TargetOptions) {
  try {
    return await withTarget(target, options, (files) => statusOf(target, files, agent));
  } catch (error) {
    if (isOfTheWorld(error)) return error;
    throw error;
  }
}

async function statusOf(target: NamedTarget, files: TargetFiles, agent: AgentName): Promise<TargetStatus> {
  const live = (await liveVersion(files, agent)) ?? null;
  const underWay = await readDeployment(files, agent);
  const seen = await (await viewOf(target, files)).report();
  return {
    target: target.name,
    live: live === 'other' ? 'not by a link' : live,
    deployment: underWay === undefined ? null : ofWhom(underWay),
    ...serviceOf(seen, agent),
  };
}

function serviceOf(seen: SeenReport | string, agent: AgentName): Pick<TargetStatus, 'service' | 'problem'> {
  if (typeof seen === 'string') return { service: `not seen: ${seen}`, problem: null };
  const { report, isFresh } = seen;
  const models = report.models.filter(({ model }) => model === agent);
  const uses = models.map(({ agent: user, version, since_loaded: since }) => {
    const done = `${since.cycles} cycles, ${since.anomalies} of ${since.windows} windows anomalies`;
    return `${user} uses ${version ?? 'none'}: ${done}`;
  });
  const age = isFresh ? '' : ` at ${report.written_at}`;
  const problems = models.flatMap(({ problem }) => (problem === null ? [] : [problem]));
  const service = `${report.service_version}${age}: ${uses.join('; ') || 'no agent uses it'}`;
  return { service, problem: problems.join('; ') || null };
}

function brokenStatus(target: NamedTarget | undefined, { message }: Error): TargetStatus {
  return { target: target?.name ?? '', live: null, deployment: null, service: 'not looked at', problem: message };
}

function tableOf(statuses: readonly TargetStatus[]): string {
  const columns = [
    { title: 'target' },
    { title: 'live' },
    { title: 'deployment', maxWidth: 40 },
    { title: 'service', maxWidth: 60 },
    { title: 'problem', maxWidth: 60 },
  ];
  const rows = statuses.map(({ target, live, deployment, service, problem }) =>
    [target, live ?? 'none', deployment ?? 'none', service, problem ?? ''].map(printable),
  );
  return formatTable(columns, rows);
}
