import { readDeploymentLog } from '@edgewood/deployer';
import { type EndedDeployment, parseAgentName } from '@edgewood/models';
import { configOf, type TargetOptions, targetsOf, withTarget } from './deploy-parts.ts';
import { formatTable, printable, printLine } from './terminal.ts';

/** `edgewood deploy history`. @throws {DeployError} {@link ModelError} */
export async function showDeployHistory(agentName: string, options: TargetOptions): Promise<void> {
  const agent = parseAgentName(agentName);
  const targets = targetsOf(options, await configOf(options));
  const rows: string[][] = [];
  for (const target of targets) {
    const log = await withTarget(target, options, (files) => readDeploymentLog(files, agent));
    for (const ended of log.toReversed()) {
      if (options.json === true) printLine(JSON.stringify({ target: target.name, ...ended }));
      rows.push([target.name, ...rowOf(ended)].map(printable));
    }
  }
  if (options.json === true) return;
  const titles = ['target', 'ended', 'version', 'before', 'outcome', 'by', 'ended by'].map((title) => ({ title }));
  if (rows.length === 0) printLine(`no deployment of ${agent} was logged`);
  else printLine(formatTable([...titles, { title: 'reason', maxWidth: 60 }], rows));
}

function rowOf({ ended_at, version, previous, outcome, by, ended_by, reason }: EndedDeployment): string[] {
  return [ended_at.slice(0, 19).replace('T', ' '), version, previous ?? '', outcome, by, ended_by, reason];
}
