/** Kinds of values that a configuration is made of: what is written, and what it becomes. */
import { checkWindowLength, FeatureError } from '@edgewood/features';
import { LogError, postgresConnection } from '@edgewood/logs';
import { z } from 'zod';

/** A number without a unit is seconds. */
const UNIT_MS: Readonly<Record<string, number>> = {
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1_000,
  ms: 1,
  '': 1_000,
};
/** A number without a unit is bytes. */
const UNIT_BYTES: Readonly<Record<string, number>> = { kB: 1e3, MB: 1e6, GB: 1e9, '': 1 };

/** No duration is longer, in milliseconds: ten years. */
const LONGEST_MS = 3_650 * 86_400_000;
/** No size is larger, in bytes. */
const LARGEST_BYTES = 1e15;

const DURATION = 'must be a duration such as 300s, 5m or 2h';
const SIZE = 'must be a size such as 500MB or 2GB';
const SHARE = 'must be a share such as 80% or 0.8';
const DURATION_TEXT = /^(\d+(?:\.\d+)?)(d|h|m|s|ms|)$/;
const SIZE_TEXT = /^(\d+(?:\.\d+)?) ?([kMG]B|)$/;
const SHARE_TEXT = /^(\d+(?:\.\d+)?)(%?)$/;

/** Checks that run even if something else is wrong, so that everything is reported at once. */
export const ALWAYS = { when: () => true };

export const text = z.string().min(1);

/** A URL in which the password seems to go on behind the host. */
const CUT_PASSWORD = /^\w+:\/\/[^/?#]*[/?#].*@/s;

/**
 * Where a PostgreSQL is. It may hold a password, so it is never shown, and no part of it: `writeOnly` in the JSON Schema
 * says so.
 */
export const databaseUrl = text
  .superRefine((url, context) => {
    const message = CUT_PASSWORD.test(url)
      ? 'has an @ behind its host; in a password, / is written %2F, ? %3F, # %23, @ %40'
      : connectionProblem(url);
    if (message !== undefined) context.addIssue({ code: 'custom', message, params: { complete: true } });
  })
  .meta({ writeOnly: true });

function connectionProblem(url: string): string | undefined {
  try {
    postgresConnection(url, {});
    return undefined;
  } catch (error) {
    if (!(error instanceof LogError)) throw error;
    return error.message.replace(/'.*'/s, "'…'");
  }
}

/** `300s`, `5m`, `2h`, `1d`, `100ms`, or a number of seconds; becomes milliseconds. */
export const duration = durationBetween(0, LONGEST_MS);

/** A {@link duration} that windows may have. */
export const windowLength = duration.superRefine((windowMs, context) => {
  try {
    checkWindowLength(windowMs);
  } catch (error) {
    if (!(error instanceof FeatureError)) throw error;
    context.addIssue({ code: 'custom', message: error.message, params: { complete: true } });
  }
});

/** A {@link duration}; both limits, in milliseconds, are allowed. */
export function durationBetween(leastMs: number, mostMs = LONGEST_MS) {
  return z
    .union([z.string().regex(DURATION_TEXT, DURATION), z.number().min(0, DURATION)], { error: DURATION })
    .transform((value, context) => {
      const [, amount = value, unit = ''] = DURATION_TEXT.exec(String(value)) ?? [];
      const valueMs = Math.round(Number(amount) * (UNIT_MS[unit] ?? 1_000));
      if (valueMs < leastMs) return refuse(context, `must be at least ${durationText(leastMs)}`, value);
      if (valueMs > mostMs) return refuse(context, `must be at most ${durationText(mostMs)}`, value);
      return valueMs;
    });
}

/** A duration of whole milliseconds as it is written: `5m`, `90s`, `100ms`. */
export function durationText(durationMs: number): string {
  const [unit, unitMs] = Object.entries(UNIT_MS).find(([, ms]) => durationMs % ms === 0) ?? ['s', 1_000];
  return durationMs === 0 ? '0s' : `${durationMs / unitMs}${unit}`;
}

/** `500MB`, `2GB`, or a number of bytes; becomes bytes. */
export function sizeFrom(leastBytes: number) {
  return z
    .union([z.string().regex(SIZE_TEXT, SIZE), z.number().min(0, SIZE)], { error: SIZE })
    .transform((value, context) => {
      const [, amount = value, unit = ''] = SIZE_TEXT.exec(String(value)) ?? [];
      const bytes = Math.round(Number(amount) * (UNIT_BYTES[unit] ?? 1));
      if (bytes < leastBytes) return refuse(context, `must be at least ${sizeText(leastBytes)}`, value);
      if (bytes > LARGEST_BYTES) return refuse(context, `must be at most ${sizeText(LARGEST_BYTES)}`, value);
      return bytes;
    });
}

/** A size as it is written: `500MB`. */
export function sizeText(bytes: number): string {
  const [unit, unitBytes] = Object.entries(UNIT_BYTES).findLast(([, of]) => of > 1 && bytes % of === 0) ?? ['', 1];
  return `${bytes / unitBytes}${unit}`;
}

/** `80%`, or a number from 0 to 1; becomes that number. */
export const share = z
  .union([z.string().regex(SHARE_TEXT, SHARE), z.number().min(0, SHARE)], { error: SHARE })
  .transform((value, context) => {
    const [, amount = value, percent] = SHARE_TEXT.exec(String(value)) ?? [];
    const found = Number(amount) / (percent === '%' ? 100 : 1);
    return found <= 1 ? found : refuse(context, SHARE, value);
  });

/** Refuses a value as it was written, not as it was understood. */
function refuse(context: z.RefinementCtx, message: string, input: unknown): never {
  context.addIssue({ code: 'custom', message, input });
  return z.NEVER;
}

/** Variables of the environment are always text: digits will do. */
export function wholeNumber(min: number, max: number) {
  const error = ({ code }: { code?: string }) => (code === 'invalid_type' ? 'must be a whole number' : undefined);
  return z.preprocess(
    (value) => (typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value),
    z.int({ error }).min(min).max(max),
  );
}

/** As {@link wholeNumber}: any number will do. */
export const decimal = z.preprocess(
  (value) => (typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value),
  z.number('must be a number'),
);

/** The same goes for `true` and `false`. */
export const flag = z.preprocess(
  (value) => (value === 'true' || value === 'false' ? value === 'true' : value),
  z.boolean(),
);
