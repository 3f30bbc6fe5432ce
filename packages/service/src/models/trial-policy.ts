/**
 * The trial policy decides whether a version on trial is taken back, because whoever deployed it is gone. Pure.
 *
 * Only that the deployment's file stays the same counts, by the clock of whoever looks: clocks of two machines are never
 * compared.
 */
import type { DeploymentUnderWay, ModelVersion } from '@edgewood/models';

/** What can be seen of a trial. */
export interface TrialSight {
  readonly deployment: DeploymentUnderWay;
  /** For how long its file has been the same, in milliseconds. */
  readonly unchangedMs: number;
  /** The version that the active link names; undefined if none can be told. */
  readonly active: ModelVersion | undefined;
  /** All versions of the model of which no file is missing. */
  readonly complete: readonly ModelVersion[];
}

/**
 * `nothing`: its owner is there, or somebody else has decided what is live. `leave`: its owner is gone, but the version must
 * stay, for a reason. `take-back`: `previous` is to be live again.
 */
export type TrialDecision =
  | { readonly action: 'nothing' }
  | { readonly action: 'leave'; readonly reason: string }
  | { readonly action: 'take-back'; readonly previous: ModelVersion; readonly reason: string };

/** Whether a version is on trial and its owner is gone. */
export function isAbandoned({ deployment, unchangedMs }: Pick<TrialSight, 'deployment' | 'unchangedMs'>): boolean {
  return deployment.stage === 'trial' && unchangedMs >= deployment.lease_seconds * 1000;
}

export function decideTrial(sight: TrialSight): TrialDecision {
  const { deployment, active, complete } = sight;
  const { version, previous } = deployment;
  if (!isAbandoned(sight) || active !== version) return { action: 'nothing' };
  const reason = `${deployment.by}, who deployed ${version}, has not been heard of for ${deployment.lease_seconds} s`;
  if (previous === null) return { action: 'leave', reason: `${reason}; it stays, for nothing was live before it` };
  if (previous === version) return { action: 'leave', reason: `${reason}; it stays, for it was live before too` };
  const found = complete.find((candidate) => candidate === previous);
  if (found !== undefined) return { action: 'take-back', previous: found, reason };
  return { action: 'leave', reason: `${reason}; it stays, for ${previous}, which was live before, is not complete` };
}
