import { ModelError } from './errors.ts';
import { hasFile, type ModelFiles } from './model-files.ts';
import { type ModelMetadata, parseMetadata } from './model-metadata.ts';
import { type AgentName, type ModelVersion, metadataFile } from './model-version.ts';

/** Largest metadata that is read, in bytes: 8 MiB, some hundred times what we write. */
export const MAX_METADATA_BYTES = 8 * 1024 * 1024;

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
  if (!(await hasFile(files, name))) {
    throw new ModelError('VERSION_NOT_FOUND', `${agent} ${version} is incomplete: no ${name} in ${files.location}`);
  }
  const metadata = await readMetadata(files, name);
  const { agent_name, model_version } = metadata;
  if (agent_name === agent && model_version === version) return metadata;
  throw new ModelError('BAD_METADATA', `${name} describes ${agent_name} ${model_version}, not ${agent} ${version}`);
}

/**
 * The metadata behind a name, whatever version it is of.
 *
 * @throws {ModelError} `BAD_METADATA`, `FILE_TOO_LARGE`, `FILE_UNREADABLE`.
 */
export async function readMetadata(files: ModelFiles, name: string): Promise<ModelMetadata> {
  const sizeBytes = (await files.identify(name))?.sizeBytes ?? 0;
  if (sizeBytes > MAX_METADATA_BYTES) {
    throw new ModelError(
      'FILE_TOO_LARGE',
      `${name} has ${sizeBytes} bytes; metadata has at most ${MAX_METADATA_BYTES}`,
    );
  }
  return parseMetadata(decodeText(await files.read(name), name), name);
}

function decodeText(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw new ModelError('BAD_METADATA', `${name} is not UTF-8 text`, { cause: error });
  }
}
