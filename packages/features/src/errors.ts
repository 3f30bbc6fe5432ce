/** Everything that `@edgewood/features` can find wrong with its input. */
export type FeatureErrorCode =
  | 'AGENT_UNKNOWN'
  | 'FEATURE_UNKNOWN'
  | 'BAD_WINDOW'
  | 'ENTRY_MISPLACED'
  | 'EXTRACTOR_MISMATCH';

/** An error of the input: what was seen, what is allowed, and a code. */
export class FeatureError extends Error {
  override readonly name = 'FeatureError';
  readonly code: FeatureErrorCode;

  constructor(code: FeatureErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
