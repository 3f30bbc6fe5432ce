/**
 * Loading believes nothing: the version comes from the one link that counts, its metadata is that version's own, and the
 * model must have the hash, the features and the scores that the metadata promises before anyone sees it.
 */
import { ForestError, IsolationForest, readSklearnFile } from '@edgewood/isolation-forest';
import { type ActiveFiles, activeFiles, checkActiveLinks } from './activation.ts';
import { ModelError } from './errors.ts';
import { loadMetadata } from './load-metadata.ts';
import { checkFeatures, checkHash, checkProbes, warningsOf } from './model-checks.ts';
import { hasFile, type ModelFiles } from './model-files.ts';
import type { ModelMetadata } from './model-metadata.ts';
import { type AgentName, type ModelVersion, metadataFile, modelFile, parseFileName } from './model-version.ts';

/** A version, checked and ready to score. */
export interface LoadedModel {
  readonly agent: AgentName;
  readonly version: ModelVersion;
  readonly metadata: ModelMetadata;
  readonly forest: IsolationForest;
  /** The release that the file says it was written by or for. */
  readonly sklearnVersion: string;
  /** The version's further files by what they are, such as `baseline`; their hashes are right. */
  readonly extraFiles: ReadonlyMap<string, Uint8Array>;
  /** What could not be checked, or deserves attention; a sentence each. */
  readonly warnings: readonly string[];
}

/**
 * Loads a version and checks it against its metadata. Every file is read once, so what was checked is what is returned.
 *
 * @throws {ModelError} `VERSION_NOT_FOUND` if one of its files is missing, `BAD_METADATA`, `HASH_MISMATCH`,
 *   `BAD_MODEL_FILE` (the cause is the `ForestError`), `FEATURES_MISMATCH`, `PROBE_MISMATCH`, `FILE_TOO_LARGE`,
 *   `FILE_UNREADABLE`.
 */
export async function loadModel(files: ModelFiles, agent: AgentName, version: ModelVersion): Promise<LoadedModel> {
  const names = { version, modelName: modelFile(agent, version), metadataName: metadataFile(agent, version) };
  return loadNamed(files, agent, names);
}

/**
 * Loads the version that is live.
 *
 * @throws {ModelError} as {@link activeFiles} and {@link loadModel}.
 */
export async function loadActiveModel(files: ModelFiles, agent: AgentName): Promise<LoadedModel> {
  const model = await loadNamed(files, agent, await activeFiles(files, agent));
  const problem = await checkActiveLinks(files, agent);
  return problem === undefined ? model : { ...model, warnings: [...model.warnings, problem] };
}

async function loadNamed(
  files: ModelFiles,
  agent: AgentName,
  { version, modelName, metadataName }: Omit<ActiveFiles, 'by'>,
): Promise<LoadedModel> {
  const metadata = await loadMetadata(files, agent, version, metadataName);
  const bytes = await readPart(files, agent, version, modelName);
  checkHash(bytes, metadata.model_sha256, modelName);
  const { forest, sklearnVersion, warnings } = await readForest(bytes, modelName);
  checkFeatures(metadata, forest, modelName);
  checkProbes(metadata, forest, modelName);
  const extraFiles = await readExtraFiles(files, agent, version, metadata);
  warnings.push(...warningsOf(metadata, forest, modelFile(agent, version)));
  return { agent, version, metadata, forest, sklearnVersion, extraFiles, warnings };
}

async function readPart(files: ModelFiles, agent: AgentName, version: ModelVersion, name: string): Promise<Uint8Array> {
  if (await hasFile(files, name)) return files.read(name);
  throw new ModelError('VERSION_NOT_FOUND', `${agent} ${version} is incomplete: no ${name} in ${files.location}`);
}

async function readForest(bytes: Uint8Array, name: string) {
  try {
    const { forest, scaler, sklearnVersion, warnings } = await readSklearnFile(bytes);
    if (forest === undefined) throw new ModelError('BAD_MODEL_FILE', `${name} holds no IsolationForest`);
    if (scaler !== undefined) {
      throw new ModelError('BAD_MODEL_FILE', `${name} scales its features before the forest; that is not supported`);
    }
    return { forest: IsolationForest.fromState(forest), sklearnVersion, warnings: [...warnings] };
  } catch (error) {
    if (!(error instanceof ForestError)) throw error;
    throw new ModelError('BAD_MODEL_FILE', `${name}: ${error.message} (${error.code})`, { cause: error });
  }
}

/** The names come from the metadata, so they are believed only if they are names of this version's files. */
async function readExtraFiles(files: ModelFiles, agent: AgentName, version: ModelVersion, metadata: ModelMetadata) {
  const read = new Map<string, Uint8Array>();
  for (const [what, { name, sha256 }] of Object.entries(metadata.files ?? {})) {
    const file = parseFileName(name);
    const isExtra = what !== 'model' && what !== 'metadata';
    if (!isExtra || file?.agent !== agent || file.version !== version || file.what !== what) {
      throw new ModelError('BAD_METADATA', `files.${what}: '${name}' is no further file of ${agent} ${version}`);
    }
    const bytes = await readPart(files, agent, version, name);
    checkHash(bytes, sha256, name);
    read.set(what, bytes);
  }
  return read;
}

/** What a model's metadata says of the vectors that it takes, in the words of the feature extractor. */
export function trainedWith({ agent, version, metadata }: LoadedModel) {
  return {
    model: `${agent} ${version}`,
    features: metadata.features_used,
    windowMs: metadata.window_seconds === undefined ? undefined : metadata.window_seconds * 1000,
    groupBy: metadata.group_by,
    fingerprint: metadata.feature_fingerprint,
  };
}
