import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agentProfile } from '@edgewood/features';
import { activate, modelFile, parseAgentName } from '@edgewood/models';
import { MemoryModelFiles } from '../../../models/src/testing/memory-model-files.ts';
import { DrivenClock } from '../clock.ts';
import { createServiceEvents } from '../events.ts';
import { addModel, FEATURES, START_MS } from '../testing/wifi-models.ts';
import { ModelManager } from './model-manager.ts';

const wifi = parseAgentName('wifi');

function setUp(settings = {}) {
  const files = new MemoryModelFiles();
  const events = createServiceEvents();
  const clock = new DrivenClock(START_MS);
  const told: string[] = [];
  events.on('model:loaded', ({ version }) => told.push(`loaded ${version}`));
  events.on('model:rejected', ({ reason, inUse }) => told.push(`rejected, ${inUse ?? 'nothing'} in use: ${reason}`));
  const manager = new ModelManager({
    files,
    agent: agentProfile('wifi'),
    settings,
    events,
    clock,
    pollIntervalMs: 2_000,
  });
  return { files, manager, told, clock };
}

const ORDINARY = { data: Float64Array.of(1, 0, 1), nSamples: 1, nFeatures: FEATURES.length };
const STORM = { data: Float64Array.of(40, 40, 40), nSamples: 1, nFeatures: FEATURES.length };

test('without a model infer gives nothing, and that is said once', async () => {
  const { manager, told } = setUp();
  await manager.check();
  await manager.check();
  assert.equal(manager.infer(ORDINARY), null);
  assert.equal(told.length, 1);
  assert.match(told[0] ?? '', /nothing in use: no model of wifi is active.*NO_ACTIVE_MODEL/);
});

test("infer gives scikit-learn's predictions and scores", async () => {
  const { files, manager } = setUp();
  const version = await addModel(files);
  await manager.check();
  const found = manager.infer(STORM);
  assert.deepEqual([...(found?.predictions ?? [])], [-1]);
  assert.ok((found?.scores[0] ?? 0) < (manager.infer(ORDINARY)?.scores[0] ?? -1));
  assert.deepEqual([...(manager.infer(ORDINARY)?.predictions ?? [])], [1]);
  assert.equal(found?.version, version);
});

test('another version is picked up, and whoever holds the old one finishes on it', async () => {
  const { files, manager, told } = setUp();
  const older = await addModel(files);
  await manager.check();
  const held = manager.live;
  const newer = await addModel(files, { trainedAtMs: START_MS + 60_000, randomState: 7 });
  await manager.check();
  assert.deepEqual(told, [`loaded ${older}`, `loaded ${newer}`]);
  assert.equal(held?.model.version, older);
  assert.equal(manager.live?.model.version, newer);
});

test('a model that is in use is not loaded again', async () => {
  const { files, manager, told } = setUp();
  await addModel(files);
  for (let look = 0; look < 3; look += 1) await manager.check();
  assert.equal(told.length, 1);
});

test('a broken version is refused with its reason, the old one stays, and a rollback is picked up', async () => {
  const { files, manager, told } = setUp();
  const good = await addModel(files);
  await manager.check();
  const broken = await addModel(files, { trainedAtMs: START_MS + 60_000 });
  const name = modelFile(wifi, broken);
  const bytes = await files.read(name);
  await files.remove(name);
  await files.write(name, bytes.slice(0, 1000));
  await manager.check();
  assert.equal(manager.live?.model.version, good);
  assert.match(told[1] ?? '', new RegExp(`rejected, ${good} in use: ${name}.*HASH_MISMATCH`));
  assert.match(manager.problem ?? '', /HASH_MISMATCH/);
  await activate(files, wifi, good);
  await manager.check();
  assert.equal(manager.problem, undefined);
  assert.equal(manager.live?.model.version, good);
});

test('a refused version is tried again when it changes, at once', async () => {
  const { files, manager } = setUp();
  const version = await addModel(files);
  const name = modelFile(wifi, version);
  const bytes = await files.read(name);
  await files.remove(name);
  await files.write(name, bytes.slice(0, 1000)); // as if it were still being copied
  await manager.check();
  assert.equal(manager.live, undefined);
  await files.remove(name);
  await files.write(name, bytes);
  await manager.check();
  assert.equal(manager.live?.model.version, version);
});

test('a model for other windows than those configured is refused', async () => {
  const { files, manager, told } = setUp({ windowMs: 60_000 });
  await addModel(files);
  await manager.check();
  assert.equal(manager.live, undefined);
  assert.match(
    told[0] ?? '',
    /trained with windows \(ms\) 300000, but the configuration says 60000 \[EXTRACTOR_MISMATCH\]/,
  );
});
