import { activeVersion } from './activation.ts';
import { ModelError } from './errors.ts';
import type { ModelFiles } from './model-files.ts';
import {
  type AgentName,
  type ModelVersion,
  metadataFile,
  modelFile,
  modelLink,
  parseFileName,
} from './model-version.ts';
import { shadowVersion } from './shadow.ts';

/** A version as its directory shows it, before anything is read. */
export interface ListedVersion {
  readonly agent: AgentName;
  readonly version: ModelVersion;
  readonly active: boolean;
  /** Whether it is the one in the shadow. */
  readonly shadow: boolean;
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
  const chosen = new Map<AgentName, Chosen>();
  for (const { agent: owner } of found.values()) {
    if (!chosen.has(owner)) chosen.set(owner, await chosenVersions(files, owner, names));
  }
  const versions = [...found.values()].map(({ agent: owner, version }) => {
    const { active, shadow } = chosen.get(owner) ?? {};
    const missing = [modelFile(owner, version), metadataFile(owner, version)].filter((name) => !names.has(name));
    const complete = missing.length === 0;
    return { agent: owner, version, active: active === version, shadow: shadow === version, complete, missing };
  });
  return versions.sort((a, b) => compare(a.agent, b.agent) || compare(b.version, a.version));
}

/** The versions that links name; undefined where none can be told. */
interface Chosen {
  readonly active: ModelVersion | undefined;
  readonly shadow: ModelVersion | undefined;
}

/** @param names all that there are: for what is not among them nobody asks a machine that is far away. */
async function chosenVersions(files: ModelFiles, agent: AgentName, names: ReadonlySet<string>): Promise<Chosen> {
  const hasShadow = names.has(modelLink(agent, 'shadow'));
  return {
    active: await versionOrNone(activeVersion(files, agent)),
    shadow: hasShadow ? await versionOrNone(shadowVersion(files, agent)) : undefined,
  };
}

/** Undefined for whatever keeps the version from being told. */
async function versionOrNone(reading: Promise<ModelVersion | undefined>): Promise<ModelVersion | undefined> {
  try {
    return await reading;
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
