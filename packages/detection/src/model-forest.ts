import type { LoadedModel } from '@edgewood/models';
import { type Baseline, SurpriseError, type WindowNorms } from '@edgewood/surprise';
import type { WindowForest } from './forest-scorer.ts';

/** What of a version tells how its forest sees windows. */
type ForestVersion = Pick<LoadedModel, 'agent' | 'version' | 'metadata' | 'forest'>;

/**
 * How a version's forest sees windows, as its metadata says; as scikit-learn does where it says nothing.
 *
 * @param baseline the version's, if it has one.
 * @throws {SurpriseError} `BAD_BASELINE` if the forest takes vectors by what is usual of them, and the baseline does not
 *   say that, or of other features.
 */
export function modelForest(of: ForestVersion, baseline: Baseline | undefined): WindowForest {
  const { forest, metadata } = of;
  const norms = metadata.feature_scaling === undefined ? undefined : normsOf(of, baseline);
  return { forest, norms, smoothing: metadata.score_smoothing };
}

function normsOf({ agent, version, metadata }: ForestVersion, baseline: Baseline | undefined): WindowNorms {
  const { feature_scaling, features_used: used } = metadata;
  const takes = `${agent} ${version} takes vectors by what is usual (feature_scaling ${feature_scaling})`;
  const norms = baseline?.windowNorms;
  if (norms === undefined) {
    const missing = baseline === undefined ? 'it has no baseline' : 'its baseline has no window_norms';
    throw new SurpriseError('BAD_BASELINE', `${takes}, but ${missing}; train it again`);
  }
  if (norms.features.length === used.length && used.every((name, at) => name === norms.features[at])) return norms;
  throw new SurpriseError(
    'BAD_BASELINE',
    `${takes} of ${used.join(', ')}, but its baseline's window_norms are of ${norms.features.join(', ')}; train it again`,
  );
}
