import { ForestError } from '../errors.ts';
import { type Samples, type SamplesLike, samplesOf } from '../samples.ts';
import type { ScalerState } from './read-scaler.ts';

/**
 * What scikit-learn's `StandardScaler.transform` makes of samples: `(x - mean) / scale`, feature by feature, in float64.
 * A forest that was trained behind a scaler is given these.
 *
 * @param samples shape `(nSamples, scaler.nFeaturesIn)`; not changed.
 * @throws {ForestError} `BAD_INPUT` for samples of another width.
 */
export function scaleSamples(samples: SamplesLike, { nFeaturesIn, mean, scale }: ScalerState): Samples {
  const { data, nSamples, nFeatures } = 'data' in samples ? samples : samplesOf(samples);
  if (nFeatures !== nFeaturesIn) {
    throw new ForestError('BAD_INPUT', `the scaler takes ${nFeaturesIn} features, got samples of ${nFeatures}`);
  }
  const scaled = Float64Array.from(data);
  for (let index = 0; index < scaled.length; index++) {
    const feature = index % nFeatures;
    if (mean !== undefined) scaled[index] -= mean[feature];
    if (scale !== undefined) scaled[index] /= scale[feature];
  }
  return { data: scaled, nSamples, nFeatures };
}
