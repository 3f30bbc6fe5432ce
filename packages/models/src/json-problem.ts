/** How JSON of ours begins. */
const BEGINNING = /^\s*[{[]/;

/**
 * Why a text could not be read as JSON, in words that may be shown.
 *
 * JavaScript's own words quote the text, all of a short one. A name in a model directory may be a link to a file that is
 * nobody's business, a password say, so that is shown only of a text that at least begins like ours.
 */
export function jsonProblemOf(text: string, error: unknown): string {
  const isQuoted = error instanceof SyntaxError && !BEGINNING.test(text);
  return isQuoted ? "it begins with neither '{' nor '['" : (error as Error).message;
}
