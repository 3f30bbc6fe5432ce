import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  activeMetadataLink,
  activeModelLink,
  activeVersion,
  type DeploymentUnderWay,
  deploymentFile,
  deploymentLogFile,
  formatDeploymentLog,
  hasFile,
  loadActiveModel,
  ModelError,
  metadataFile,
  modelFile,
  parseAgentName,
  parseDeploymentLog,
} from '@edgewood/models';
import { MemoryModelFiles } from '../../../models/src/testing/memory-model-files.ts';
import { createServiceEvents } from '../events.ts';
import { deploymentOf, LEASE_SECONDS, writeDeployment } from '../testing/deployment-on-trial.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { addModel, START_MS } from '../testing/wifi-models.ts';
import { ENDED_BY, TrialGuard } from './trial-guard.ts';

const wifi = parseAgentName('wifi');
const LEASE_MS = LEASE_SECONDS * 1_000;
const POLL_MS = 2_000;

function guardOf(files: MemoryModelFiles, clock: ManualClock) {
  const events = createServiceEvents();
  const told: string[] = [];
  events.on('deployment:seen', ({ by, version }) => told.push(`${by} deploys ${version}`));
  events.on('deployment:stuck', ({ reason }) => told.push(`stuck: ${reason}`));
  events.on('model:taken-back', ({ version, previous }) => told.push(`${version} taken back, ${previous} is live`));
  const times = { clock, pollIntervalMs: POLL_MS, nowMs: () => clock.nowMs() };
  return { guard: new TrialGuard({ files, model: wifi, name: 'wifi', events, ...times }), told, events };
}

/** A directory in which the newer of two versions is on trial, seen by a guard. */
async function setUp(overrides: Partial<DeploymentUnderWay> = {}) {
  const files = new MemoryModelFiles();
  const clock = new ManualClock(START_MS);
  const older = await addModel(files);
  const newer = await addModel(files, { trainedAtMs: START_MS + 60_000, randomState: 7 });
  const deployment = deploymentOf(newer, older, overrides);
  await writeDeployment(files, deployment);
  const { guard, told, events } = guardOf(files, clock);
  await guard.look();
  const pass = async (byMs: number) => {
    clock.set(clock.nowMs() + byMs);
    await guard.look();
  };
  return { files, clock, older, newer, deployment, guard, told, events, pass };
}

async function logOf(files: MemoryModelFiles) {
  const name = deploymentLogFile(wifi);
  return (await hasFile(files, name)) ? parseDeploymentLog(await files.read(name), name) : [];
}

test('a version whose deployer is gone is taken back: links, log, and the lock is gone', async () => {
  const { files, older, newer, deployment, guard, told, pass } = await setUp();
  assert.equal(guard.isDeploying, true);
  await pass(LEASE_MS - 1);
  assert.equal(await activeVersion(files, wifi), newer);
  await pass(1);
  assert.equal(await activeVersion(files, wifi), older);
  assert.equal((await files.identify(activeMetadataLink(wifi)))?.target, metadataFile(wifi, older));
  const reason = `anna@laptop, who deployed ${newer}, has not been heard of for 60 s`;
  const at = new Date(START_MS + LEASE_MS).toISOString();
  const { stage: _, lease_seconds: __, renewal: ___, ...kept } = deployment;
  assert.deepEqual(await logOf(files), [
    {
      ...kept,
      steps: [{ step: 'take back', at, note: reason }],
      outcome: 'rolled-back',
      reason,
      ended_at: at,
      ended_by: ENDED_BY,
    },
  ]);
  assert.equal(await hasFile(files, deploymentFile(wifi)), false);
  assert.deepEqual(told, [`anna@laptop deploys ${newer}`, `${newer} taken back, ${older} is live`]);
  await pass(POLL_MS);
  assert.equal(guard.isDeploying, false);
});

test('as long as the lease is renewed nothing is done, however long the trial', async () => {
  const { files, newer, deployment, told, pass } = await setUp();
  for (let renewal = 2; renewal < 20; renewal += 1) {
    await pass(LEASE_MS - 1);
    await writeDeployment(files, { ...deployment, renewal });
    await pass(1);
  }
  assert.equal(await activeVersion(files, wifi), newer);
  assert.equal(told.length, 1);
});

test('a file that is written anew with the same content is no renewal', async () => {
  const { files, older, deployment, pass } = await setUp();
  await pass(LEASE_MS / 2);
  await writeDeployment(files, deployment);
  await pass(LEASE_MS / 2);
  assert.equal(await activeVersion(files, wifi), older);
});

test('a renewal between the look and the deed is heeded', async () => {
  const { files, newer, deployment, told, pass } = await setUp();
  files.onCall = async (method) => {
    if (method !== 'list') return; // the versions are looked at: the decision is about to fall
    files.onCall = () => {};
    await writeDeployment(files, { ...deployment, renewal: 2 });
  };
  await pass(LEASE_MS);
  assert.equal(await activeVersion(files, wifi), newer);
  assert.equal(await hasFile(files, deploymentFile(wifi)), true);
  await pass(LEASE_MS - 1);
  assert.equal(await activeVersion(files, wifi), newer);
  assert.equal(told.length, 1);
});

