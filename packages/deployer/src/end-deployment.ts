import type { EndedDeployment } from '@edgewood/models';
import { type DeploymentLease, idOf } from './deployment-lease.ts';
import { logDeployment, readDeploymentLog } from './deployment-log.ts';
import type { DeploymentResult, DeploymentTask } from './deployment-task.ts';
import { DeployError, isOfTheWorld } from './errors.ts';
import { removeFiles, takeBack } from './take-back.ts';
import type { TargetFiles } from './target-files.ts';

/** A deployment that comes to its end. */
export interface EndingDeployment {
  readonly task: DeploymentTask;
  readonly files: TargetFiles;
  readonly lease: DeploymentLease;
  /** Files that it wrote, or was about to write. */
  readonly written: readonly string[];
  readonly warnings: readonly string[];
}

/** Ends one that went well. It is done: that the log or the lock fails is only said. */
export async function endDeployment(
  ending: EndingDeployment,
  outcome: 'committed' | 'copied',
  note: string,
): Promise<DeploymentResult> {
  const warnings = [...ending.warnings, ...(await letGo(ending, outcome, ''))];
  return { outcome, reason: note, previous: ending.lease.deployment.previous ?? undefined, warnings };
}

/**
 * Takes back all that a deployment did, as long as it is still ours; what another one made of it is left alone.
 *
 * @param error what it failed of; one that is not of the world is thrown again, after that.
 */
export async function takeBackDeployment(ending: EndingDeployment, error: unknown): Promise<DeploymentResult> {
  const { task, files, lease, written } = ending;
  const { stage, previous } = lease.deployment;
  const reason = error instanceof Error ? error.message : String(error);
  task.onProgress({ step: 'roll-back', state: 'begins', note: reason });
  try {
    await lease.confirm();
    const live = stage === 'trial' ? await takeBack(files, task.agent, lease.deployment) : 'nothing had become live';
    const outcome = stage === 'trial' ? 'rolled-back' : 'failed';
    lease.note('roll-back', live);
    const warnings = [
      ...ending.warnings,
      ...(await warningOf('its files are still there', () => removeFiles(files, task.agent, task.version, written))),
      ...(await letGo(ending, outcome, reason)),
    ];
    task.onProgress({ step: 'roll-back', state: 'done', note: live });
    if (!isOfTheWorld(error)) throw error;
    return { outcome, reason: `${reason}; ${live}`, previous: previous ?? undefined, warnings, error };
  } catch (second) {
    if (!isOfTheWorld(second)) throw second;
    if (!isOfTheWorld(error)) throw error;
    const left =
      second instanceof DeployError && second.code === 'DEPLOYMENT_LOST'
        ? await lostText(ending, second)
        : leftText(ending, second);
    const sentences = reason === second.message ? [left] : [reason, left];
    return {
      outcome: 'failed',
      reason: sentences.join('; '),
      previous: previous ?? undefined,
      warnings: ending.warnings,
      error,
    };
  }
}

/**
 * Writes the log, removes what writes have left that were cut with their connection, and frees the lock; each even if others
 * fail.
 *
 * @returns a sentence for what failed.
 */
async function letGo(ending: EndingDeployment, outcome: EndedDeployment['outcome'], reason: string) {
  const { files, lease, task } = ending;
  const { schema_version, by, version, previous, started_at, steps } = lease.deployment;
  const ended_at = new Date(task.clock.nowMs()).toISOString();
  await lease.stopRenewing(); // a renewal under way would lose its temporary file
  const of = { schema_version, id: idOf(lease.deployment), by, version, previous, started_at, steps };
  return [
    ...(await warningOf('it is not in the log', () =>
      logDeployment(files, task.agent, { ...of, outcome, reason, ended_at, ended_by: by }),
    )),
    ...(await warningOf('temporary files may be left', async () => void (await files.removeLeftovers(task.agent)))),
    ...(await warningOf('the next deployment will have to free the lock', () => lease.release())),
  ];
}

async function warningOf(what: string, work: () => Promise<void>): Promise<string[]> {
  try {
    await work();
    return [];
  } catch (error) {
    if (!isOfTheWorld(error)) throw error;
    return [`${what}: ${error.message}`];
  }
}

/** Somebody else has ended it; what the log says of that. */
async function lostText({ task, files, lease }: EndingDeployment, lost: DeployError): Promise<string> {
  const log = await readDeploymentLog(files, task.agent).catch((error: unknown) => {
    if (isOfTheWorld(error)) return [];
    throw error;
  });
  const ended = log.find((of) => idOf(of) === idOf(lease.deployment));
  if (ended === undefined) return lost.message;
  return `${lost.message}: ${ended.outcome} by ${ended.ended_by}${ended.reason === '' ? '' : `, ${ended.reason}`}`;
}

/** What is there now if nothing could be done about it any more. */
function leftText({ task, lease }: EndingDeployment, { message }: Error): string {
  const { stage, lease_seconds: seconds, previous } = lease.deployment;
  if (stage !== 'trial') return `what was live is live; the next deployment clears up what was left (${message})`;
  const service =
    previous === null ? '' : `the service there takes it back by itself within ${seconds} s or a little more; `;
  return `${task.version} is left on trial, since it could not be taken back (${message}): ${service}else the next deployment does`;
}
