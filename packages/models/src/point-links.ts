import { ModelError } from './errors.ts';
import { hasFile, type ModelFiles } from './model-files.ts';
import {
  type AgentName,
  type ModelRole,
  type ModelVersion,
  metadataFile,
  metadataLink,
  modelFile,
  modelLink,
} from './model-version.ts';

/**
 * Points both links of a role at a version whose files are there; the one that decides goes last.
 *
 * @throws {ModelError} `VERSION_NOT_FOUND` if one of the two files is missing, `FILE_UNWRITABLE`; the version that had the
 *   role keeps it.
 */
export async function pointLinks(
  files: ModelFiles,
  agent: AgentName,
  version: ModelVersion,
  role: ModelRole,
): Promise<void> {
  for (const name of [metadataFile(agent, version), modelFile(agent, version)]) {
    if (await hasFile(files, name)) continue;
    const what = role === 'active' ? `activate ${agent} ${version}` : `have ${agent} ${version} in the shadow`;
    throw new ModelError('VERSION_NOT_FOUND', `cannot ${what}: no ${name} in ${files.location}`);
  }
  await files.replaceLink(metadataLink(agent, role), metadataFile(agent, version));
  await files.replaceLink(modelLink(agent, role), modelFile(agent, version)); // the commit
}
