/**
 * Lists of numbers as they stand in a baseline's file: four significant digits, and a negative number -n after one that
 * comes n times more. `[0.02, -3, 0.5]` is 0.02 four times, then 0.5. Most lists are long and say little: an hour that never
 * had a signal is like the hour before.
 */
import { SurpriseError } from './errors.ts';

const DIGITS = 4;

/** What the numbers of a list may be; `least` is above 0. */
export interface NumberLimits {
  readonly least: number;
  readonly most: number;
}

/** To four significant digits. */
export function rounded(value: number): number {
  return Number(value.toPrecision(DIGITS));
}

/** @param values above 0; they are {@link rounded}. */
export function packNumbers(values: Iterable<number>): number[] {
  const list: number[] = [];
  let last: number | undefined;
  let repeats = 0;
  for (const value of values) {
    const next = value === last ? last : rounded(value);
    if (next === last) {
      repeats += 1;
      continue;
    }
    if (repeats > 0) list.push(-repeats);
    list.push(next);
    last = next;
    repeats = 0;
  }
  if (repeats > 0) list.push(-repeats);
  return list;
}

/**
 * @param list untrusted.
 * @param length how many numbers it must give.
 * @param place what the list is of, for messages.
 * @throws {SurpriseError} `BAD_BASELINE` for numbers out of their limits, and for more or fewer than there must be.
 */
export function unpackNumbers(
  list: readonly number[],
  length: number,
  { least, most }: NumberLimits,
  place: string,
): Float64Array {
  const values = new Float64Array(length);
  let at = 0;
  for (const number of list) {
    const times = number < 0 ? -number : 1;
    const value = number < 0 ? (values[at - 1] ?? 0) : number;
    if (!Number.isInteger(times) || at + times > length) {
      throw new SurpriseError('BAD_BASELINE', `${place} must be ${length} numbers, but ${number} stands behind ${at}`);
    }
    if (!(value >= least && value <= most)) {
      throw new SurpriseError('BAD_BASELINE', `${place} must be from ${least} to ${most}, got ${value}`);
    }
    values.fill(value, at, at + times);
    at += times;
  }
  if (at === length) return values;
  throw new SurpriseError('BAD_BASELINE', `${place} must be ${length} numbers, got ${at}`);
}
