/** What a model's metadata promises of it, checked promise by promise. Each check throws, or the promise was kept. */
import { basename } from 'node:path/posix';
import { ForestError, type IsolationForest } from '@edgewood/isolation-forest';
import { ModelError } from './errors.ts';
import { type ModelMetadata, missingFields } from './model-metadata.ts';

/** A file as it was read. */
export interface ReadFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly sha256: string;
}

/** How far a probe's score may be from what it was in training: more than rounding, far less than a wrong tree. */
export const PROBE_TOLERANCE = 1e-12;

/** @throws {ModelError} `HASH_MISMATCH` unless the file has the hash; without one nothing can be said. */
export function checkHash({ name, bytes, sha256: seen }: ReadFile, expected: string | undefined): void {
  if (expected === undefined || expected === seen) return;
  throw new ModelError(
    'HASH_MISMATCH',
    `${name} (${bytes.length} bytes) has SHA-256 ${seen}, but its metadata says ${expected}; it is damaged, half-copied or another file`,
  );
}

/** @throws {ModelError} `FEATURES_MISMATCH` unless the forest takes the metadata's features, by number and by name. */
export function checkFeatures({ features_used: used }: ModelMetadata, forest: IsolationForest, name: string): void {
  if (used.length !== forest.nFeaturesIn) {
    throw new ModelError(
      'FEATURES_MISMATCH',
      `${name} takes ${forest.nFeaturesIn} features, but its metadata names ${used.length}: ${used.join(', ')}`,
    );
  }
  const named = forest.featureNamesIn;
  if (named?.some((feature, position) => feature !== used[position])) {
    throw new ModelError(
      'FEATURES_MISMATCH',
      `${name} was fitted on ${named.join(', ')}, but its metadata says ${used.join(', ')}`,
    );
  }
}

/**
 * Scores the probes again, as far as the metadata has any.
 *
 * @throws {ModelError} `PROBE_MISMATCH` if a score differs by more than {@link PROBE_TOLERANCE} or a probe changes sides;
 *   `BAD_METADATA` if a probe is no vector of this model.
 */
export function checkProbes({ probes = [] }: ModelMetadata, forest: IsolationForest, name: string): void {
  const scores = scoresOf(forest, probes, name);
  for (const [position, { score, decision = score - forest.offset }] of probes.entries()) {
    const seen = scores[position] ?? Number.NaN;
    const isClose = Math.abs(seen - score) <= PROBE_TOLERANCE;
    if (isClose && seen - forest.offset < 0 === decision < 0) continue;
    throw new ModelError(
      'PROBE_MISMATCH',
      `${name} scores probe ${position} ${seen} with decision ${seen - forest.offset}; in training they were ${score} and ${decision}`,
    );
  }
}

function scoresOf(forest: IsolationForest, probes: NonNullable<ModelMetadata['probes']>, name: string): Float64Array {
  try {
    return forest.scoreSamples(probes.map(({ vector }) => vector));
  } catch (error) {
    if (!(error instanceof ForestError)) throw error;
    throw new ModelError('BAD_METADATA', `the probes of ${name} are no vectors of it: ${error.message}`, {
      cause: error,
    });
  }
}

/** What could not be checked, or is odd but does no harm; a sentence each. */
export function warningsOf(metadata: ModelMetadata, forest: IsolationForest, modelName: string): string[] {
  const warnings: string[] = [];
  const missing = missingFields(metadata);
  if (missing.length > 0) warnings.push(`the metadata of ${modelName} lacks ${missing.join(', ')}: not checked`);
  const { model_file, hyperparameters } = metadata;
  if (basename(model_file) !== modelName) {
    warnings.push(`the metadata of ${modelName} says that the file is called ${model_file}`);
  }
  const nTrees = forest.state.estimators.length;
  if (nTrees !== hyperparameters.n_estimators) {
    warnings.push(`${modelName} has ${nTrees} trees; its metadata says ${hyperparameters.n_estimators}`);
  }
  return warnings;
}
