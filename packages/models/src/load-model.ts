/**
 * Loading believes nothing: the version comes from the one link that counts, its metadata is that version's own, and the
 * model must have the hash, the features and the scores that the metadata promises before anyone sees it.
 */
import { ForestError, IsolationForest, readSklearnFile } from '@edgewood/isolation-forest';
import { type ActiveFiles, activeFiles, checkActiveLinks } from './activation.ts';
import { contentText } from './active-identity.ts';
import { ModelError } from './errors.ts';
import { featuresCheck, hashCheck, type LoadCheck, metadataCheck, probesCheck, signatureCheck } from './load-check.ts';
import { loadMetadataFile } from './load-metadata.ts';
import { checkFeatures, checkHash, checkProbes, type ReadFile, warningsOf } from './model-checks.ts';
import { hasFile, MAX_FILE_BYTES, type ModelFiles } from './model-files.ts';
import type { ModelMetadata } from './model-metadata.ts';
import {
  type AgentName,
  type ModelRole,
  type ModelVersion,
  metadataFile,
  modelFile,
  parseFileName,
} from './model-version.ts';
import { sha256Of } from './sha256.ts';
import { verifySignature } from './signature.ts';
import type { TrustedKey } from './signing-keys.ts';

/** What may be asked of a model beyond what its metadata promises. */
export interface LoadOptions {
  /** If there are any, a model is believed only if one of them has signed it. */
  readonly trustedKeys?: readonly TrustedKey[] | undefined;
  /** Is told of every check that was passed, in the order in which they are made; the first that fails is thrown. */
  readonly onCheck?: ((check: LoadCheck) => void) | undefined;
  /** Which one {@link loadActiveModel} loads; default: the live one. */
  readonly role?: ModelRole | undefined;
}

/** Largest further file of a version that is read, in bytes: 16 MiB. */
export const MAX_EXTRA_FILE_BYTES = 16 * 1024 * 1024;

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
  /** The hashes of model and metadata as they were read: what `activeContent` tells while they are still so. */
  readonly content: string;
  /** What could not be checked, or deserves attention; a sentence each. */
  readonly warnings: readonly string[];
}

/**
 * Loads a version and checks it against its metadata. Every file is read once, so what was checked is what is returned.
 *
 * The signature is checked before the model file is read, and the model's hash before it is parsed.
 *
 * @throws {ModelError} `VERSION_NOT_FOUND` if one of its files is missing, `BAD_METADATA`, `HASH_MISMATCH`,
 *   `BAD_MODEL_FILE` (the cause is the `ForestError`), `FEATURES_MISMATCH`, `PROBE_MISMATCH`, `SIGNATURE_MISSING`,
 *   `SIGNATURE_WRONG`, `FILE_TOO_LARGE`, `FILE_UNREADABLE`.
 */
export async function loadModel(
  files: ModelFiles,
  agent: AgentName,
  version: ModelVersion,
  options: LoadOptions = {},
): Promise<LoadedModel> {
  const names = { version, modelName: modelFile(agent, version), metadataName: metadataFile(agent, version) };
  return loadNamed(files, agent, names, options);
}

/**
 * Loads the version that is live, or has another role.
 *
 * @throws {ModelError} as {@link activeFiles} and {@link loadModel}.
 */
export async function loadActiveModel(
  files: ModelFiles,
  agent: AgentName,
  options: LoadOptions = {},
): Promise<LoadedModel> {
  const { role = 'active' } = options;
  const model = await loadNamed(files, agent, await activeFiles(files, agent, role), options);
  const problem = await checkActiveLinks(files, agent, role);
  return problem === undefined ? model : { ...model, warnings: [...model.warnings, problem] };
}

async function loadNamed(
  files: ModelFiles,
  agent: AgentName,
  { version, modelName, metadataName }: Omit<ActiveFiles, 'by'>,
  { trustedKeys = [], onCheck = () => undefined }: LoadOptions,
): Promise<LoadedModel> {
  const { metadata, sha256: metadataHash } = await loadMetadataFile(files, agent, version, metadataName);
  onCheck(metadataCheck(metadataName, metadata, metadataHash));
  if (trustedKeys.length > 0) verifySignature(metadata, trustedKeys);
  onCheck(signatureCheck(metadata, trustedKeys));
  const file = await readPart(files, agent, version, modelName);
  checkHash(file, metadata.model_sha256);
  onCheck(hashCheck('model', file, metadata.model_sha256));
  const { forest, sklearnVersion, warnings } = await readForest(file);
  checkFeatures(metadata, forest, modelName);
  onCheck(featuresCheck(forest));
  checkProbes(metadata, forest, modelName);
  onCheck(probesCheck(metadata));
  const extraFiles = await readExtraFiles(files, agent, version, metadata, onCheck);
  warnings.push(...warningsOf(metadata, forest, modelFile(agent, version)));
  const content = contentText(file.sha256, metadataHash);
  return { agent, version, metadata, forest, sklearnVersion, extraFiles, content, warnings };
}

async function readPart(
  files: ModelFiles,
  agent: AgentName,
  version: ModelVersion,
  name: string,
  maxBytes: number = MAX_FILE_BYTES,
): Promise<ReadFile> {
  if (await hasFile(files, name)) {
    const bytes = await files.read(name, maxBytes);
    return { name, bytes, sha256: sha256Of(bytes) };
  }
  throw new ModelError('VERSION_NOT_FOUND', `${agent} ${version} is incomplete: no ${name} in ${files.location}`);
}

async function readForest({ name, bytes }: ReadFile) {
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
async function readExtraFiles(
  files: ModelFiles,
  agent: AgentName,
  version: ModelVersion,
  metadata: ModelMetadata,
  onCheck: (check: LoadCheck) => void,
) {
  const read = new Map<string, Uint8Array>();
  for (const [what, { name, sha256 }] of Object.entries(metadata.files ?? {})) {
    const file = parseFileName(name);
    const isExtra = what !== 'model' && what !== 'metadata';
    if (!isExtra || file?.agent !== agent || file.version !== version || file.what !== what) {
      throw new ModelError('BAD_METADATA', `files.${what}: '${name}' is no further file of ${agent} ${version}`);
    }
    const extra = await readPart(files, agent, version, name, MAX_EXTRA_FILE_BYTES);
    checkHash(extra, sha256);
    onCheck(hashCheck(what, extra, sha256));
    read.set(what, extra.bytes);
  }
  return read;
}

/** The shipped agent whose features a model has: its own name, unless the metadata names another. */
export function profileNameOf({ agent, metadata }: Pick<LoadedModel, 'agent' | 'metadata'>): string {
  return metadata.agent_profile ?? agent;
}

/** What a model's metadata says of the vectors that it takes, in the words of the feature extractor. */
export function trainedWith({ agent, version, metadata }: Pick<LoadedModel, 'agent' | 'version' | 'metadata'>) {
  return {
    model: `${agent} ${version}`,
    features: metadata.features_used,
    programs: metadata.programs,
    windowMs: metadata.window_seconds === undefined ? undefined : metadata.window_seconds * 1000,
    groupBy: metadata.group_by,
    fingerprint: metadata.feature_fingerprint,
  };
}
