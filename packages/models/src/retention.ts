import assert from 'node:assert/strict';
import { activeVersion } from './activation.ts';
import { ModelError } from './errors.ts';
import { type ListedVersion, listVersions } from './list-versions.ts';
import type { ModelFiles } from './model-files.ts';
import { type AgentName, type ModelVersion, modelFile, parseFileName } from './model-version.ts';
import { shadowVersion } from './shadow.ts';

/** What to keep of an agent's versions. */
export interface Retention {
  /** So many of the newest versions, at least 0. */
  readonly keep: number;
  /** Only say what would be removed. */
  readonly dryRun?: boolean;
}

/**
 * Which versions may go: all but the `keep` newest, the live one, the one in the shadow, and the newest before the live one,
 * to which a rollback would return. Pure.
 *
 * @param versions of one agent, the newest first.
 */
export function versionsToPrune(versions: readonly ListedVersion[], keep: number): readonly ModelVersion[] {
  const live = versions.findIndex((version) => version.active);
  const beforeLive = live < 0 ? -1 : versions.findIndex((version, at) => at > live && version.complete);
  const stays = (at: number) => at < keep || at === live || at === beforeLive || versions[at]?.shadow === true;
  return versions.filter((_, at) => !stays(at)).map(({ version }) => version);
}

/**
 * Removes old versions with all their files, the model first, so that a removal that is cut off leaves a version that is
 * seen to be incomplete.
 *
 * Stops as soon as another version is live or in the shadow than at the beginning: what may go has changed.
 *
 * @returns the versions removed, or that would be if `dryRun`.
 * @throws {ModelError} as `activeVersion`, apart from `NO_ACTIVE_MODEL`, and as `shadowVersion`, before anything is removed:
 *   if one of these versions cannot be told, it might be any of them.
 */
export async function prune(
  files: ModelFiles,
  agent: AgentName,
  { keep, dryRun = false }: Retention,
): Promise<readonly ModelVersion[]> {
  assert(Number.isSafeInteger(keep) && keep >= 0, `keep must be an integer of at least 0, got ${keep}`);
  const chosen = await chosenVersions(files, agent);
  const doomed = versionsToPrune(await listVersions(files, agent), keep);
  if (dryRun) return doomed;
  const names = await files.list();
  for (const [removed, version] of doomed.entries()) {
    if ((await chosenVersions(files, agent)) !== chosen) return doomed.slice(0, removed);
    await files.remove(modelFile(agent, version));
    for (const name of names) {
      const file = parseFileName(name);
      if (file?.agent === agent && file.version === version) await files.remove(name);
    }
  }
  return doomed;
}

/** The live version and the one in the shadow, as a text that is the same while they are. */
async function chosenVersions(files: ModelFiles, agent: AgentName): Promise<string> {
  return `${await liveVersion(files, agent)} ${await shadowVersion(files, agent)}`;
}

/** Undefined if none was ever activated. */
async function liveVersion(files: ModelFiles, agent: AgentName): Promise<ModelVersion | undefined> {
  try {
    return await activeVersion(files, agent);
  } catch (error) {
    if (error instanceof ModelError && error.code === 'NO_ACTIVE_MODEL') return undefined;
    throw error;
  }
}
