/** Everything that this package can find wrong with a model directory. */
export type ModelErrorCode =
  /** Not the name of an agent, a version or a file. */
  | 'BAD_NAME'
  /** The directory lacks the version, or one of its files. */
  | 'VERSION_NOT_FOUND'
  /** No version of the agent was ever activated. */
  | 'NO_ACTIVE_MODEL'
  /** No version of the agent is in the shadow. */
  | 'NO_SHADOW_MODEL'
  /** A version that is live cannot be in its own shadow. */
  | 'LIVE_ALREADY'
  /** A link leads to a file that is not there. */
  | 'DANGLING_LINK'
  /** A link leads to something other than a model of its agent in its directory. */
  | 'BAD_LINK'
  /** A file is not the one that its metadata describes: damaged, half-copied or another. */
  | 'HASH_MISMATCH'
  /** The metadata is not JSON, lacks a field, has a wrong one, or describes another version. */
  | 'BAD_METADATA'
  /** The model file cannot be read as a forest; the cause is the `ForestError`. */
  | 'BAD_MODEL_FILE'
  /** The model and its metadata disagree about the features. */
  | 'FEATURES_MISMATCH'
  /** The model scores a probe otherwise than in training. */
  | 'PROBE_MISMATCH'
  /** The model is not signed, and only signed ones are trusted. */
  | 'SIGNATURE_MISSING'
  /** The signature is by a key that is not trusted, or not of this metadata. */
  | 'SIGNATURE_WRONG'
  /** Not the key that it should be: an Ed25519 key in PEM, public or private, or a public one of OpenSSH. */
  | 'BAD_KEY'
  /** The file of a private key may be read or written by others than its owner. */
  | 'EXPOSED_KEY'
  /** The ssh-agent cannot be reached, does not have the key, or does not sign. */
  | 'SSH_AGENT_FAILED'
  /** What should be a service's report is none. */
  | 'BAD_REPORT'
  /** What should describe a deployment does not. */
  | 'BAD_DEPLOYMENT_FILE'
  /** There is a file of this name; files are never written again. */
  | 'FILE_EXISTS'
  /** The file exceeds a stated limit and was not read. */
  | 'FILE_TOO_LARGE'
  /** The directory or a file in it cannot be read. */
  | 'FILE_UNREADABLE'
  /** The directory or a file in it cannot be written. */
  | 'FILE_UNWRITABLE';

/** An error of the world: a sentence with what was seen and what is allowed, and a code. */
export class ModelError extends Error {
  override readonly name = 'ModelError';
  readonly code: ModelErrorCode;

  constructor(code: ModelErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
