/** The part of a refused field that is told; the HTTP library's shape. */
export interface RefusedField {
  /** `/limit`; `/` for the query as a whole. */
  readonly instancePath: string;
  readonly message?: string;
  /** Names that there are not, if that is what is wrong. */
  readonly params: Readonly<Record<string, unknown>>;
}

/**
 * One sentence that names every field that was refused: `since must be a time such as 2025-05-01T00:00:00Z; there is no
 * devise`.
 */
export function badRequest(refused: readonly RefusedField[]): Error {
  return new Error(refused.map(sentenceOf).join('; '));
}

function sentenceOf({ instancePath, message, params }: RefusedField): string {
  if (Array.isArray(params.keys)) return `there is no ${params.keys.join(' and no ')}`;
  return `${instancePath.slice(1).replaceAll('/', '.')} ${message ?? 'is wrong'}`;
}
