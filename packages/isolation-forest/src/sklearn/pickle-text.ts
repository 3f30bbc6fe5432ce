/** Numbers and text as the older pickle protocols spell them, and integers of any length. */
import { PyFloat } from './pickle-values.ts';

/** Most digits of an integer: a few more than one of 32 bytes has. */
const MOST_DIGITS = 80;

const INTEGER = new RegExp(`^-?\\d{1,${MOST_DIGITS}}$`);
const FLOAT = /^-?\d+(?:\.\d*)?(?:e[+-]?\d+)?$/;

/** The little-endian two's complement; a bigint where a number would not be exact. No bytes are 0. */
export function signedIntegerOf(bytes: Uint8Array): number | bigint {
  let value = 0n;
  for (const byte of bytes.toReversed()) value = (value << 8n) | BigInt(byte);
  return exactInteger(BigInt.asIntN(8 * bytes.length, value));
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

/** Python's raw-unicode-escape: Latin-1 with `\uXXXX` and `\UXXXXXXXX`. Undefined if one of these is no character. */
export function parseRawUnicode(line: string): string | undefined {
  let isValid = true;
  const text = line.replace(/\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})/g, (_, short?: string, long?: string) => {
    const code = Number.parseInt(short ?? long ?? '', 16);
    const isCharacter = code <= 0x10ffff && !(code >= 0xd800 && code < 0xe000);
    if (!isCharacter) isValid = false;
    return isCharacter ? String.fromCodePoint(code) : '';
  });
  return isValid ? text : undefined;
}

function exactInteger(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
