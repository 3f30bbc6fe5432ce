import { ForestError } from './errors.ts';

/** Feature vectors of many windows, `(nSamples, nFeatures)`. */
export interface Samples {
  /** Row-major: feature `f` of sample `i` is at `i * nFeatures + f`. */
  readonly data: Float64Array | Float32Array;
  readonly nSamples: number;
  readonly nFeatures: number;
}

/** Samples in one piece, or as an array of feature vectors. */
export type SamplesLike = Samples | readonly (readonly number[])[];

/** {@link Samples} as scikit-learn's trees see them: every value rounded to float32. */
export interface PreparedSamples extends Samples {
  readonly data: Float32Array;
  /** Whether a value is NaN, which stands for a missing one. */
  readonly hasMissing: boolean;
}

/**
 * The samples whose vectors are `rows`; none for no rows, and then of no features.
 *
 * @throws {ForestError} `BAD_INPUT` if the rows differ in length or hold something that is not a number.
 */
export function samplesOf(rows: readonly (readonly number[])[]): Samples {
  const nSamples = rows.length;
  const nFeatures = rows[0]?.length ?? 0;
  const data = new Float64Array(nSamples * nFeatures);
  rows.forEach((row, i) => {
    if (row.length !== nFeatures) {
      throw new ForestError(
        'BAD_INPUT',
        `sample ${i} must have ${nFeatures} features like sample 0, got ${row.length}`,
      );
    }
    row.forEach((value, feature) => {
      if (typeof value !== 'number') {
        throw new ForestError('BAD_INPUT', `sample ${i}, feature ${feature} must be a number, got ${typeof value}`);
      }
      data[i * nFeatures + feature] = value;
    });
  });
  return { data, nSamples, nFeatures };
}

/**
 * Rounds samples to float32 and checks them.
 *
 * @param samples of the size that they claim to be.
 * @param acceptsMissing whether NaN and infinite values (also those that float32 cannot hold) are permitted.
 * @throws {ForestError} `BAD_INPUT` if they are not permitted, or if the sizes contradict each other.
 */
export function prepareSamples(samples: SamplesLike, acceptsMissing: boolean): PreparedSamples {
  const { data, nSamples, nFeatures } = isRows(samples) ? samplesOf(samples) : samples;
  if (data.length !== nSamples * nFeatures) {
    throw new ForestError(
      'BAD_INPUT',
      `${nSamples} samples of ${nFeatures} features must have ${nSamples * nFeatures} values, got ${data.length}`,
    );
  }
  const rounded = data instanceof Float32Array ? data : new Float32Array(data);
  const refused = rounded.findIndex((value) => !Number.isFinite(value));
  if (refused < 0) return { data: rounded, nSamples, nFeatures, hasMissing: false };
  if (!acceptsMissing) {
    const place = `sample ${Math.floor(refused / nFeatures)}, feature ${refused % nFeatures}`;
    throw new ForestError('BAD_INPUT', `${place} must be finite as a float32, got ${data[refused]}`);
  }
  return { data: rounded, nSamples, nFeatures, hasMissing: rounded.some(Number.isNaN) };
}

function isRows(samples: SamplesLike): samples is readonly (readonly number[])[] {
  return Array.isArray(samples);
}
