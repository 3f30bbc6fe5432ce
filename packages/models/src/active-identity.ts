/**
 * How whoever watches a directory notices that something else is live, in two steps of different cost: the identity is what
 * the file system says of names, links, sizes and times, the content is what the files hold.
 *
 * The identity alone would do on a file system whose times are fine and true. On FAT, on network file systems and after
 * the clock was set, a file can be replaced and look the same.
 */
import { activeFiles } from './activation.ts';
import { ModelError } from './errors.ts';
import { MAX_METADATA_BYTES } from './load-metadata.ts';
import type { ModelFiles } from './model-files.ts';
import { type AgentName, type ModelRole, modelLink, parseFileName } from './model-version.ts';
import { sha256Of } from './sha256.ts';

/**
 * A text that changes whenever loading what is live, or has another role, may end otherwise than before, as far as can be told without reading:
 * with the link's target, and with the identity of the model, the metadata and every further file of the version.
 * What keeps a model from being live is a text too, so this throws for nothing that is wrong in a directory.
 */
export async function activeIdentity(files: ModelFiles, agent: AgentName, role: ModelRole = 'active'): Promise<string> {
  try {
    return await identityOf(files, agent, role);
  } catch (error) {
    if (error instanceof ModelError) return `${error.code}: ${error.message}`;
    throw error;
  }
}

async function identityOf(files: ModelFiles, agent: AgentName, role: ModelRole): Promise<string> {
  const { version, modelName, metadataName } = await activeFiles(files, agent, role);
  const ofVersion = (await files.list()).filter((name) => {
    const file = parseFileName(name);
    return file?.agent === agent && file.version === version;
  });
  const seen: unknown[] = [version];
  for (const name of new Set([modelLink(agent, role), modelName, metadataName, ...ofVersion])) {
    const identity = await files.identify(name);
    seen.push([name, identity?.target, identity?.content]);
  }
  return JSON.stringify(seen);
}

/**
 * The hashes of the live model, or of the one with another role, and its metadata, the same text as a `LoadedModel`'s `content` if it was loaded from these
 * bytes. Reads both files.
 *
 * @throws {ModelError} as {@link activeFiles}; `FILE_TOO_LARGE`, `FILE_UNREADABLE`.
 */
export async function activeContent(files: ModelFiles, agent: AgentName, role: ModelRole = 'active'): Promise<string> {
  const { modelName, metadataName } = await activeFiles(files, agent, role);
  const metadata = sha256Of(await files.read(metadataName, MAX_METADATA_BYTES));
  return contentText(sha256Of(await files.read(modelName)), metadata);
}

/** @param model its SHA-256, and that of its metadata. */
export function contentText(model: string, metadata: string): string {
  return `${model} ${metadata}`;
}
