/**
 * The lock of an agent's deployment, `wifi_deployment.json`, in the hands of whoever deploys.
 *
 * ```
 * free ──write, which replaces nothing──▶ ours ──a higher renewal, again and again──▶ ours ──remove──▶ free
 *   someone's, unchanged for lease_seconds ──replaced by us, and still so a while later──▶ ours
 * ```
 *
 * A directory of files cannot compare and swap. So the file is read before it is written anew, and whoever takes over
 * looks again after a while, when others who did so at the same time have written too: the last of them has it. What
 * remains is somebody who stands still between the two for longer than that while.
 */
import {
  type AgentName,
  type DeploymentStep,
  type DeploymentUnderWay,
  deploymentFile,
  formatDeployment,
  hasFile,
  MAX_DEPLOYMENT_FILE_BYTES,
  ModelError,
  type ModelFiles,
  parseDeployment,
} from '@edgewood/models';
import type { DeployClock } from './clock.ts';
import { DeployError } from './errors.ts';

/** In the time of a lease it is renewed so often. */
const RENEWALS = 4;
/** How long whoever takes over waits before it believes that it has, in milliseconds. */
const SETTLING_MS = 2_000;

/** What a lease works on. */
export interface LeasePlace {
  readonly files: ModelFiles;
  readonly agent: AgentName;
  readonly clock: DeployClock;
}

/** The deployment of an agent that is under way; undefined if there is none. @throws {ModelError} */
export async function readDeployment(files: ModelFiles, agent: AgentName): Promise<DeploymentUnderWay | undefined> {
  const name = deploymentFile(agent);
  if (!(await hasFile(files, name))) return undefined;
  try {
    return parseDeployment(await files.read(name, MAX_DEPLOYMENT_FILE_BYTES), name);
  } catch (error) {
    const isGone = error instanceof ModelError && error.code === 'FILE_UNREADABLE' && !(await hasFile(files, name));
    if (isGone) return undefined; // it ended while we read it
    throw error;
  }
}

/** What may change while a deployment is under way. */
export type LeaseChanges = Partial<Pick<DeploymentUnderWay, 'stage' | 'previous'>>;

/** Takes the lock if it is free; undefined if somebody has it. @throws {ModelError} {@link DeployError} as the files. */
export async function takeLease(
  place: LeasePlace,
  deployment: DeploymentUnderWay,
): Promise<DeploymentLease | undefined> {
  const { files, agent } = place;
  try {
    await files.write(deploymentFile(agent), formatDeployment(deployment));
  } catch (error) {
    if (!(error instanceof ModelError && error.code === 'FILE_EXISTS')) throw error;
    // Ours all the same if the connection was cut between the write and its answer.
    if ((await readDeployment(files, agent))?.id !== deployment.id) return undefined;
  }
  return new DeploymentLease(place, deployment);
}

/**
 * Makes a deployment ours whose owner is gone: `found` was not changed for its lease. It stays the deployment that it was,
 * only with an owner who can end it.
 *
 * @param owner unique to us, at most 16 characters.
 * @returns undefined if somebody else took it over, or it has ended.
 */
export async function takeOverLease(
  place: LeasePlace,
  found: DeploymentUnderWay,
  owner: string,
): Promise<DeploymentLease | undefined> {
  const { files, agent, clock } = place;
  const mine = { ...found, id: `${idOf(found)}/${owner}`, renewal: found.renewal + 1 };
  const present = await readDeployment(files, agent);
  if (present?.id !== found.id || present.renewal !== found.renewal) return undefined;
  await files.replaceFile(deploymentFile(agent), formatDeployment(mine));
  await clock.sleep(SETTLING_MS);
  return (await readDeployment(files, agent))?.id === mine.id ? new DeploymentLease(place, mine) : undefined;
}

/** The id of a deployment, whoever has taken it over. */
export function idOf({ id }: Pick<DeploymentUnderWay, 'id'>): string {
  return id.split('/')[0] ?? id;
}

/** A lock that is ours until it is let go, or lost because somebody took it for abandoned. */
export class DeploymentLease {
  readonly #place: LeasePlace;
  #deployment: DeploymentUnderWay;
  #renewal: number;
  #turn: Promise<unknown> = Promise.resolve();
  #renewedAtMs: number;
  #renewing: AbortController | undefined;
  #steps: readonly DeploymentStep[];

