/** Everything that `@edgewood/service` can find wrong with the world. */
export type ServiceErrorCode =
  | 'BAD_CONFIG'
  | 'STORE_FAILED'
  | 'CANNOT_LISTEN'
  | 'AGENT_FAILED'
  | 'BAD_AGENT'
  | 'NOT_FOUND'
  | 'BAD_REVIEW'
  | 'NO_ANSWER';

/** An error of the world: what was seen, what is allowed, and a code. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly code: ServiceErrorCode;

  constructor(code: ServiceErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
