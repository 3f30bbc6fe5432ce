import { activate, activeVersion, linkedVersion } from './activation.ts';
import { newestVersion } from './list-versions.ts';
import type { ModelFiles } from './model-files.ts';
import type { AgentName, ModelVersion } from './model-version.ts';

/**
 * The version to which a rollback returns: the newest complete one that is older than the live one, by age and not by
 * when it was live. If the live link leads to a file that is gone, the newest that is older than that.
 *
 * @throws {ModelError} `VERSION_NOT_FOUND` if there is none; `NO_ACTIVE_MODEL`, `BAD_LINK`, `BAD_METADATA`.
 */
export async function versionBefore(files: ModelFiles, agent: AgentName): Promise<ModelVersion> {
  const linked = await linkedVersion(files, agent);
  return newestVersion(files, agent, linked?.version ?? (await activeVersion(files, agent)));
}

/**
 * Makes {@link versionBefore} live. For another version, `activate` that one.
 *
 * @returns the version that is live now.
 * @throws {ModelError} as {@link versionBefore} and `activate`; what was live stays live.
 */
export async function rollBack(files: ModelFiles, agent: AgentName): Promise<ModelVersion> {
  const version = await versionBefore(files, agent);
  await activate(files, agent, version);
  return version;
}
