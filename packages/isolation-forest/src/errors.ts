/** Everything that this package can find wrong with its input. */
export type ForestErrorCode =
  /** A parameter, sample or argument out of its permitted range. */
  | 'BAD_INPUT'
  /** The forest has not been fitted. */
  | 'NOT_FITTED'
  /** The file ends too early. */
  | 'TRUNCATED'
  /** The bytes are not what their format demands. */
  | 'MALFORMED'
  /** The file names a class or function that a model does not need; nothing was run. */
  | 'FORBIDDEN'
  /** Genuine, but not something this package reads or writes. */
  | 'UNSUPPORTED'
  /** The file exceeds a stated limit. */
  | 'LIMIT'
  /** The compressed stream is damaged. */
  | 'BAD_COMPRESSION'
  /** The file is whole, but the model in it contradicts itself. */
  | 'BAD_MODEL'
  /** Not a joblib or pickle file at all. */
  | 'NOT_JOBLIB';

/** An error of the input: what was seen and what is allowed, a code, and the byte offset where a file went wrong. */
export class ForestError extends Error {
  override readonly name = 'ForestError';
  readonly code: ForestErrorCode;
  /** Where in the (uncompressed) stream reading stopped, 0 for the file as a whole; undefined for errors that are not of a file. */
  readonly offset: number | undefined;

  constructor(code: ForestErrorCode, message: string, options?: ErrorOptions & { offset?: number }) {
    super(message, options);
    this.code = code;
    this.offset = options?.offset;
  }
}
