/**
 * One deployment of one version to one target.
 *
 * ```
 * preflight ─▶ lock ─▶ upload ─▶ activate ─▶ wait ─▶ watch ─▶ commit
 *                │        │         └──── trial ───────┤
 *                └────────┴──▶ take back what was done ◀┘  whatever fails, and Ctrl-C
 * ```
 *
 * In the lock stands what is on trial before it is live, and that the trial is over before anybody is told so. Hence at
 * every moment what is in the directory says what to do with it if nobody goes on.
 */
import { activate } from '@edgewood/models';
import { beginDeployment, ofWhom, tryLock } from './begin-deployment.ts';
import { copyVersion } from './copy-version.ts';
import type { DeploymentLease } from './deployment-lease.ts';
import type { DeploymentStepName } from './deployment-progress.ts';
import type { DeploymentResult, DeploymentTask } from './deployment-task.ts';
import { endDeployment, takeBackDeployment } from './end-deployment.ts';
import { DeployError, isOfTheWorld } from './errors.ts';
import { FileServiceView } from './file-service-view.ts';
import { type Preflight, preflight, previousVersion } from './preflight.ts';
import { ReconnectingFiles } from './reconnecting-files.ts';
import { FirstServiceView, type ServiceView } from './service-view.ts';
import { watchTrial } from './trial.ts';

/** A deployment that holds the lock. */
interface HeldDeployment {
  readonly task: DeploymentTask;
  readonly files: ReconnectingFiles;
  readonly view: ServiceView;
  readonly found: Preflight;
  readonly lease: DeploymentLease;
  /** Names of the files that this deployment wrote, or was about to write. */
  readonly written: string[];
  /** Throws when it must not go on: the lease is over, or somebody interrupts. */
  readonly checkpoint: () => void;
}

/**
 * Deploys. What the world does to it is the result, with what was found there and what is live now; only what is our own
 * mistake is thrown.
 */
export async function deploy(task: DeploymentTask): Promise<DeploymentResult> {
  let files: ReconnectingFiles | undefined;
  try {
    task.onProgress({ step: 'preflight', state: 'begins', note: '' });
    files = reconnecting(task, await task.open());
    return await deployTo(task, files);
  } catch (error) {
    if (!isOfTheWorld(error)) throw error;
    return { outcome: 'failed', reason: error.message, previous: undefined, warnings: [], error };
  } finally {
    await files?.close();
  }
}

function reconnecting(task: DeploymentTask, files: Awaited<ReturnType<DeploymentTask['open']>>): ReconnectingFiles {
  return new ReconnectingFiles(files, {
    reopen: task.open,
    clock: task.clock,
    limitMs: task.settings.reconnectMs,
    onTry: (note) => task.onProgress({ step: 'reconnect', state: 'goes-on', note }),
  });
}

async function deployTo(task: DeploymentTask, files: ReconnectingFiles): Promise<DeploymentResult> {
  const ofFile = new FileServiceView(files);
  const view = new FirstServiceView(task.api === undefined ? [ofFile] : [task.api, ofFile]);
  const found = await preflight(task, files, view);
  task.onProgress({ step: 'preflight', state: 'done', note: found.note });
  const { warnings } = found.of;
  const previous = found.previous ?? undefined;
  if (found.isLive) return { outcome: 'already live', reason: '', previous, warnings };
  if (task.settings.extent === 'try') {
    const holder = await tryLock(task, files);
    const held = holder === undefined ? [] : [`${ofWhom(holder)}; that would be waited for`];
    return { outcome: 'possible', reason: found.note, previous, warnings: [...warnings, ...held] };
  }
  task.onProgress({ step: 'lock', state: 'begins', note: '' });
  const lease = await beginDeployment(task, files);
  files.afterReopening = (reopened) => lease.renewOver(reopened);
  lease.startRenewing();
  const checkpoint = () => {
    if (task.signal?.aborted) throw new DeployError('INTERRUPTED', `interrupted while deploying to ${files.location}`);
    lease.check();
  };
  const held: HeldDeployment = { task, files, view, found, lease, written: [], checkpoint };
  done(held, 'lock', '');
  return whileHeld(held).finally(() => lease.stopRenewing());
}

async function whileHeld(held: HeldDeployment): Promise<DeploymentResult> {
  const { task, files, lease, found, written } = held;
  const ending = { task, files, lease, written, warnings: found.of.warnings };
  let note: string;
  try {
    await files.removeLeftovers(task.agent);
    note = await copy(held);
    if (task.settings.extent === 'activate') note = await tryOut(held);
  } catch (error) {
    return takeBackDeployment(ending, error);
  }
  return endDeployment(ending, task.settings.extent === 'copy' ? 'copied' : 'committed', note);
}

async function copy(held: HeldDeployment): Promise<string> {
  const { task, files, found, written, checkpoint } = held;
  checkpoint();
  task.onProgress({ step: 'upload', state: 'begins', note: '' });
  const copied = await copyVersion(files, found.of, {
    onProgress: (sentBytes, totalBytes) => {
      task.onProgress({ step: 'upload', state: 'goes-on', note: '', sentBytes, totalBytes });
    },
    checkpoint,
    onWrite: (name) => written.push(name),
  });
  const note = copied === 0 ? 'all files were there' : `${copied} files, read back and compared`;
  done(held, 'upload', note);
  return note;
}

/** The trial, and the moment at which it is over for good. */
async function tryOut(held: HeldDeployment): Promise<string> {
  const { task, files, lease, checkpoint } = held;
  const { agent, version, onProgress } = task;
  checkpoint();
  onProgress({ step: 'activate', state: 'begins', note: '' });
  const previous = await previousVersion(files, agent);
  await lease.change({ stage: 'trial', previous }); // before the links: who finds them moved must know what to do
  await activate(files, agent, version);
  done(held, 'activate', previous === null ? 'nothing was live before' : `${previous} was live before`);
  const note = await watched(held);
  checkpoint();
  onProgress({ step: 'commit', state: 'begins', note: '' });
  lease.note('commit', '');
  await lease.change({ stage: 'preparing' }); // from here on nobody takes it back
  onProgress({ step: 'commit', state: 'done', note: '' });
  return note;
}

async function watched(held: HeldDeployment): Promise<string> {
  const { task, view, found, checkpoint } = held;
  const { agent, version, settings, clock, signal, onProgress } = task;
  if (settings.watchCycles === 0 && found.unseen !== undefined) {
    const note = `not watched: ${found.unseen}`;
    done(held, 'watch', note);
    return note;
  }
  let isWatching = false;
  const watch = () => {
    if (isWatching || settings.watchCycles === 0) return;
    isWatching = true;
    done(held, 'wait', 'the service uses it');
    onProgress({ step: 'watch', state: 'begins', note: '' });
  };
  onProgress({ step: 'wait', state: 'begins', note: '' });
  const note = await watchTrial({
    agent,
    version,
    metadata: found.of.metadata,
    view,
    before: found.reports,
    settings,
    clock,
    checkpoint,
    signal,
    onChange: (isTakenUp, waited) => {
      if (isTakenUp) watch();
      onProgress({ step: isWatching ? 'watch' : 'wait', state: 'goes-on', note: waited });
    },
  });
  watch(); // all cycles may be over when the version is first seen in use
  done(held, isWatching ? 'watch' : 'wait', note);
  return note;
}

function done({ task, lease }: HeldDeployment, step: DeploymentStepName, note: string): void {
  lease.note(step, note);
  task.onProgress({ step, state: 'done', note });
}
