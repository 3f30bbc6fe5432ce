/** Kinds of values that a path, a query or a body is made of. What they are in the document is said beside each. */
import { z } from 'zod';
import { REVIEW_STATES } from '../anomalies/review.ts';

/** Longest name of an agent or device that is looked for, in characters. */
const NAME_LENGTH = 200;
/** Digits of the largest number that an anomaly or incident is looked for by. */
const ID_DIGITS = 15;

/** A name. NUL is refused because PostgreSQL has no such text. */
export const name = z
  .string('must be given once')
  .min(1, 'must not be empty')
  .max(NAME_LENGTH, `must have at most ${NAME_LENGTH} characters`)
  .refine((given) => !given.includes('\0'), 'must not hold the character NUL');

const TIME = 'must be a time such as 2025-05-01T00:00:00Z, given once';

/** ISO 8601 with a zone; becomes Unix milliseconds. A plus sign in a query is a space, unless it is written %2B. */
export const time = z
  .preprocess(
    (value) => (typeof value === 'string' ? value.replace(' ', '+') : value),
    z.iso.datetime({ offset: true, error: TIME }),
  )
  .transform((given) => Date.parse(given))
  .meta({ pattern: undefined });

/** A whole number from 1 to `most`. */
export function limit({ usual, most }: { readonly usual: number; readonly most: number }) {
  const words = `must be a whole number from 1 to ${most}`;
  return z
    .string(words)
    .regex(/^\d{1,9}$/, words)
    .transform(Number)
    .pipe(z.number().min(1, words).max(most, words))
    .default(usual)
    .meta({ type: 'integer', minimum: 1, maximum: most, default: usual, pattern: undefined });
}

const ID = `must be a whole number from 1, of at most ${ID_DIGITS} digits`;

/** Number of an anomaly or incident. */
export const id = z
  .string(ID)
  .regex(new RegExp(`^[1-9]\\d{0,${ID_DIGITS - 1}}$`), ID)
  .transform(Number)
  .meta({ type: 'integer', minimum: 1, maximum: 10 ** ID_DIGITS - 1, pattern: undefined });

const SHARE = 'must be a number from 0 to 1';

/** `0.25`. */
export const share = z
  .string(SHARE)
  .regex(/^(?:0|1|0?\.\d{1,20}|1\.0{1,20})$/, SHARE)
  .transform(Number)
  .meta({ type: 'number', minimum: 0, maximum: 1, pattern: undefined });

/** What somebody has made of a finding. */
export const reviewState = z.enum(REVIEW_STATES, `must be one of ${REVIEW_STATES.join(', ')}`);
