/**
 * A candidate in the shadow: a service has it judge what the live version judges, and alerts nobody of what it finds.
 *
 * ```
 * wifi_model_shadow.joblib   ──▶ wifi_model_20250608_010203.joblib      decides
 * wifi_metadata_shadow.json  ──▶ wifi_metadata_20250608_010203.json     follows
 * ```
 *
 * The links are read as those of the live version are. Where both roles name the same version nothing is in the shadow: the
 * candidate is live. So it may be activated in any way, by hand too; the links that are left over do no harm.
 */
import { activeFiles, linkedVersion } from './activation.ts';
import { ModelError } from './errors.ts';
import type { ModelFiles } from './model-files.ts';
import { type AgentName, type ModelVersion, metadataLink, modelFile, modelLink } from './model-version.ts';
import { pointLinks } from './point-links.ts';

/**
 * Puts `version` in the shadow, instead of another one that may be there. Reads nothing of it, as activation.
 *
 * @throws {ModelError} `LIVE_ALREADY` if it is the live one; `VERSION_NOT_FOUND`, `FILE_UNWRITABLE`. What was in the shadow
 *   stays there.
 */
export async function beginShadow(files: ModelFiles, agent: AgentName, version: ModelVersion): Promise<void> {
  if (await leadsTo(files, modelLink(agent, 'active'), modelFile(agent, version))) {
    throw new ModelError('LIVE_ALREADY', `${agent} ${version} is live; only another version can be in its shadow`);
  }
  await pointLinks(files, agent, version, 'shadow');
}

/**
 * Takes a version out of the shadow; its files stay.
 *
 * @param version only this one; undefined: whatever is there, also links that lead nowhere.
 * @returns whether there was anything to take out.
 * @throws {ModelError} `FILE_UNREADABLE`, `FILE_UNWRITABLE`.
 */
export async function endShadow(files: ModelFiles, agent: AgentName, version?: ModelVersion): Promise<boolean> {
  if (version !== undefined && !(await leadsTo(files, modelLink(agent, 'shadow'), modelFile(agent, version))))
    return false;
  const names = [modelLink(agent, 'shadow'), metadataLink(agent, 'shadow')]; // the one that decides goes first
  const found = await Promise.all(names.map((name) => files.identify(name)));
  for (const name of names) await files.remove(name);
  return found.some((identity) => identity !== undefined);
}

/**
 * Which version is in the shadow, also where its files are gone; undefined if none is.
 *
 * @throws {ModelError} `BAD_LINK`, `BAD_METADATA` as {@link activeFiles}; `FILE_UNREADABLE`.
 */
export async function shadowVersion(files: ModelFiles, agent: AgentName): Promise<ModelVersion | undefined> {
  try {
    const linked = await linkedVersion(files, agent, 'shadow');
    return linked?.version ?? (await activeFiles(files, agent, 'shadow')).version;
  } catch (error) {
    if (error instanceof ModelError && error.code === 'NO_SHADOW_MODEL') return undefined;
    throw error;
  }
}

async function leadsTo(files: ModelFiles, link: string, target: string): Promise<boolean> {
  return (await files.identify(link))?.target === target;
}
