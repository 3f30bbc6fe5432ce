/**
 * When a service's report is written. Pure. A flash card wears: what nobody waits for is written seldom, and whoever deploys
 * waits for every cycle.
 */

/** Without a deployment it is written at most so often, in milliseconds: 15 minutes. */
export const REPORT_INTERVAL_MS = 900_000;

/**
 * `change`: the service has begun, a model was loaded or refused, or a deployment begins. `routine`: a cycle has ended, well
 * or not, or a model was refused for the same reason as before.
 */
export type ReportOccasion = 'change' | 'routine';

export interface ReportState {
  /** Whether somebody deploys a version of any of the models. */
  readonly isDeploying: boolean;
  /** How long ago the last one was written, or tried to be, in milliseconds; undefined before the first. */
  readonly sinceLastMs: number | undefined;
}

export function isReportDue(occasion: ReportOccasion, { isDeploying, sinceLastMs }: ReportState): boolean {
  return occasion === 'change' || isDeploying || sinceLastMs === undefined || sinceLastMs >= REPORT_INTERVAL_MS;
}
