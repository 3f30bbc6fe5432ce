/** Numbers and text as the older pickle protocols spell them, and integers of any length. */
import { PyFloat } from './pickle-values.ts';

/** Most digits of an integer: a few more than one of 32 bytes has. */
const MOST_DIGITS = 80;

const INTEGER = new RegExp(`^-?\\d{1,${MOST_DIGITS}}$`);
const FLOAT = /^-?\d+(?:\.\d*)?(?:e[+-]?\d+)?$/;

/** Up to so many bytes make a number that is exact. */
const NUMBER_BYTES = 6;

/** The little-endian two's complement; a bigint where a number would not be exact. No bytes are 0. */
export function signedIntegerOf(bytes: Uint8Array): number | bigint {
  const { length } = bytes;
  const isNegative = length > 0 && bytes[length - 1] >= 0x80;
  if (length <= NUMBER_BYTES) {
    const unsigned = bytes.reduceRight((value, byte) => value * 256 + byte, 0);
    return isNegative ? unsigned - 256 ** length : unsigned;
  }
  const words = new DataView(new ArrayBuffer(8 * Math.ceil(length / 8)));
  new Uint8Array(words.buffer).fill(isNegative ? 0xff : 0).set(bytes);
  let at = words.byteLength - 8;
  let value = words.getBigInt64(at, true);
  while (at > 0) {
    at -= 8;
    value = (value << 64n) | words.getBigUint64(at, true);
  }
  return exactInteger(value);
}

/**
 * Decimal digits; a bigint where a number would not be exact. Undefined for anything else.
 *
 * @param orBoolean `00` and `01` are false and true.
 */
export function parseIntegerText(text: string, orBoolean?: 'or boolean'): number | bigint | boolean | undefined {
  if (orBoolean !== undefined && (text === '00' || text === '01')) return text === '01';
  return INTEGER.test(text) ? exactInteger(BigInt(text)) : undefined;
}

/** A float as Python's `repr` writes it. Undefined for anything else. */
export function parseFloatText(text: string): PyFloat | undefined {
  const unsigned = text.replace(/^-/, '');
  const sign = text === unsigned ? 1 : -1;
  if (unsigned === 'nan') return new PyFloat(Number.NaN);
  if (unsigned === 'inf') return new PyFloat(sign * Number.POSITIVE_INFINITY);
  return FLOAT.test(text) ? new PyFloat(Number(text)) : undefined;
}

const ESCAPE = /^(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/;

/**
 * Python's raw-unicode-escape as pickles have it: Latin-1 with `\uXXXX` and `\UXXXXXXXX`, the backslash itself being
 * `\u005c`. Undefined if another backslash occurs, or the escape of what is no character.
 */
export function parseRawUnicode(line: string): string | undefined {
  const [start, ...escaped] = line.split('\\');
  const pieces = [start];
  for (const piece of escaped) {
    const [whole = '', short, long] = ESCAPE.exec(piece) ?? [];
    const code = Number.parseInt(short ?? long ?? '', 16);
    const isCharacter = code <= 0x10ffff && !(code >= 0xd800 && code < 0xe000);
    if (!isCharacter) return undefined;
    pieces.push(String.fromCodePoint(code), piece.slice(whole.length));
  }
  return pieces.join('');
}

function exactInteger(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
