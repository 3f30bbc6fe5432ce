/** Everything that `@edgewood/logs` can find wrong with the world. */
export type LogErrorCode =
  | 'SOURCE_UNREACHABLE'
  | 'SOURCE_MISMATCH'
  | 'SOURCE_REFUSED'
  | 'BAD_MAPPING'
  | 'BAD_TIME'
  | 'BAD_SPAN'
  | 'CSV_EMPTY'
  | 'CSV_COLUMN_MISSING'
  | 'CSV_MALFORMED'
  | 'FILE_UNREADABLE'
  | 'FILE_UNWRITABLE'
  | 'ABORTED';

/** An error of the world (not of this code): a sentence that says what was seen and what is allowed, and a code. */
export class LogError extends Error {
  override readonly name = 'LogError';
  readonly code: LogErrorCode;

  constructor(code: LogErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
