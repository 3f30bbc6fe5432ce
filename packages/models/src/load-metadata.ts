import { ModelError } from './errors.ts';
import { hasFile, type ModelFiles } from './model-files.ts';
import { type ModelMetadata, parseMetadata } from './model-metadata.ts';
import { type AgentName, type ModelVersion, metadataFile } from './model-version.ts';
import { sha256Of } from './sha256.ts';

/** Largest metadata that is read, in bytes: 8 MiB, some hundred times what we write. */
export const MAX_METADATA_BYTES = 8 * 1024 * 1024;

/** Metadata and the SHA-256 of the very bytes that it was read from. */
export interface MetadataFile {
  readonly metadata: ModelMetadata;
  readonly sha256: string;
}

/**
 * A version's metadata, which must say that it is this version's. The model itself is not looked at.
 *
 * @param name where to read it, if not under the version's own name.
 * @throws {ModelError} `VERSION_NOT_FOUND`, `BAD_METADATA`, `FILE_TOO_LARGE`, `FILE_UNREADABLE`.
 */
export async function loadMetadata(
  files: ModelFiles,
  agent: AgentName,
  version: ModelVersion,
  name: string = metadataFile(agent, version),
): Promise<ModelMetadata> {
  return (await loadMetadataFile(files, agent, version, name)).metadata;
}

/** As {@link loadMetadata}, with the hash of the file that it was read from. */
export async function loadMetadataFile(
  files: ModelFiles,
  agent: AgentName,
  version: ModelVersion,
  name: string,
): Promise<MetadataFile> {
  if (!(await hasFile(files, name))) {
    throw new ModelError('VERSION_NOT_FOUND', `${agent} ${version} is incomplete: no ${name} in ${files.location}`);
  }
  const file = await readMetadata(files, name);
  const { agent_name, model_version } = file.metadata;
  if (agent_name === agent && model_version === version) return file;
  throw new ModelError('BAD_METADATA', `${name} describes ${agent_name} ${model_version}, not ${agent} ${version}`);
}

/**
 * The metadata behind a name, whatever version it is of.
 *
 * @throws {ModelError} `BAD_METADATA`, `FILE_TOO_LARGE`, `FILE_UNREADABLE`.
 */
export async function readMetadata(files: ModelFiles, name: string): Promise<MetadataFile> {
  const bytes = await files.read(name, MAX_METADATA_BYTES);
  return { metadata: parseMetadata(decodeText(bytes, name), name), sha256: sha256Of(bytes) };
}

function decodeText(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new ModelError('BAD_METADATA', `${name} is not UTF-8 text`, { cause: error });
  }
}
