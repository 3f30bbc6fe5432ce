import { activeVersion } from './activation.ts';
import { ModelError } from './errors.ts';
import type { ModelFiles } from './model-files.ts';
import { type AgentName, type ModelVersion, metadataFile, modelFile, parseFileName } from './model-version.ts';

/** A version as its directory shows it, before anything is read. */
export interface ListedVersion {
  readonly agent: AgentName;
  readonly version: ModelVersion;
  readonly active: boolean;
  /** Neither the model nor the metadata is missing; otherwise the version cannot be activated. */
  readonly complete: boolean;
  /** Which of the two files are missing, by name. */
  readonly missing: readonly string[];
}

/** Every version in a directory, of one agent or of all: by agent, the newest first. */
export async function listVersions(files: ModelFiles, agent?: AgentName): Promise<readonly ListedVersion[]> {
  const names = new Set(await files.list());
  const found = new Map<string, { agent: AgentName; version: ModelVersion }>();
  for (const name of names) {
    const file = parseFileName(name);
    if (file === undefined || (file.what !== 'model' && file.what !== 'metadata')) continue;
    if (agent === undefined || file.agent === agent) found.set(`${file.agent} ${file.version}`, file);
  }
  const active = new Map<AgentName, ModelVersion | undefined>();
  for (const { agent: owner } of found.values()) {
    if (!active.has(owner)) active.set(owner, await activeVersionOrNone(files, owner));
  }
  const versions = [...found.values()].map(({ agent: owner, version }) => {
    const missing = [modelFile(owner, version), metadataFile(owner, version)].filter((name) => !names.has(name));
    return { agent: owner, version, active: active.get(owner) === version, complete: missing.length === 0, missing };
  });
  return versions.sort((a, b) => compare(a.agent, b.agent) || compare(b.version, a.version));
}

/** The live version, or undefined where none can be told. */
async function activeVersionOrNone(files: ModelFiles, agent: AgentName): Promise<ModelVersion | undefined> {
  try {
    return await activeVersion(files, agent);
  } catch (error) {
    if (error instanceof ModelError) return undefined;
    throw error;
  }
}

/**
 * The newest complete version, or the newest that is older than another one.
 *
 * @throws {ModelError} `VERSION_NOT_FOUND` if there is none.
 */
export async function newestVersion(
  files: ModelFiles,
  agent: AgentName,
  olderThan?: ModelVersion,
): Promise<ModelVersion> {
  const versions = await listVersions(files, agent);
  const newest = versions.find(
    ({ version, complete }) => complete && (olderThan === undefined || compare(version, olderThan) < 0),
  );
  if (newest !== undefined) return newest.version;
  const which = olderThan === undefined ? `version of ${agent}` : `version of ${agent} older than ${olderThan}`;
  throw new ModelError('VERSION_NOT_FOUND', `there is no complete ${which} in ${files.location}`);
}

/** By UTF-16 code units, which is by age for versions. */
function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
