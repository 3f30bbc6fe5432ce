/** Numbers and text as the older pickle protocols spell them. */
import { ForestError } from '../errors.ts';
import { PyFloat } from './pickle-values.ts';

/** Two's complement, little-endian; a bigint where a number would not be exact. No bytes are 0. */
export function signedInteger(bytes: Uint8Array): number | bigint {
  let value = 0n;
  for (let index = bytes.length - 1; index >= 0; index--) value = (value << 8n) | BigInt(bytes[index]);
  return exact(BigInt.asIntN(Math.max(bytes.length, 1) * 8, value));
}

/** Decimal digits; `booleans`: `00` and `01` are false and true. Undefined for anything else. */
export function parseIntegerText(text: string, mode?: 'booleans'): number | bigint | boolean | undefined {
  if (mode === 'booleans' && (text === '00' || text === '01')) return text === '01';
  return /^-?\d{1,80}$/.test(text) ? exact(BigInt(text)) : undefined;
}

/** As Python's `repr` writes a float. Undefined for anything else. */
export function parseFloatText(text: string): PyFloat | undefined {
  if (text === 'nan') return new PyFloat(Number.NaN);
  if (text === 'inf' || text === '-inf')
    return new PyFloat(text === 'inf' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY);
  return /^-?\d+(\.\d+)?(e[+-]?\d+)?$/.test(text) ? new PyFloat(Number(text)) : undefined;
}

/** Python's raw-unicode-escape: Latin-1 with `\uXXXX` and `\UXXXXXXXX`. */
export function rawUnicode(line: string, offset: number): string {
  return line.replace(/\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})/g, (_, short?: string, long?: string) => {
    const code = Number.parseInt(short ?? long ?? '', 16);
    if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) {
      throw new ForestError('MALFORMED', `the text at byte ${offset} holds what is no character`, { offset });
    }
    return String.fromCodePoint(code);
  });
}

function exact(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
