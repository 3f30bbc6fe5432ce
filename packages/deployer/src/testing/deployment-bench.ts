/** A target in memory with one version live, and newer ones here to deploy. */
import assert from 'node:assert/strict';
import {
  activate,
  activeContent,
  activeVersion,
  deploymentLogFile,
  loadModel,
  type ModelVersion,
  parseAgentName,
  saveModel,
} from '@edgewood/models';
import { forestToSave } from '../../../models/src/testing/forest-to-save.ts';
import { MemoryModelFiles } from '../../../models/src/testing/memory-model-files.ts';
import { deploy } from '../deployment.ts';
import type { DeploymentProgress } from '../deployment-progress.ts';
import type { DeploymentResult, DeploymentSettings, DeploymentTask } from '../deployment-task.ts';
import { FaultyLine } from './faulty-line.ts';
import { MemoryTargetFiles } from './memory-target-files.ts';
import { PretendedService } from './pretended-service.ts';
import { SimulatedClock } from './simulated-clock.ts';

export const WIFI = parseAgentName('wifi');

const extraFiles = [{ what: 'baseline', extension: 'json', bytes: new TextEncoder().encode('{}') }];

/** Three versions with a further file each, the oldest first. */
async function saved() {
  const files = new MemoryModelFiles();
  const versions: ModelVersion[] = [];
  for (const day of ['2025-06-05', '2025-06-06', '2025-06-07']) {
    const trainedAtMs = Date.parse(`${day}T23:00:00Z`);
    versions.push(await saveModel(files, WIFI, forestToSave({ trainedAtMs, extraFiles })));
  }
  return { files, versions: versions as [ModelVersion, ModelVersion, ModelVersion] };
}

const HERE = await saved();
export const [OLD, NEW, NEWER] = HERE.versions;
const CONTENTS = new Map<string, string>();
for (const version of HERE.versions) CONTENTS.set(version, (await loadModel(HERE.files, WIFI, version)).content);
/** All versions, as they are here. */
export const SOURCE = HERE.files;

/** Names of the files of versions, sorted, with the links of the one that is live. */
export function namesWith(...versions: readonly string[]): string[] {
  const of = versions.flatMap((version) => [
    `wifi_baseline_${version}.json`,
    `wifi_metadata_${version}.json`,
    `wifi_model_${version}.joblib`,
  ]);
  return ['wifi_deployment_log.json', 'wifi_metadata_active.json', 'wifi_model_active.joblib', ...of].sort();
}

/** @param versions that are there; the first is live. */
export async function targetWith(...versions: readonly ModelVersion[]): Promise<MemoryTargetFiles> {
  const target = new MemoryTargetFiles();
  for (const name of await SOURCE.list()) {
    if (versions.some((version) => name.includes(version))) await target.write(name, await SOURCE.read(name));
  }
  if (versions[0] !== undefined) await activate(target, WIFI, versions[0]);
  return target;
}

const SETTINGS: DeploymentSettings = {
  extent: 'activate',
  trustedKeys: [],
  watchCycles: 2,
  waitMs: 20_000,
  leaseSeconds: 20,
  reconnectMs: 30_000,
  by: 'anna@laptop',
};

/** One deployer and what it told. */
export interface Deployer {
  readonly line: FaultyLine;
  readonly service: PretendedService;
  readonly clock: SimulatedClock;
  readonly told: readonly DeploymentProgress[];
  run(): Promise<DeploymentResult>;
}

export function deployerTo(
  target: MemoryTargetFiles,
  changes: Partial<Omit<DeploymentTask, 'settings'>> & {
    readonly settings?: Partial<DeploymentSettings>;
    readonly line?: FaultyLine;
  } = {},
): Deployer {
  const { settings, line = new FaultyLine(target), ...of } = changes;
  const clock = (of.clock as SimulatedClock | undefined) ?? new SimulatedClock();
  const service = (of.api as PretendedService | undefined) ?? new PretendedService(target);
  const told: DeploymentProgress[] = [];
  const task: DeploymentTask = {
    agent: WIFI,
    version: NEW,
    source: SOURCE,
    open: async () => line.open(),
    randomId: () => `${++ids}`.padStart(16, '0'),
    onProgress: (progress) => told.push(progress),
    ...of,
    api: service,
    clock,
    settings: { ...SETTINGS, ...settings },
  };
  return { line, service, clock, told, run: () => deploy(task) };
}

let ids = 0;

/** The version that is live, which must be byte for byte what it is here. */
export async function liveAndWhole(target: MemoryTargetFiles): Promise<ModelVersion> {
  const live = await activeVersion(target, WIFI);
  assert.equal(await activeContent(target, WIFI), CONTENTS.get(live));
  return live;
}

/** Runs again without a fault: that must complete, and leave nothing else. */
export async function assertNextRunCompletes(target: MemoryTargetFiles, where: string): Promise<void> {
  const next = await deployerTo(target).run();
  assert.ok(['committed', 'already live'].includes(next.outcome), `${where}: ${next.outcome}, ${next.reason}`);
  assert.equal(await liveAndWhole(target), NEW, where);
  const names = new Set([...(await target.list()), deploymentLogFile(WIFI)]); // that the log fails is no litter
  assert.deepEqual([...names].sort(), namesWith(OLD, NEW), where);
  assert.deepEqual([...target.leftovers], [], where);
}
