import {
  type AgentName,
  type EndedDeployment,
  type ListedVersion,
  listVersions,
  ModelError,
  type ModelFiles,
  type ModelVersion,
} from '@edgewood/models';
import { readDeploymentLog } from './deployment-log.ts';

/**
 * The version that a rollback returns to: the newest complete one that is older than the live one and was not found to be
 * bad there when it was last deployed.
 *
 * @throws {ModelError} `VERSION_NOT_FOUND` if there is none.
 */
export async function versionToReturnTo(files: ModelFiles, agent: AgentName): Promise<ModelVersion> {
  const chosen = chooseVersion(await listVersions(files, agent), await readDeploymentLog(files, agent));
  if (chosen !== undefined) return chosen;
  throw new ModelError(
    'VERSION_NOT_FOUND',
    `${files.location} has no version of ${agent} that is older than the live one, complete, and was not taken back when it was deployed`,
  );
}

/** Pure. @param versions the newest first. @param log the newest last. */
export function chooseVersion(
  versions: readonly ListedVersion[],
  log: readonly EndedDeployment[],
): ModelVersion | undefined {
  const live = versions.findIndex(({ active }) => active);
  if (live < 0) return undefined;
  const isBad = (version: string) => log.findLast((ended) => ended.version === version)?.outcome === 'rolled-back';
  return versions.slice(live + 1).find(({ version, complete }) => complete && !isBad(version))?.version;
}