  constructor(place: LeasePlace, deployment: DeploymentUnderWay) {
    this.#place = place;
    this.#deployment = deployment;
    this.#steps = deployment.steps;
    this.#renewal = deployment.renewal;
    this.#renewedAtMs = place.clock.countedMs();
  }

  /** As it stands in the file, but with all steps. */
  get deployment(): DeploymentUnderWay {
    return { ...this.#deployment, renewal: this.#renewal, steps: [...this.#steps] };
  }

  /** Notes what was done; it is written with the next renewal. */
  note(step: string, note: string): void {
    this.#steps = [...this.#steps, { step, at: new Date(this.#place.clock.nowMs()).toISOString(), note }];
  }

  /**
   * Throws unless the lock is ours in the directory at this moment.
   *
   * @param files by another connection.
   * @throws {DeployError} `DEPLOYMENT_LOST`.
   */
  async confirm(files: ModelFiles = this.#place.files): Promise<void> {
    const { agent } = this.#place;
    const found = await readDeployment(files, agent);
    if (found?.id === this.#deployment.id) return;
    const now = found === undefined ? 'it was ended' : `it is ${found.by}'s, of ${found.version}`;
    throw new DeployError(
      'DEPLOYMENT_LOST',
      `the deployment of ${agent} ${this.#deployment.version} to ${files.location} is no longer ours: ${now}`,
    );
  }

  /** Writes the lock anew, with changes or only to renew it. @throws {DeployError} `DEPLOYMENT_LOST`, as the files. */
  change(changes: LeaseChanges = {}): Promise<void> {
    return this.#inTurn(() => this.#write(this.#place.files, changes));
  }

  /**
   * Renews over a new connection, at once: a change that is under way waits for that connection.
   *
   * @throws {DeployError} `DEPLOYMENT_LOST`, as the files.
   */
  renewOver(files: ModelFiles): Promise<void> {
    return this.#write(files, {});
  }

  /**
   * Renews from now on until the lock is let go. That it fails is seen by whoever calls {@link DeploymentLease.check}: one
   * time may fail, as long as there are others within the lease.
   */
  startRenewing(): void {
    if (this.#renewing !== undefined) return;
    this.#renewing = new AbortController();
    void this.#renewAgainAndAgain(this.#renewing.signal);
  }

  /** @throws {DeployError} `DEPLOYMENT_LOST` if the lock was not renewed for as long as the lease lasts. */
  check(): void {
    const { agent, clock, files } = this.#place;
    const { lease_seconds: seconds, version } = this.#deployment;
    if (clock.countedMs() - this.#renewedAtMs < seconds * 1000) return;
    throw new DeployError(
      'DEPLOYMENT_LOST',
      `the deployment of ${agent} ${version} to ${files.location} could not be renewed for ${seconds} s, after which others may end it`,
    );
  }

  /** Ends the renewing; the file stays. */
  async stopRenewing(): Promise<void> {
    this.#renewing?.abort();
    this.#renewing = undefined;
    await this.#inTurn(async () => undefined); // a renewal under way must not write after the lock was let go
  }

  /** Lets the lock go. @throws {DeployError} `DEPLOYMENT_LOST`, as the files. */
  async release(): Promise<void> {
    await this.stopRenewing();
    await this.confirm();
    try {
      await this.#place.files.remove(deploymentFile(this.#place.agent));
    } catch (error) {
      // The connection was cut after the lock was gone, and over the next one it was found to be no longer ours.
      if (!(error instanceof DeployError && error.code === 'DEPLOYMENT_LOST')) throw error;
    }
  }

  async #renewAgainAndAgain(signal: AbortSignal): Promise<void> {
    const everyMs = (this.#deployment.lease_seconds * 1000) / RENEWALS;
    for (;;) {
      await this.#place.clock.sleep(everyMs, signal);
      if (signal.aborted) return;
      await this.change().catch(() => undefined); // `check` tells when it was too often
    }
  }

  async #write(files: ModelFiles, changes: LeaseChanges): Promise<void> {
    const { agent, clock } = this.#place;
    await this.confirm(files);
    const next = { ...this.#deployment, ...changes, renewal: ++this.#renewal, steps: [...this.#steps] };
    await files.replaceFile(deploymentFile(agent), formatDeployment(next));
    this.#deployment = { ...this.#deployment, ...changes };
    this.#renewedAtMs = clock.countedMs();
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}
