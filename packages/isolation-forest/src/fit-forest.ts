import { ForestError } from './errors.ts';
import type { ForestState } from './forest-state.ts';
import { type GrownTrees, growTrees } from './grow-forest.ts';
import { AUTO_OFFSET, offsetOf } from './offset.ts';
import { type IsolationForestParameters, maxFeaturesOf, maxSamplesOf } from './parameters.ts';
import type { PreparedSamples } from './samples.ts';
import { scoresOf, scoringForestOf } from './scoring-forest.ts';

/**
 * Grows a forest and finds its offset.
 *
 * @param previous a forest whose trees are kept, and to which the missing ones are added.
 * @throws {ForestError} `BAD_INPUT` if there are no samples, the names or the sample sizes do not fit them, or they do
 * not fit the previous forest.
 */
export function fitForest(
  samples: PreparedSamples,
  parameters: IsolationForestParameters,
  featureNames: readonly string[] | undefined,
  previous: ForestState | undefined,
): ForestState {
  const { nSamples, nFeatures } = samples;
  checkTrainingData(samples, featureNames);
  if (previous !== undefined) checkPrevious(previous, parameters, nFeatures);
  const size = {
    maxSamples: maxSamplesOf(parameters, nSamples),
    maxFeatures: maxFeaturesOf(parameters, nFeatures),
  };
  const state: ForestState = {
    parameters,
    ...size,
    nSamples,
    nFeaturesIn: nFeatures,
    featureNamesIn: featureNames && [...featureNames],
    ...joined(previous, growTrees(samples, parameters, size, previous?.estimators.length)),
    offset: AUTO_OFFSET,
    averagePathLengths: undefined,
  };
  const { contamination } = parameters;
  if (contamination === 'auto') return state;
  return { ...state, offset: offsetOf(scoresOf(scoringForestOf(state), samples), contamination) };
}

function joined(previous: ForestState | undefined, grown: GrownTrees): GrownTrees {
  if (previous === undefined) return grown;
  return {
    seeds: [...previous.seeds, ...grown.seeds],
    estimators: [...previous.estimators, ...grown.estimators],
    estimatorsFeatures: [...previous.estimatorsFeatures, ...grown.estimatorsFeatures],
  };
}

function checkTrainingData(
  { nSamples, nFeatures }: PreparedSamples,
  featureNames: readonly string[] | undefined,
): void {
  if (nSamples < 1) throw new ForestError('BAD_INPUT', 'fit must have at least one sample, got none');
  if (nFeatures < 1) throw new ForestError('BAD_INPUT', 'samples must have at least one feature, got none');
  if (featureNames !== undefined && featureNames.length !== nFeatures) {
    throw new ForestError('BAD_INPUT', `featureNames must name ${nFeatures} features, got ${featureNames.length}`);
  }
}

function checkPrevious(
  { estimators, nFeaturesIn }: ForestState,
  { nEstimators }: IsolationForestParameters,
  nFeatures: number,
): void {
  const nKept = estimators.length;
  if (nEstimators < nKept) {
    throw new ForestError('BAD_INPUT', `nEstimators must be at least ${nKept}, the trees kept, got ${nEstimators}`);
  }
  if (nFeatures !== nFeaturesIn) {
    throw new ForestError(
      'BAD_INPUT',
      `samples must have ${nFeaturesIn} features, as the trees kept, got ${nFeatures}`,
    );
  }
}