test('a deployment that ends between the look and the deed stays as it ended', async () => {
  const { files, newer, told, pass } = await setUp();
  files.onCall = async (method) => {
    if (method !== 'list') return;
    files.onCall = () => {};
    await files.remove(deploymentFile(wifi));
  };
  await pass(LEASE_MS);
  assert.equal(await activeVersion(files, wifi), newer);
  assert.deepEqual([await logOf(files), told.length], [[], 1]);
});

test('the lock of a deployment that begins meanwhile stays', async () => {
  const { files, newer, older, pass } = await setUp();
  const next = deploymentOf(newer, older, { id: 'b-2', stage: 'preparing' });
  files.onCall = async (method, name) => {
    if (method !== 'replaceFile' || name !== deploymentLogFile(wifi)) return;
    files.onCall = () => {};
    await writeDeployment(files, next);
  };
  await pass(LEASE_MS);
  assert.equal(await activeVersion(files, wifi), older);
  assert.equal(await hasFile(files, deploymentFile(wifi)), true);
});

test('a reader during the take-back always finds a version, whole', async () => {
  const { files, older, newer, pass } = await setUp();
  const found = new Set<string>();
  files.onCall = async () => {
    const { onCall } = files;
    files.onCall = () => {};
    found.add((await loadActiveModel(files, wifi)).version);
    files.onCall = onCall;
  };
  await pass(LEASE_MS);
  assert.deepEqual([...found], [newer, older]);
});

test('whichever call to the disk fails, there is a version, and soon after it is the one before', async () => {
  const whole = await setUp();
  const before = whole.files.calls;
  await whole.pass(LEASE_MS);
  const length = whole.files.calls - before;
  assert.ok(length > 10);
  for (let at = 0; at < length; at += 1) {
    const { files, older, newer, pass } = await setUp();
    files.failAt = files.calls + at;
    await pass(LEASE_MS);
    files.failAt = undefined;
    const { version } = await loadActiveModel(files, wifi);
    assert.ok(version === older || version === newer);
    await pass(POLL_MS);
    assert.equal((await loadActiveModel(files, wifi)).version, older, `call ${at}`);
  }
});

test('two services that take back at the same time end as one does', async () => {
  const { files, clock, older, guard, told } = await setUp();
  const other = guardOf(files, clock);
  await other.guard.look();
  clock.set(clock.nowMs() + LEASE_MS);
  await Promise.all([guard.look(), other.guard.look()]);
  assert.equal(await activeVersion(files, wifi), older);
  assert.equal((await logOf(files)).length, 1);
  assert.equal(await hasFile(files, deploymentFile(wifi)), false);
  for (const lines of [told, other.told]) assert.ok(!lines.some((line) => line.startsWith('stuck')), lines.join());
});

test('what another service has logged is not logged twice', async () => {
  const { files, clock, guard } = await setUp();
  const other = guardOf(files, clock);
  await other.guard.look();
  clock.set(clock.nowMs() + LEASE_MS);
  files.onCall = async (method, name) => {
    if (method !== 'replaceLink' || name !== activeModelLink(wifi)) return;
    files.onCall = () => {};
    await other.guard.look(); // all of it, between two steps of the first
  };
  await guard.look();
  assert.equal((await logOf(files)).length, 1);
});

test('a service that starts counts from its start', async () => {
  const { files, clock, newer, older } = await setUp();
  clock.set(START_MS + 100 * LEASE_MS);
  const late = guardOf(files, clock);
  await late.guard.look();
  assert.equal(await activeVersion(files, wifi), newer);
  clock.set(clock.nowMs() + LEASE_MS);
  await late.guard.look();
  assert.equal(await activeVersion(files, wifi), older);
});

test('without a version before it stays, the lock too, and that is said once', async () => {
  const { files, newer, told, pass } = await setUp({ previous: null });
  for (let look = 0; look < 3; look += 1) await pass(LEASE_MS);
  assert.equal(await activeVersion(files, wifi), newer);
  assert.equal(await hasFile(files, deploymentFile(wifi)), true);
  assert.equal(told.length, 2);
  assert.match(told[1] ?? '', /^stuck: .*it stays, for nothing was live before it$/);
});

test('if the version before is gone it stays; if that comes back, it is taken back after all', async () => {
  const { files, older, newer, told, pass } = await setUp();
  const name = modelFile(wifi, older);
  const bytes = await files.read(name);
  await files.remove(name);
  for (let look = 0; look < 3; look += 1) await pass(LEASE_MS);
  assert.equal(await activeVersion(files, wifi), newer);
  assert.match(told.slice(1).join('\n'), /^stuck: .*which was live before, is not complete$/);
  await files.write(name, bytes);
  await pass(POLL_MS);
  assert.equal(await activeVersion(files, wifi), older);
});

