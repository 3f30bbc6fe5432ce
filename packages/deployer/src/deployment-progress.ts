/** What a deployment is made of, in the order in which it happens; a deployment may lack some. */
export type DeploymentStepName =
  /** Looks at the version here, at the directory and the service there; changes nothing. */
  | 'preflight'
  /** Takes the lock, if need be after waiting whether its owner still lives. */
  | 'lock'
  /** Ends what a deployer left that is gone. */
  | 'clear-up'
  | 'upload'
  | 'activate'
  /** Waits until the service says that it uses the version. */
  | 'wait'
  /** Watches what the version does. */
  | 'watch'
  | 'commit'
  | 'roll-back'
  /** The connection was cut, and is opened again. */
  | 'reconnect';

/** One thing to tell about a deployment while it goes on. */
export interface DeploymentProgress {
  readonly step: DeploymentStepName;
  /** `goes-on` comes any number of times between the other two, `done` only if the step ended well. */
  readonly state: 'begins' | 'goes-on' | 'done';
  /** What there is to say of it, for people; empty if nothing. May hold text from the other machine. */
  readonly note: string;
  /** While uploading: how many bytes have arrived, of all that must. */
  readonly sentBytes?: number;
  readonly totalBytes?: number;
}

export type TellProgress = (progress: DeploymentProgress) => void;
