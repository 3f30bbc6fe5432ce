import {
  type AgentName,
  activeContent,
  hasFile,
  ModelError,
  type ModelFiles,
  type ModelMetadata,
  type ModelReport,
  modelFile,
} from '@edgewood/models';
import { checkSpace, missingFiles } from './copy-version.ts';
import { readDeployment } from './deployment-lease.ts';
import type { DeploymentTask } from './deployment-task.ts';
import { DeployError } from './errors.ts';
import type { SeenReport, ServiceView } from './service-view.ts';
import { liveVersion } from './take-back.ts';
import type { TargetFiles } from './target-files.ts';
import { reportsOf } from './trial.ts';
import { type VersionToDeploy, versionToDeploy } from './version-to-deploy.ts';

/** What was found before anything was changed. */
export interface Preflight {
  readonly of: VersionToDeploy;
  /** What is live there; null: nothing, or nothing that is there. */
  readonly previous: string | null;
  /** Whether this very version is live, and no deployment under way. */
  readonly isLive: boolean;
  /** Why no service can be seen; undefined if one can. */
  readonly unseen: string | undefined;
  readonly reports: readonly ModelReport[];
  readonly note: string;
}

/**
 * Looks whether a deployment can go well; changes nothing.
 *
 * @throws {ModelError} as `versionToDeploy`; `BAD_LINK` if what is live could not be made live again; `FILE_EXISTS`.
 *   {@link DeployError} `NO_SPACE`, `VERSION_REFUSED`; `NOT_TAKEN_UP` if the trial could not be watched.
 */
export async function preflight(
  task: Pick<DeploymentTask, 'agent' | 'version' | 'source' | 'settings'>,
  target: TargetFiles,
  view: ServiceView,
): Promise<Preflight> {
  const { agent, version, source, settings } = task;
  const of = await versionToDeploy(source ?? target, agent, version, settings.trustedKeys);
  await target.list(); // a directory that is not there is said as such
  const previous = await previousVersion(target, agent);
  const missing = await missingFiles(target, of.files);
  const missingBytes = missing.reduce((sum, { bytes }) => sum + bytes.length, 0);
  await checkSpace(target, missingBytes);
  const seen = await view.report();
  await checkService(of.metadata, view, seen);
  if (settings.extent !== 'copy' && settings.watchCycles > 0 && typeof seen === 'string') throw unseen(seen);
  const isLive = previous === version && missing.length === 0 && (await isLiveForGood(target, of));
  const service = typeof seen === 'string' ? 'no service seen' : `service ${seen.report.service_version} (${seen.by})`;
  const copied =
    missing.length === 0 ? 'all files are there' : `${missing.length} files, ${missingBytes} bytes to copy`;
  const note = `${version}: ${copied}; ${previous === null ? 'nothing' : previous} is live; ${service}`;
  const told =
    typeof seen === 'string'
      ? { unseen: seen, reports: [] }
      : { unseen: undefined, reports: reportsOf(seen.report, agent) };
  return { of, previous, isLive, ...told, note };
}

/**
 * What a deployment would have to make live again.
 *
 * @throws {ModelError} `BAD_LINK` if that could not be done: it is no link, or leads out of the directory.
 */
export async function previousVersion(target: ModelFiles, agent: AgentName): Promise<string | null> {
  const live = await liveVersion(target, agent);
  if (live === undefined) return null;
  if (live !== 'other') return (await hasFile(target, modelFile(agent, live))) ? live : null;
  throw new ModelError(
    'BAD_LINK',
    `what is live of ${agent} in ${target.location} could not be made live again: it is no link to a version; make a version live there first (edgewood models activate)`,
  );
}

async function isLiveForGood(target: TargetFiles, { agent, content }: VersionToDeploy): Promise<boolean> {
  return (await readDeployment(target, agent)) === undefined && (await activeContent(target, agent)) === content;
}

/** @throws {DeployError} `VERSION_REFUSED`. */
async function checkService(metadata: ModelMetadata, view: ServiceView, seen: SeenReport | string): Promise<void> {
  if (typeof seen === 'string') return;
  const { trusted_keys: keys, models } = seen.report;
  const users = models.filter(({ model }) => model === metadata.agent_name).map(({ agent }) => agent);
  const title = `${metadata.agent_name} ${metadata.model_version}`;
  const signer = metadata.signature?.key_id;
  if (keys.length > 0 && !keys.some((key) => key === signer)) {
    const signed = typeof signer === 'string' ? `signed by ${signer}` : 'not signed';
    throw new DeployError(
      'VERSION_REFUSED',
      `the service there would refuse ${title}: it is ${signed}, and must be signed by ${keys.join(' or ')}`,
    );
  }
  for (const user of users) {
    const answer = await view.check(user, metadata);
    if (typeof answer === 'string' || answer.accepted) continue;
    const reason = answer.problem ?? 'no reason';
    throw new DeployError('VERSION_REFUSED', `${user} of the service there would refuse ${title}: ${reason}`);
  }
}

function unseen(why: string): DeployError {
  return new DeployError(
    'NOT_TAKEN_UP',
    `no service can be seen: ${why}; start it, name its api in the configuration, or deploy without watching: --no-watch`,
  );
}