test('what a person made live meanwhile stays live, and the lock is left to the next deployer', async () => {
  const { files, told, pass } = await setUp();
  const other = await addModel(files, { trainedAtMs: START_MS + 120_000, randomState: 9 });
  await pass(LEASE_MS);
  assert.equal(await activeVersion(files, wifi), other);
  assert.equal(await hasFile(files, deploymentFile(wifi)), true);
  assert.equal(told.length, 1);
});

test('while nothing is on trial, and while no version is live, nothing is done', async () => {
  const preparing = await setUp({ stage: 'preparing' });
  await preparing.pass(LEASE_MS);
  assert.equal(await activeVersion(preparing.files, wifi), preparing.newer);
  const { files, told, pass } = await setUp();
  for (const link of [activeModelLink(wifi), activeMetadataLink(wifi)]) await files.remove(link);
  await pass(LEASE_MS);
  await assert.rejects(activeVersion(files, wifi), { code: 'NO_ACTIVE_MODEL' });
  assert.equal(told.length, 1);
});

test('a file that is no deployment is said once and left alone, until it is one', async () => {
  const { files, older, newer, told, pass } = await setUp();
  await files.replaceFile(deploymentFile(wifi), new TextEncoder().encode('{"schema_version": 1}'));
  for (let look = 0; look < 3; look += 1) await pass(LEASE_MS);
  assert.equal(await activeVersion(files, wifi), newer);
  assert.match(told.slice(1).join('\n'), /^stuck: wifi_deployment\.json: .* \[BAD_DEPLOYMENT_FILE\]$/);
  await writeDeployment(files, deploymentOf(newer, older, { id: 'b-2' }));
  await pass(POLL_MS);
  await pass(LEASE_MS);
  assert.equal(await activeVersion(files, wifi), older);
});

test('a directory that cannot be read or written is said once, and the deed follows when it can', async () => {
  const { files, older, newer, told, pass } = await setUp();
  files.onCall = (method) => {
    if (method === 'replaceLink') throw new ModelError('FILE_UNWRITABLE', 'a read-only file system');
  };
  for (let look = 0; look < 3; look += 1) await pass(LEASE_MS);
  assert.equal(await activeVersion(files, wifi), newer);
  assert.deepEqual(told.slice(1), ['stuck: a read-only file system [FILE_UNWRITABLE]']);
  files.onCall = () => {};
  await pass(POLL_MS);
  assert.equal(await activeVersion(files, wifi), older);
});

test('deployments that ended before stay in the log; a log that is none is left alone, and said', async () => {
  const { files, deployment, pass } = await setUp();
  const { stage: _, lease_seconds: __, renewal: ___, ...kept } = deployment;
  const before = { ...kept, id: 'z-0', outcome: 'committed', reason: '', ended_at: 'then', ended_by: 'x' } as const;
  await files.write(deploymentLogFile(wifi), formatDeploymentLog([before]));
  await pass(LEASE_MS);
  assert.deepEqual(
    (await logOf(files)).map(({ id }) => id),
    ['z-0', 'a-1'],
  );

  const broken = await setUp();
  const noise = new TextEncoder().encode('{');
  await broken.files.write(deploymentLogFile(wifi), noise);
  await broken.pass(LEASE_MS);
  assert.equal(await activeVersion(broken.files, wifi), broken.older);
  assert.deepEqual(await broken.files.read(deploymentLogFile(wifi)), noise);
  assert.match(broken.told.at(-1) ?? '', /^stuck: wifi_deployment_log\.json is not JSON/);
  assert.equal(await hasFile(broken.files, deploymentFile(wifi)), false);
});

test('a look at a file that stays the same reads nothing, and without one it reads nothing either', async () => {
  const { files, pass } = await setUp();
  const calls: string[] = [];
  files.onCall = (method, name) => void calls.push(`${method} ${name}`);
  await pass(POLL_MS);
  await files.remove(deploymentFile(wifi));
  await pass(POLL_MS);
  assert.deepEqual(
    calls,
    ['identify', 'remove', 'identify'].map((method) => `${method} ${deploymentFile(wifi)}`),
  );
});

test('it looks at every poll until it is stopped', async () => {
  const { files, clock, guard, older } = await setUp();
  const stopping = new AbortController();
  const running = guard.run(stopping.signal);
  const untilMs = clock.nowMs() + LEASE_MS;
  while (clock.nowMs() < untilMs) {
    const nextMs = await clock.asleep();
    assert.equal(nextMs, clock.nowMs() + POLL_MS);
    clock.set(nextMs);
  }
  await clock.asleep();
  assert.equal(await activeVersion(files, wifi), older);
  stopping.abort();
  await running;
});
