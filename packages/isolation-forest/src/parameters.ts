import { ForestError } from './errors.ts';

/** A share of the rows or columns; JavaScript cannot tell scikit-learn's `1` (one row) from its `1.0` (all rows). */
export interface Fraction {
  /** In `(0, 1]`. */
  readonly fraction: number;
}

/** Which releases' trees to grow: they differ for almost constant features and for missing values only. */
export type Compatibility = 'classic' | '1.6' | '1.9';

/** scikit-learn's constructor parameters, in its meaning. */
export interface IsolationForestParameters {
  /** Number of trees, at least 1. Default 100. */
  readonly nEstimators: number;
  /** Rows for each tree: `auto` is `min(256, nSamples)`; an integer at least 1 is a count. Default `auto`. */
  readonly maxSamples: 'auto' | number | Fraction;
  /** Expected share of anomalies, in `(0, 0.5]`; `auto` fixes the offset at -0.5. Default `auto`. */
  readonly contamination: 'auto' | number;
  /** Columns for each tree: a count or a share. Default `{ fraction: 1 }`. */
  readonly maxFeatures: number | Fraction;
  /** Draw rows with replacement. Default false. */
  readonly bootstrap: boolean;
  /** Integer in `[0, 2^32)`. Default 0: unlike scikit-learn, a forest is always reproducible. */
  readonly randomState: number;
  /** Keep the trees of the previous `fit` and add the missing ones. Default false. */
  readonly warmStart: boolean;
  /** Default `1.9`, the newest rules. */
  readonly compatibility: Compatibility;
}

/** What a forest is made with unless told otherwise; scikit-learn's defaults, apart from the fixed `randomState`. */
export const DEFAULT_PARAMETERS: IsolationForestParameters = {
  nEstimators: 100,
  maxSamples: 'auto',
  contamination: 'auto',
  maxFeatures: { fraction: 1 },
  bootstrap: false,
  randomState: 0,
  warmStart: false,
  compatibility: '1.9',
};

/** One kind of value that a parameter may have. */
interface Permitted {
  readonly text: string;
  readonly type: 'number' | 'string' | 'boolean' | 'object';
  readonly accepts: (value: unknown) => boolean;
}

const PERMITTED: { readonly [Name in keyof IsolationForestParameters]: readonly Permitted[] } = {
  nEstimators: [integer('an integer of at least 1', 1)],
  maxSamples: [word('auto'), integer('an integer of at least 1 (a share is a { fraction })', 1), fraction()],
  contamination: [word('auto'), { text: 'in (0, 0.5]', type: 'number', accepts: (value) => isWithin(value, 0.5) }],
  maxFeatures: [integer('an integer of at least 1 (a share is a { fraction })', 1), fraction()],
  bootstrap: [flag()],
  randomState: [integer('an integer in [0, 4294967295]', 0, 4294967295)],
  warmStart: [flag()],
  compatibility: [word('classic', '1.6', '1.9')],
};

/**
 * The parameters with defaults where `parameters` has none (or undefined).
 *
 * @throws {ForestError} `BAD_INPUT` if one is unknown or out of range; the message names it, its range and its value.
 */
export function resolveParameters(parameters: Partial<IsolationForestParameters> = {}): IsolationForestParameters {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined);
  for (const [name, value] of given) {
    if (!Object.hasOwn(PERMITTED, name)) {
      throw new ForestError('BAD_INPUT', `${name} is no parameter; they are ${Object.keys(PERMITTED).join(', ')}`);
    }
    const permitted = PERMITTED[name as keyof IsolationForestParameters];
    if (!permitted.some((kind) => kind.accepts(value))) {
      throw new ForestError('BAD_INPUT', `${name} must be ${rangeFor(permitted, value)}, got ${shown(value)}`);
    }
  }
  return { ...DEFAULT_PARAMETERS, ...Object.fromEntries(given) };
}

/** What is permitted, as far as it is of the type of `value`: who gives a number wants to know the range of numbers. */
function rangeFor(permitted: readonly Permitted[], value: unknown): string {
  const sameType = permitted.filter((kind) => kind.type === typeof value);
  return (sameType.length > 0 ? sameType : permitted).map((kind) => kind.text).join(' or ');
}

function shown(value: unknown): string {
  return typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value));
}

function integer(text: string, min: number, max = Number.MAX_SAFE_INTEGER): Permitted {
  const accepts = (value: unknown) => Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max;
  return { text, type: 'number', accepts };
}

function word(...words: string[]): Permitted {
  const text = words.map((permitted) => `'${permitted}'`).join(' or ');
  return { text, type: 'string', accepts: (value) => words.some((permitted) => permitted === value) };
}

function flag(): Permitted {
  return { text: 'true or false', type: 'boolean', accepts: (value) => typeof value === 'boolean' };
}

function fraction(): Permitted {
  const accepts = (value: unknown) =>
    typeof value === 'object' && value !== null && 'fraction' in value && isWithin(value.fraction, 1);
  return { text: 'a { fraction } in (0, 1]', type: 'object', accepts };
}

function isWithin(value: unknown, max: number): boolean {
  return typeof value === 'number' && value > 0 && value <= max;
}

/** `maxSamples: 'auto'` takes as many rows for each tree, or all if there are fewer. */
const AUTO_MAX_SAMPLES = 256;

/**
 * scikit-learn's `max_samples_`: the rows drawn for each tree.
 *
 * @param nSamples rows of the training data, at least 1; a count above it means all.
 * @throws {ForestError} `BAD_INPUT` if a share of the rows is less than one row.
 */
export function maxSamplesOf({ maxSamples }: IsolationForestParameters, nSamples: number): number {
  if (maxSamples === 'auto') return Math.min(AUTO_MAX_SAMPLES, nSamples);
  if (typeof maxSamples === 'number') return Math.min(maxSamples, nSamples);
  const count = Math.trunc(maxSamples.fraction * nSamples);
  if (count === 0) {
    const share = `a share of ${maxSamples.fraction} of ${nSamples} samples`;
    throw new ForestError('BAD_INPUT', `maxSamples must come to at least one sample, got ${share}`);
  }
  return count;
}

/**
 * The columns drawn for each tree, at least 1.
 *
 * @throws {ForestError} `BAD_INPUT` if more are asked for than there are.
 */
export function maxFeaturesOf({ maxFeatures }: IsolationForestParameters, nFeatures: number): number {
  if (typeof maxFeatures !== 'number') return Math.max(1, Math.trunc(maxFeatures.fraction * nFeatures));
  if (maxFeatures > nFeatures) {
    throw new ForestError('BAD_INPUT', `maxFeatures must be at most ${nFeatures} (nFeatures), got ${maxFeatures}`);
  }
  return maxFeatures;
}
