import { type DetectionModel, detectionModel } from '@edgewood/detection';
import { AGENT_PROFILES } from '@edgewood/features';
import {
  type AgentName,
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
import { UsageError } from './failure.ts';

/**
 * The versions that are meant: one, or the live ones of every agent that ships with Edgewood.
 *
 * @throws {ModelError} as `loadModel` and `loadActiveModel`; `NO_ACTIVE_MODEL` if all are meant and none is live.
 * @throws {FeatureError}, {SurpriseError} as `detectionModel`.
 */
export async function loadBacktestModels(
  files: ModelFiles,
  agent: string,
  version: string | undefined,
): Promise<readonly DetectionModel[]> {
  if (agent !== 'all') {
    const name = parseAgentName(agent);
    const model = version === undefined ? await loadActiveModel(files, name) : await loadVersion(files, name, version);
    return [detectionModel(model)];
  }
  if (version !== undefined) throw new UsageError('--version is of one agent, not of all');
  const live = (await listVersions(files)).filter((listed) => listed.active);
  const models = await Promise.all(live.map((listed) => loadActiveModel(files, listed.agent)));
  const known = models.filter((model) => AGENT_PROFILES.some(({ name }) => name === profileNameOf(model)));
  if (known.length > 0) return known.map((model) => detectionModel(model));
  throw new ModelError('NO_ACTIVE_MODEL', `no agent has a model that is live in ${files.location}`);
}

function loadVersion(files: ModelFiles, agent: AgentName, version: string): Promise<LoadedModel> {
  return loadModel(files, agent, parseVersion(version));
}
