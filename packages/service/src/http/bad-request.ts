/** The part of a refused field that is told; the HTTP library's shape. */
export interface RefusedField {
  /** `/limit`; `/` for the query or body as a whole. */
  readonly instancePath: string;
  readonly message?: string;
  /** Names that there are not, if that is what is wrong. */
  readonly params: Readonly<Record<string, unknown>>;
}

/** How many fields and names a sentence tells of. */
const TOLD = 10;

/**
 * One sentence that names every field that was refused: `since must be a time such as 2025-05-01T00:00:00Z; there is no
 * devise`.
 *
 * @param part of the request: `querystring`, `body`, `params` or `headers`.
 */
export function badRequest(refused: readonly RefusedField[], part: string): Error {
  return new Error(
    refused
      .slice(0, TOLD)
      .map((field) => sentenceOf(field, part))
      .join('; '),
  );
}

function sentenceOf({ instancePath, message, params }: RefusedField, part: string): string {
  if (Array.isArray(params.keys)) return `there is no ${params.keys.slice(0, TOLD).join(' and no ')}`;
  return `${instancePath.slice(1).replaceAll('/', '.') || `the ${part}`} ${message ?? 'is wrong'}`;
}
