import { AGENT_PROFILES, type AgentProfile, agentProfile } from '@edgewood/features';
import {
  type AgentName,
  extraFile,
  type LoadedModel,
  listVersions,
  loadActiveModel,
  loadModel,
  ModelError,
  type ModelFiles,
  parseAgentName,
  parseVersion,
  profileNameOf,
} from '@edgewood/models';
import { type Baseline, parseBaseline } from '@edgewood/surprise';
import { UsageError } from './failure.ts';

/** A version to replay logs through. */
export interface BacktestModel {
  readonly model: LoadedModel;
  readonly profile: AgentProfile;
  /** Undefined if the version was saved without one. */
  readonly baseline: Baseline | undefined;
}

/**
 * The versions that are meant: one, or the live ones of every agent that ships with Edgewood.
 *
 * @throws {ModelError} as `loadModel` and `loadActiveModel`; `NO_ACTIVE_MODEL` if all are meant and none is live.
 * @throws {SurpriseError} `BAD_BASELINE`.
 */
export async function loadBacktestModels(
  files: ModelFiles,
  agent: string,
  version: string | undefined,
): Promise<readonly BacktestModel[]> {
  if (agent !== 'all') {
    const name = parseAgentName(agent);
    const model = version === undefined ? await loadActiveModel(files, name) : await loadVersion(files, name, version);
    return [withBaseline(model)];
  }
  if (version !== undefined) throw new UsageError('--version is of one agent, not of all');
  const live = (await listVersions(files)).filter((listed) => listed.active);
  const models = await Promise.all(live.map((listed) => loadActiveModel(files, listed.agent)));
  const known = models.filter((model) => AGENT_PROFILES.some(({ name }) => name === profileNameOf(model)));
  if (known.length > 0) return known.map(withBaseline);
  throw new ModelError('NO_ACTIVE_MODEL', `no agent has a model that is live in ${files.location}`);
}

function loadVersion(files: ModelFiles, agent: AgentName, version: string): Promise<LoadedModel> {
  return loadModel(files, agent, parseVersion(version));
}

function withBaseline(model: LoadedModel): BacktestModel {
  const bytes = model.extraFiles.get('baseline');
  const name = extraFile(model.agent, 'baseline', model.version, 'json');
  const profile = agentProfile(profileNameOf(model));
  return { model, profile, baseline: bytes && parseBaseline(bytes, name) };
}
