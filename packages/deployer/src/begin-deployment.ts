import { type DeploymentUnderWay, deploymentFile } from '@edgewood/models';
import { clearUp } from './clear-up.ts';
import { type DeploymentLease, type LeasePlace, readDeployment, takeLease, takeOverLease } from './deployment-lease.ts';
import type { DeploymentTask } from './deployment-task.ts';
import { DeployError } from './errors.ts';
import type { TargetFiles } from './target-files.ts';

/** How often the lock of somebody else is looked at, in milliseconds. */
const LOOK_MS = 1_000;
/** So often the lock is tried for; each time somebody else was faster. */
const MOST_TRIES = 5;

/**
 * Takes the lock. If a deployer has it that is gone, what it left is cleared up first; whether it is gone shows within its
 * lease.
 *
 * @throws {DeployError} `DEPLOYMENT_UNDER_WAY` if somebody else deploys; `INTERRUPTED`. {@link ModelError} as the files.
 */
export async function beginDeployment(task: DeploymentTask, files: TargetFiles): Promise<DeploymentLease> {
  const { agent, clock, onProgress, randomId, settings } = task;
  const place = { files, agent, clock };
  const own = newDeployment(task);
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const lease = await takeLease(place, own);
    if (lease !== undefined) return lease;
    const found = await readDeployment(files, agent);
    if (found === undefined || !(await isAbandoned(task, place, found))) continue;
    onProgress({ step: 'clear-up', state: 'begins', note: ofWhom(found) });
    const abandoned = await takeOverLease(place, found, randomId().slice(0, 16));
    if (abandoned === undefined) continue;
    const note = await clearUp({ files, agent, clock, by: settings.by }, abandoned);
    onProgress({ step: 'clear-up', state: 'done', note });
  }
  throw new DeployError('DEPLOYMENT_UNDER_WAY', `others deploy ${agent} to ${files.location} again and again`);
}

/**
 * Shows that a deployment could begin, and so that the directory can be written: takes the lock and lets it go.
 *
 * @returns the deployment that has it, if one has; whether its owner is gone is not waited for.
 */
export async function tryLock(task: DeploymentTask, files: TargetFiles): Promise<DeploymentUnderWay | undefined> {
  const { agent, clock } = task;
  const lease = await takeLease({ files, agent, clock }, newDeployment(task));
  await lease?.release();
  return lease === undefined ? readDeployment(files, agent) : undefined;
}

function newDeployment({ version, clock, randomId, settings }: DeploymentTask): DeploymentUnderWay {
  return {
    schema_version: 1,
    id: randomId(),
    by: settings.by,
    version,
    previous: null,
    started_at: new Date(clock.nowMs()).toISOString(),
    steps: [],
    stage: 'preparing',
    lease_seconds: settings.leaseSeconds,
    renewal: 0,
  };
}

/** Waits as long as the lease is: true if the owner gave no sign of life, false if the deployment has ended. */
async function isAbandoned(task: DeploymentTask, place: LeasePlace, found: DeploymentUnderWay): Promise<boolean> {
  const { clock, onProgress, signal, agent } = task;
  const waits = `waits at most ${found.lease_seconds} s for a sign of life`;
  onProgress({ step: 'lock', state: 'goes-on', note: `${ofWhom(found)}; ${waits}` });
  const endsAtMs = clock.countedMs() + found.lease_seconds * 1000;
  while (clock.countedMs() < endsAtMs) {
    await clock.sleep(LOOK_MS, signal);
    if (signal?.aborted) throw new DeployError('INTERRUPTED', `interrupted while waiting for ${found.by}`);
    const now = await readDeployment(place.files, agent);
    if (now === undefined) return false;
    if (now.id === found.id && now.renewal === found.renewal) continue;
    throw new DeployError(
      'DEPLOYMENT_UNDER_WAY',
      `${ofWhom(now)} (${deploymentFile(agent)} in ${place.files.location})`,
    );
  }
  return true;
}

/** Who deploys what, for people. */
export function ofWhom({ by, version, stage, started_at: since }: DeploymentUnderWay): string {
  const what = stage === 'trial' ? 'has on trial' : 'deploys';
  return `${by} ${what} ${version} since ${since}`;
}
