import type { AgentName, ModelFiles, ModelVersion, TrustedKey } from '@edgewood/models';
import type { DeployClock } from './clock.ts';
import type { TellProgress } from './deployment-progress.ts';
import type { ServiceView } from './service-view.ts';
import type { TargetFiles } from './target-files.ts';
import type { TrialSettings } from './trial.ts';

/** One version for one target. */
export interface DeploymentTask {
  readonly agent: AgentName;
  readonly version: ModelVersion;
  /** Where the version is; undefined: it is at the target already, as for a rollback. */
  readonly source: ModelFiles | undefined;
  /** Opens the target: once to begin, and again when the connection was cut. */
  readonly open: () => Promise<TargetFiles>;
  /** How the service there is seen besides by its file in the directory; undefined: by the file only. */
  readonly api: ServiceView | undefined;
  readonly settings: DeploymentSettings;
  readonly clock: DeployClock;
  /** Different at each call: at least 16 random hexadecimal digits. */
  readonly randomId: () => string;
  readonly onProgress: TellProgress;
  /** Ctrl-C: what is live is taken back. It must not end the connection, over which that happens. */
  readonly signal?: AbortSignal | undefined;
}

export interface DeploymentSettings extends TrialSettings {
  /** `try`: looks whether it could be done. `copy`: without making it live. */
  readonly extent: 'try' | 'copy' | 'activate';
  /** If there are any, a version is deployed only if one of them has signed it. */
  readonly trustedKeys: readonly TrustedKey[];
  /** After so long without a sign of life others may end the deployment; 5 to 3,600. */
  readonly leaseSeconds: number;
  /** So long a cut connection is tried again, in milliseconds. */
  readonly reconnectMs: number;
  /** Who deploys, for people: `anna@laptop`. */
  readonly by: string;
}

/** How a deployment ended. */
export interface DeploymentResult {
  readonly outcome: DeploymentOutcome;
  /** What was found, or why it failed: a sentence or several. */
  readonly reason: string;
  /** Of the target; undefined if none was, or if it was not reached. */
  readonly previous: string | undefined;
  /** What deserves attention though it went well. */
  readonly warnings: readonly string[];
  /** What it failed of; undefined if it did not. */
  readonly error?: Error;
}

export type DeploymentOutcome =
  | 'committed'
  | 'copied'
  /** The very version was live, and no deployment under way. */
  | 'already live'
  /** It was only tried, and could be done. */
  | 'possible'
  /** What was live before is live again. */
  | 'rolled-back'
  /** It never became live, or what became of it is in the reason. */
  | 'failed';
