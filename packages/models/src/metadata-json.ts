import { ModelError } from './errors.ts';
import { jsonProblemOf } from './json-problem.ts';

/** How deep metadata may nest: several times what we write. */
export const MAX_METADATA_NESTING = 32;

/**
 * `JSON.parse` for a text that all programs must read alike.
 *
 * A name that stands twice in one object is refused: `JSON.parse` would take the last, other parsers take the first, and a
 * signature would hold for one of them only.
 *
 * @param name of its file, for messages.
 * @throws {ModelError} `BAD_METADATA` for that, for what is no JSON, and for what nests deeper than
 *   {@link MAX_METADATA_NESTING}.
 */
export function parseMetadataJson(text: string, name: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    const problem = ambiguityOf(text);
    if (problem === undefined) return value;
    throw new ModelError('BAD_METADATA', `${name}: ${problem}`);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new ModelError('BAD_METADATA', `${name} is not JSON: ${jsonProblemOf(text, error)}`, { cause: error });
  }
}

/**
 * What is wrong with a text that is JSON; undefined if nothing. It walks over brackets and strings and needs no recursion,
 * which a hostile text could exhaust.
 */
function ambiguityOf(text: string): string | undefined {
  const open: Set<string>[] = []; // the names of each object that surrounds the place; of an array, none
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '{' || character === '[') {
      if (open.push(new Set()) > MAX_METADATA_NESTING) return `nests deeper than ${MAX_METADATA_NESTING} levels`;
    } else if (character === '}' || character === ']') {
      open.pop();
    } else if (character === '"') {
      const end = endOfString(text, at);
      const names = isName(text, end) ? open.at(-1) : undefined;
      const name = names === undefined ? '' : JSON.parse(text.slice(at, end));
      if (names?.has(name)) return `'${name.slice(0, 80)}' stands twice in one object`;
      names?.add(name);
      at = end - 1;
    }
  }
  return undefined;
}

/** Where the string that begins at a quotation mark has ended. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

/** Whether the string that ended there is a member's name. */
function isName(text: string, end: number): boolean {
  let at = end;
  while (/\s/.test(text[at] ?? '')) at += 1;
  return text[at] === ':';
}
