import { DeployError, ofWhom, readDeployment } from '@edgewood/deployer';
import { parseAgentName, prune } from '@edgewood/models';
import { configOf, type TargetOptions, targetsOf, withTarget } from './deploy-parts.ts';
import { printLine } from './terminal.ts';

export interface PruneTargetsOptions extends TargetOptions {
  readonly keep: number;
  readonly dryRun?: boolean;
}

/**
 * `edgewood models prune --on`. What a deployment under way would take back must stay, so that it is waited for.
 *
 * @throws {DeployError} `DEPLOYMENT_UNDER_WAY`, as the target. {@link ModelError}
 */
export async function pruneTargets(agentName: string, options: PruneTargetsOptions): Promise<void> {
  const agent = parseAgentName(agentName);
  const { keep, dryRun = false } = options;
  for (const target of targetsOf(options, await configOf(options))) {
    const removed = await withTarget(target, options, async (files) => {
      const underWay = await readDeployment(files, agent);
      if (underWay === undefined) return prune(files, agent, { keep, dryRun });
      throw new DeployError('DEPLOYMENT_UNDER_WAY', `nothing is removed at ${target.name}: ${ofWhom(underWay)}`);
    });
    for (const version of removed) {
      printLine(`${dryRun ? 'would remove' : 'removed'} ${agent} ${version} at ${target.name}`);
    }
    if (removed.length === 0) printLine(`nothing to remove at ${target.name}`);
  }
}
