import { createHash } from 'node:crypto';
import {
  type AgentName,
  loadModel,
  MAX_FILE_BYTES,
  ModelError,
  type ModelFiles,
  type ModelMetadata,
  type ModelVersion,
  metadataFile,
  modelFile,
  type TrustedKey,
} from '@edgewood/models';

/** A file of a version, as it was checked. */
export interface FileToDeploy {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly sha256: string;
}

/** A version that was loaded, and is what its metadata says. */
export interface VersionToDeploy {
  readonly agent: AgentName;
  readonly version: ModelVersion;
  readonly metadata: ModelMetadata;
  /** The model last: with it the version is complete. */
  readonly files: readonly FileToDeploy[];
  /** As `activeContent` tells it where this version is live. */
  readonly content: string;
  readonly sizeBytes: number;
  /** What could not be checked; a sentence each. */
  readonly warnings: readonly string[];
}

/**
 * Loads a version as a service would, and keeps its files' bytes.
 *
 * @throws {ModelError} as `loadModel`; `HASH_MISMATCH` if a file changed between loading and reading.
 */
export async function versionToDeploy(
  source: ModelFiles,
  agent: AgentName,
  version: ModelVersion,
  trustedKeys: readonly TrustedKey[],
): Promise<VersionToDeploy> {
  const { metadata, content, warnings } = await loadModel(source, agent, version, { trustedKeys });
  const further = Object.values(metadata.files ?? {});
  const names = [...further.map(({ name }) => name), metadataFile(agent, version), modelFile(agent, version)];
  const files: FileToDeploy[] = [];
  for (const name of names) {
    const bytes = await source.read(name, MAX_FILE_BYTES);
    files.push({ name, bytes, sha256: sha256Of(bytes) });
  }
  const [model, described] = [files.at(-1), files.at(-2)];
  const areSame = `${model?.sha256} ${described?.sha256}` === content;
  if (!areSame || further.some(({ sha256 }, at) => files[at]?.sha256 !== sha256)) {
    throw new ModelError('HASH_MISMATCH', `the files of ${agent} ${version} in ${source.location} change; try again`);
  }
  const sizeBytes = files.reduce((sum, { bytes }) => sum + bytes.length, 0);
  return { agent, version, metadata, files, content, sizeBytes, warnings };
}

/** In hexadecimal digits. */
export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
