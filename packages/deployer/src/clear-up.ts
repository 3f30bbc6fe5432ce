import { type AgentName, hasFile, type ModelVersion, metadataFile, modelFile } from '@edgewood/models';
import type { DeployClock } from './clock.ts';
import { type DeploymentLease, idOf } from './deployment-lease.ts';
import { logDeployment } from './deployment-log.ts';
import { liveVersion, removeFiles, takeBack } from './take-back.ts';
import type { TargetFiles } from './target-files.ts';

/** Who clears up, and where. */
export interface ClearingUp {
  readonly files: TargetFiles;
  readonly agent: AgentName;
  readonly clock: DeployClock;
  /** For people: `anna@laptop`. */
  readonly by: string;
}

/**
 * Ends a deployment whose deployer is gone, by a lease that was taken over: what was on trial is taken back, what was
 * half-copied is removed, the log says so, and the lock is free. May be cut off anywhere and done again.
 *
 * @returns what was done, in words.
 */
export async function clearUp({ files, agent, clock, by }: ClearingUp, lease: DeploymentLease): Promise<string> {
  const { stage, version, previous, ...dead } = lease.deployment;
  const isCommitted = dead.steps.some(({ step }) => step === 'commit') && (await liveVersion(files, agent)) === version;
  const taken = stage === 'trial' ? await takeBack(files, agent, { version, previous }) : '';
  await removeIncomplete(files, agent, version);
  await files.removeLeftovers(agent);
  const outcome = isCommitted ? 'committed' : stage === 'trial' ? 'rolled-back' : 'abandoned';
  const reason = isCommitted ? '' : `its deployer vanished${taken === '' ? '' : `; ${taken}`}`;
  const { schema_version, started_at, steps } = dead;
  const ended = { outcome, reason, ended_at: new Date(clock.nowMs()).toISOString(), ended_by: by } as const;
  const id = idOf(dead);
  await logDeployment(files, agent, {
    schema_version,
    id,
    by: dead.by,
    version,
    previous,
    started_at,
    steps,
    ...ended,
  });
  await lease.release();
  return `the deployment of ${version} by ${dead.by}, who vanished: ${outcome}${taken === '' ? '' : `, ${taken}`}`;
}

/** A version of which all is there harms nobody, and may have been there before. */
async function removeIncomplete(files: TargetFiles, agent: AgentName, version: string): Promise<void> {
  const names = [modelFile(agent, version as ModelVersion), metadataFile(agent, version as ModelVersion)];
  const present = await Promise.all(names.map((name) => hasFile(files, name)));
  if (present.every(Boolean)) return;
  await removeFiles(files, agent, version, await files.list());
}
