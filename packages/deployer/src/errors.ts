import { ModelError } from '@edgewood/models';

/** Everything that can go wrong between this machine and a target. */
export type DeployErrorCode =
  /** Not a target such as `pi@edge-7:/var/lib/edgewood/models`. */
  | 'BAD_TARGET'
  /** The OpenSSH client is not there, or not one that we can work with. */
  | 'SSH_UNAVAILABLE'
  /** The machine cannot be reached: name, network, port. */
  | 'UNREACHABLE'
  /** The machine's key is not the known one, or not known at all. */
  | 'HOST_KEY_REFUSED'
  /** The machine does not let us in. */
  | 'LOGIN_REFUSED'
  /** What answers does not speak SFTP as it must. */
  | 'SFTP_UNUSABLE'
  /** The connection ended, or stood still for too long, before the work was done. */
  | 'CONNECTION_LOST'
  /** A machine has less space than the version needs. */
  | 'NO_SPACE'
  /** What was written there is not what was read back. */
  | 'COPY_DIFFERS'
  /** Another deployment of the agent is under way there. */
  | 'DEPLOYMENT_UNDER_WAY'
  /** The deployment was ended by somebody else: another deployer, or the service. */
  | 'DEPLOYMENT_LOST'
  /** The service would refuse the version, or has refused it. */
  | 'VERSION_REFUSED'
  /** The service did not tell that it uses the version in the time that it has for it. */
  | 'NOT_TAKEN_UP'
  /** On trial the version behaved otherwise than training promised. */
  | 'TRIAL_FAILED'
  /** Of several targets some failed, each for its own reason. */
  | 'SOME_FAILED'
  /** A person ended it. */
  | 'INTERRUPTED';

/** An error of the world: a sentence with what was seen and what is allowed, and a code. */
export class DeployError extends Error {
  override readonly name = 'DeployError';
  readonly code: DeployErrorCode;

  constructor(code: DeployErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Whether an error is of the world, and so has a sentence for people. */
export function isOfTheWorld(error: unknown): error is DeployError | ModelError {
  return error instanceof DeployError || error instanceof ModelError;
}
