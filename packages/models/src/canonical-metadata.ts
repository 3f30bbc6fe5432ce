/**
 * Canonical metadata is what a signature is over: the same bytes for the same metadata, however its file is laid out.
 *
 * It is the metadata without its member `signature`, in the JSON Canonicalization Scheme of RFC 8785, so that any program
 * can make it again:
 *
 * - UTF-8 without a byte order mark, no white space between tokens, no line feed at the end;
 * - the members of every object sorted by name, comparing UTF-16 code units; arrays in their order; members that the
 *   reader does not know, at any depth, included;
 * - strings in quotation marks, with `\"`, `\\`, `\b`, `\t`, `\n`, `\f`, `\r`, and `\u001f` in lower case for other
 *   characters below U+0020; every other character as it is;
 * - numbers as IEEE 754 doubles, printed as ECMAScript's `JSON.stringify` prints them: the shortest digits that give the
 *   same double, `1e+30` and `1e-7` beyond twenty-one digits and six zeros, `0` for -0.
 *
 * The metadata names the SHA-256 of the model and of every further file of its version, so these bytes bind all of it.
 */
import { ModelError } from './errors.ts';
import type { ModelMetadata } from './model-metadata.ts';

/**
 * The bytes that a signature of the metadata is over. A `signature` that it has already makes no difference.
 *
 * @throws {ModelError} `BAD_METADATA` for what has no such form: a number beyond the range of doubles, half of a surrogate
 *   pair.
 */
export function canonicalMetadata({ signature, ...signed }: ModelMetadata): Uint8Array {
  return new TextEncoder().encode(canonicalText(signed));
}

function canonicalText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`;
  if (typeof value === 'object' && value !== null) return objectText(value);
  if (typeof value === 'string') return stringText(value);
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new ModelError(
      'BAD_METADATA',
      `metadata holds a number beyond ±${Number.MAX_VALUE}, which JSON has no form for`,
    );
  }
  return JSON.stringify(value);
}

/** As text and not by a sorted copy, in which a member called `__proto__` would be lost. */
function objectText(value: object): string {
  const members = Object.entries(value).filter(([, member]) => member !== undefined); // as in JSON
  members.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${stringText(name)}:${canonicalText(member)}`).join(',')}}`;
}

function stringText(text: string): string {
  if (text.isWellFormed()) return JSON.stringify(text);
  throw new ModelError('BAD_METADATA', `metadata holds half of a surrogate pair: ${JSON.stringify(text.slice(0, 80))}`);
}
