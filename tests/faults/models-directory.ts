/** A model directory for the tests of switching: versions of one agent that score the same samples differently. */
import { IsolationForest } from '@edgewood/isolation-forest';
import {
  activate,
  type LoadedModel,
  LocalModelFiles,
  loadModel,
  type ModelVersion,
  parseAgentName,
  saveModel,
} from '@edgewood/models';
import { addModel, FEATURES, START_MS } from '../../packages/service/src/testing/wifi-models.ts';
import { seededRandom } from '../../packages/surprise/src/testing/seeded-random.ts';

export const WIFI = parseAgentName('wifi');

/** Five windows, from an ordinary one to a storm. */
export const SAMPLES = {
  data: Float64Array.of(1, 0, 1, 2, 0, 1, 5, 2, 3, 20, 10, 12, 40, 40, 40),
  nSamples: 5,
  nFeatures: FEATURES.length,
};

/**
 * Adds versions of an ordinary size, a hundred trees or so, and makes the first of them live.
 *
 * @returns them, the first first.
 */
export async function addVersions(directory: string, count: number, nEstimators: number): Promise<ModelVersion[]> {
  const files = new LocalModelFiles(directory);
  const pattern = await loadModel(files, WIFI, await addModel(files, { activated: false }));
  const versions: ModelVersion[] = [];
  for (let seed = 1; seed <= count; seed += 1) {
    versions.push(
      await saveModel(files, WIFI, { ...likeThe(pattern, nEstimators, seed), trainedAtMs: START_MS + seed * 1000 }),
    );
  }
  const [first] = versions;
  if (first !== undefined) await activate(files, WIFI, first);
  return versions;
}

/** Another forest that takes the same vectors. */
function likeThe({ metadata }: LoadedModel, nEstimators: number, seed: number) {
  const random = seededRandom(seed);
  const samples = Array.from({ length: 512 }, () => FEATURES.map(() => Math.floor(random() * 10)));
  const forest = new IsolationForest({ nEstimators, contamination: 0.01, randomState: seed }).fit(samples);
  const hyperparameters = { ...metadata.hyperparameters, n_estimators: nEstimators, random_state: seed };
  return { forest: forest.state, probeVectors: samples.slice(0, 4), metadata: { ...metadata, hyperparameters } };
}

/** What each version must say of {@link SAMPLES}: its scores, as text. */
export async function expectedScores(
  directory: string,
  versions: readonly ModelVersion[],
): Promise<Map<string, string>> {
  const files = new LocalModelFiles(directory);
  const scores = new Map<string, string>();
  for (const version of versions) {
    const { forest } = await loadModel(files, WIFI, version);
    scores.set(version, forest.scoreSamples(SAMPLES).join());
  }
  return scores;
}
