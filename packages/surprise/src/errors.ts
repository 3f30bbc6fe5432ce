/** Everything that this package can find wrong with what it is given. */
export type SurpriseErrorCode =
  /** The file of a baseline is damaged, of a newer Edgewood, or contradicts itself; or a baseline exceeds what a file may have. */
  'BAD_BASELINE';

/** An error of the world: a sentence with what was seen and what is allowed, and a code. */
export class SurpriseError extends Error {
  override readonly name = 'SurpriseError';
  readonly code: SurpriseErrorCode;

  constructor(code: SurpriseErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
