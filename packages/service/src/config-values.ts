/** Kinds of values that a configuration is made of. */
import { z } from 'zod';

/** A number without a unit is seconds. */
const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, '': 1_000 };
/** A number without a unit is bytes. */
const UNIT_BYTES: Readonly<Record<string, number>> = { kB: 1e3, MB: 1e6, GB: 1e9, '': 1 };

const DURATION = 'must be a duration such as 300s, 5m or 2h';
const SIZE = 'must be a size such as 500MB or 2GB';
const SHARE = 'must be a share such as 80% or 0.8';

/** Checks that run even if something else is wrong, so that everything is reported at once. */
export const ALWAYS = { when: () => true };

export const text = z.string().min(1);

/** `300s`, `5m`, `2h`, `1d`, or a number of seconds; becomes milliseconds. */
export const duration = z.union([z.string(), z.number()], { error: DURATION }).transform((value, context) => {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)([smhd]?)$/.exec(String(value)) ?? [];
  if (amount !== undefined) return Math.round(Number(amount) * (UNIT_MS[unit] ?? 1_000));
  context.addIssue({ code: 'custom', message: DURATION, input: value });
  return z.NEVER;
});

/** `500MB`, `2GB`, or a number of bytes; becomes bytes. */
export const size = z.union([z.string(), z.number()], { error: SIZE }).transform((value, context) => {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?) ?([kMG]B|)$/.exec(String(value)) ?? [];
  if (amount !== undefined) return Math.round(Number(amount) * (UNIT_BYTES[unit] ?? 1));
  context.addIssue({ code: 'custom', message: SIZE, input: value });
  return z.NEVER;
});

/** `80%`, or a number from 0 to 1; becomes that number. */
export const share = z.union([z.string(), z.number()], { error: SHARE }).transform((value, context) => {
  const [, amount, percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(String(value)) ?? [];
  const found = Number(amount) / (percent === '%' ? 100 : 1);
  if (found >= 0 && found <= 1) return found;
  context.addIssue({ code: 'custom', message: SHARE, input: value });
  return z.NEVER;
});

/** Variables of the environment are always text: digits will do. */
export function wholeNumber(min: number, max: number) {
  return z.preprocess(
    (value) => (typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value),
    z.int().min(min).max(max),
  );
}

/** The same goes for `true` and `false`. */
export const flag = z.preprocess((value) => (value === 'true' || value === 'false' ? value === 'true' : value), z.boolean());
