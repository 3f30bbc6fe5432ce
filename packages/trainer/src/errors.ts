/** Everything that `@edgewood/trainer` can find wrong with its input. */
export type TrainingErrorCode = 'NO_ENTRIES' | 'TOO_FEW_WINDOWS' | 'POOR_MODEL' | 'BAD_LABELS';

/** An error of the input: what was seen, what is allowed, and a code. */
export class TrainingError extends Error {
  override readonly name = 'TrainingError';
  readonly code: TrainingErrorCode;

  constructor(code: TrainingErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
