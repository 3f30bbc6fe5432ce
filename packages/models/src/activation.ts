/**
 * Activation decides which version of a model is live.
 *
 * `<agent>_model_active.joblib` is the commit point: readers take the version from its target, then that version's own
 * metadata. A link is replaced in one step, so a reader finds the old version or the new one, never none.
 *
 * ```
 * wifi_model_active.joblib   ──▶ wifi_model_20250607_230000.joblib      decides
 * wifi_metadata_active.json  ──▶ wifi_metadata_20250607_230000.json     follows, for people and other programs
 * ```
 *
 * Links typed by hand count as much as ours, in whichever order and by whatever path they lead to a version's file in this
 * directory. A link that leads anywhere else is refused: the version's metadata would not be found, nor its age known. If
 * somebody copied a model to the active name, the metadata behind the other active name says which version it is.
 *
 * The links of a version in the shadow are read in the same way; `shadow.ts` sets and removes them.
 */
import { ModelError } from './errors.ts';
import { readMetadata } from './load-metadata.ts';
import { hasFile, type ModelFiles } from './model-files.ts';
import {
  type AgentName,
  type ModelRole,
  type ModelVersion,
  metadataFile,
  metadataLink,
  modelFile,
  modelLink,
  parseFileName,
  parseVersion,
} from './model-version.ts';
import { pointLinks } from './point-links.ts';

/** What is said where no version has a role. */
const NONE = { active: ['NO_ACTIVE_MODEL', 'active'], shadow: ['NO_SHADOW_MODEL', 'in the shadow'] } as const;

/** What is live, or in the shadow: a version and the names to read it by. */
export interface ActiveFiles {
  readonly version: ModelVersion;
  readonly modelName: string;
  readonly metadataName: string;
  /** How the version is known: from the link, or from the metadata beside a copied model. */
  readonly by: 'link' | 'copy';
}

/**
 * Makes `version` live. To roll back, activate an older version; to repair a wrong link, any version.
 *
 * The version's files must be complete before: activation moves links and reads nothing behind them. Whatever has the
 * active names is replaced, a copied file too.
 *
 * @throws {ModelError} `VERSION_NOT_FOUND` if the directory lacks one of the two files, `FILE_UNWRITABLE`; what was live
 *   stays live.
 */
export async function activate(files: ModelFiles, agent: AgentName, version: ModelVersion): Promise<void> {
  await pointLinks(files, agent, version, 'active');
}

/**
 * Which version is live.
 *
 * @throws {ModelError} as {@link activeFiles}.
 */
export async function activeVersion(files: ModelFiles, agent: AgentName): Promise<ModelVersion> {
  return (await activeFiles(files, agent)).version;
}

/**
 * Which version is live, or has another role, and by which names it is to be read.
 *
 * @throws {ModelError} `NO_ACTIVE_MODEL` or `NO_SHADOW_MODEL` if no version has the role; `DANGLING_LINK` if the link's file is not there;
 *   `BAD_LINK` if it leads to something other than a model of this agent in this directory. For a copied model, which is
 *   no link: `BAD_LINK` without metadata beside it, `BAD_METADATA` if that does not tell the version.
 */
export async function activeFiles(
  files: ModelFiles,
  agent: AgentName,
  role: ModelRole = 'active',
): Promise<ActiveFiles> {
  const linked = await linkedVersion(files, agent, role);
  if (linked === undefined) return copiedFiles(files, agent, role);
  const { version, isPresent } = linked;
  const [modelName, metadataName] = [modelFile(agent, version), metadataFile(agent, version)];
  if (isPresent) return { version, modelName, metadataName, by: 'link' };
  throw new ModelError(
    'DANGLING_LINK',
    `${modelLink(agent, role)} leads to ${modelName}, which is not in ${files.location}`,
  );
}

/**
 * The version that the link of a role names, also where its file is gone; undefined if a file has the link's name.
 *
 * @throws {ModelError} `NO_ACTIVE_MODEL` or `NO_SHADOW_MODEL`, `BAD_LINK`.
 */
export async function linkedVersion(
  files: ModelFiles,
  agent: AgentName,
  role: ModelRole = 'active',
): Promise<{ readonly version: ModelVersion; readonly isPresent: boolean } | undefined> {
  const name = modelLink(agent, role);
  const identity = await files.identify(name);
  if (identity === undefined) {
    const [code, what] = NONE[role];
    throw new ModelError(code, `no model of ${agent} is ${what}: there is no ${name} in ${files.location}`);
  }
  const { target, content } = identity;
  if (target === undefined) return undefined;
  const file = parseFileName(target);
  if (file?.agent === agent && file.what === 'model') return { version: file.version, isPresent: content !== '' };
  throw new ModelError(
    'BAD_LINK',
    `${name} leads to '${target}'; it must lead to ${agent}_model_<version>.joblib in ${files.location}`,
  );
}

async function copiedFiles(files: ModelFiles, agent: AgentName, role: ModelRole): Promise<ActiveFiles> {
  const [modelName, metadataName] = [modelLink(agent, role), metadataLink(agent, role)];
  if (!(await hasFile(files, metadataName))) {
    throw new ModelError(
      'BAD_LINK',
      `${modelName} in ${files.location} is a file, and no ${metadataName} says of which version; link it to ${agent}_model_<version>.joblib`,
    );
  }
  const { agent_name, model_version } = (await readMetadata(files, metadataName)).metadata;
  if (agent_name !== agent) {
    throw new ModelError('BAD_METADATA', `${metadataName} describes a model of '${agent_name}', not of ${agent}`);
  }
  try {
    return { version: parseVersion(model_version), modelName, metadataName, by: 'copy' };
  } catch (error) {
    throw new ModelError('BAD_METADATA', `${metadataName}: model_version: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/**
 * Says in a sentence how the two names of a role disagree with each other; undefined if all is well.
 *
 * The model link wins whatever this says. A disagreement is normal for the moment of an activation.
 *
 * @throws {ModelError} as {@link activeFiles}.
 */
export async function checkActiveLinks(
  files: ModelFiles,
  agent: AgentName,
  role: ModelRole = 'active',
): Promise<string | undefined> {
  const { version, metadataName, by } = await activeFiles(files, agent, role);
  if (by === 'copy') {
    return `${modelLink(agent, role)} is a file, not a link: that it is ${version} is known from ${metadataName} only`;
  }
  const name = metadataLink(agent, role);
  const identity = await files.identify(name);
  if (identity?.target === metadataName) return undefined;
  const seen = identity === undefined ? 'is missing' : `leads to ${identity.target ?? 'nothing: it is a file'}`;
  return `${name} ${seen}, but the ${role === 'active' ? 'live version' : 'version in the shadow'} is ${version}`;
}
