import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agentProfile } from '@edgewood/features';
import {
  activate,
  activeMetadataLink,
  beginShadow,
  endShadow,
  formatMetadata,
  loadMetadata,
  ModelError,
  type ModelRole,
  metadataFile,
  modelFile,
  parseAgentName,
  signMetadata,
  type TrustedKey,
} from '@edgewood/models';
import { createKeyPair } from '../../../models/src/testing/key-pair.ts';
import { MemoryModelFiles } from '../../../models/src/testing/memory-model-files.ts';
import { createServiceEvents } from '../events.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { addModel, FEATURES, START_MS } from '../testing/wifi-models.ts';
import { LONGEST_LOOK_MS, ModelManager } from './model-manager.ts';
import { LOAD_BACKOFF } from './reload-policy.ts';

const wifi = parseAgentName('wifi');

function setUp(settings = {}, trustedKeys: readonly TrustedKey[] = [], role: ModelRole = 'active') {
  const files = new MemoryModelFiles();
  const events = createServiceEvents();
  const clock = new ManualClock(START_MS);
  const told: string[] = [];
  let tries = 0;
  events.on('model:loaded', ({ version }) => told.push(`loaded ${version}`));
  events.on('model:dropped', ({ version }) => told.push(`dropped ${version}`));
  events.on('model:rejected', ({ reason, inUse, again }) => {
    tries += 1;
    if (!again) told.push(`rejected, ${inUse ?? 'nothing'} in use: ${reason}`);
  });
  const manager = new ModelManager({
    files,
    agent: agentProfile('wifi'),
    role,
    settings,
    trustedKeys,
    events,
    clock,
    pollIntervalMs: 2_000,
  });
  return { files, manager, told, clock, tries: () => tries };
}

const ORDINARY = { data: Float64Array.of(1, 0, 1), nSamples: 1, nFeatures: FEATURES.length };
const STORM = { data: Float64Array.of(40, 40, 40), nSamples: 1, nFeatures: FEATURES.length };

test('without a model infer gives nothing, and that is said once', async () => {
  const { manager, told, tries } = setUp();
  await manager.check();
  await manager.check();
  assert.equal(manager.infer(ORDINARY), null);
  assert.equal(tries(), 2);
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
  assert.equal(manager.infer(ORDINARY), null);
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

test('while it watches, a model that appears is loaded, and a refused one is tried again with back-off', async () => {
  const { files, manager, told, clock, tries } = setUp();
  await manager.start();
  const untilMs = START_MS + LOAD_BACKOFF.firstMs * 3;
  while (clock.nowMs() < untilMs) clock.set(await clock.asleep());
  await clock.asleep();
  assert.equal(tries(), 3); // at the start, after 5 s and 10 s more
  const version = await addModel(files);
  clock.set(await clock.asleep());
  await clock.asleep();
  await manager.stop();
  assert.deepEqual(told.slice(1), [`loaded ${version}`]);
});

test('a failure that leaves no trace in the directory is tried again for as long as it takes', async () => {
  const { files, manager, told, clock, tries } = setUp();
  const version = await addModel(files);
  files.onCall = (method) => {
    if (method === 'read') throw new ModelError('FILE_UNREADABLE', 'the network is away');
  };
  await manager.start();
  while (tries() < 100) clock.set(await clock.asleep());
  assert.match(manager.problem ?? '', /the network is away/);
  files.onCall = () => {};
  const backMs = clock.nowMs();
  while (manager.live === undefined) clock.set(await clock.asleep());
  assert.ok(clock.nowMs() - backMs <= LOAD_BACKOFF.longestMs);
  assert.equal(manager.problem, undefined);
  assert.equal(told.at(-1), `loaded ${version}`);
  await manager.stop();
});

test('a version that is switched away and back while it is loaded is the one in use soon after', async () => {
  const { files, manager, clock } = setUp();
  const older = await addModel(files);
  const newer = await addModel(files, { trainedAtMs: START_MS + 60_000, randomState: 7, activated: false });
  await manager.start();
  await activate(files, wifi, newer);
  const switched: string[] = [];
  files.onCall = async (method, name) => {
    const [from, to] = switched.length === 0 ? [newer, older] : [older, newer];
    if (method !== 'read' || name !== modelFile(wifi, from) || switched.length === 2) return;
    switched.push(to);
    await activate(files, wifi, to); // between the look and the load, and again while it is loaded
  };
  clock.set(await clock.asleep());
  await clock.asleep();
  assert.deepEqual(switched, [older, newer]);
  assert.equal(manager.live?.model.version, older);
  clock.set(await clock.asleep());
  await clock.asleep();
  assert.equal(manager.live?.model.version, newer);
  await manager.stop();
});

test('where keys are trusted, an unsigned version is refused, and the signed one stays', async () => {
  const { trusted, signing } = createKeyPair();
  const { files, manager, told } = setUp({}, [trusted]);
  const good = await addModel(files);
  const metadata = signMetadata(await loadMetadata(files, wifi, good), signing);
  await files.remove(metadataFile(wifi, good));
  await files.write(metadataFile(wifi, good), new TextEncoder().encode(formatMetadata(metadata)));
  await manager.check();
  await addModel(files, { trainedAtMs: START_MS + 60_000 });
  await manager.check();
  assert.equal(told[0], `loaded ${good}`);
  assert.match(told[1] ?? '', new RegExp(`rejected, ${good} in use: .* is not signed.*SIGNATURE_MISSING`));
});

test('a directory that does not answer is a problem, and the model in use stays', async () => {
  const { files, manager, clock } = setUp();
  const version = await addModel(files);
  await manager.check();
  const answer = Promise.withResolvers<void>();
  files.onCall = () => answer.promise;
  const checking = manager.check();
  await new Promise((resolve) => setImmediate(resolve));
  clock.set(START_MS + LONGEST_LOOK_MS + 15_000);
  assert.equal(manager.problem, 'the model directory memory has not answered for 75 s');
  await manager.look(); // does not wait for it
  assert.equal(manager.infer(ORDINARY)?.version, version);
  answer.resolve();
  await checking;
  assert.equal(manager.problem, undefined);
});

test('that there is no candidate is no problem, and one that comes is loaded beside the live version', async () => {
  const { files, manager, told } = setUp({}, [], 'shadow');
  await addModel(files);
  await manager.check();
  assert.deepEqual([manager.live, manager.problem, told], [undefined, undefined, []]);
  const candidate = await addModel(files, { trainedAtMs: START_MS + 60_000, activated: false });
  await beginShadow(files, wifi, candidate);
  await manager.check();
  assert.deepEqual(told, [`loaded ${candidate}`]);
  assert.equal(manager.live?.model.version, candidate);
});

test('of a candidate that is refused or taken out nothing stays in use', async () => {
  const { files, manager, told } = setUp({}, [], 'shadow');
  const [good, broken] = [
    await addModel(files, { activated: false }),
    await addModel(files, { trainedAtMs: START_MS + 60_000, activated: false }),
  ];
  await files.remove(modelFile(wifi, broken));
  await files.write(modelFile(wifi, broken), new Uint8Array(100));
  await beginShadow(files, wifi, good);
  await manager.check();
  await beginShadow(files, wifi, broken);
  await manager.check();
  assert.deepEqual([manager.live, manager.problem?.includes('HASH_MISMATCH')], [undefined, true]);
  assert.match(told.at(-1) ?? '', /^rejected, nothing in use: .*HASH_MISMATCH/);
  await beginShadow(files, wifi, good);
  await manager.check();
  assert.deepEqual([manager.live?.model.version, manager.problem], [good, undefined]);
  await endShadow(files, wifi);
  await manager.check();
  assert.deepEqual([manager.live, manager.problem], [undefined, undefined]);
  assert.deepEqual(
    told.filter((line) => line.startsWith('dropped')),
    [`dropped ${good}`, `dropped ${good}`],
  );
});

test('bytes that nobody foresaw do not end the service, and the old model stays', async () => {
  const { files, manager, told } = setUp();
  const good = await addModel(files);
  await manager.check();
  const other = await addModel(files, { trainedAtMs: START_MS + 60_000 });
  files.onCall = (method) => {
    if (method === 'read') throw new TypeError('a mistake of ours');
  };
  await manager.check();
  assert.equal(manager.live?.model.version, good);
  assert.equal(told.at(-1), `rejected, ${good} in use: a mistake of ours [TypeError]`);
  files.onCall = () => {};
  await manager.check();
  assert.equal(manager.live?.model.version, other);
});

test('links that were switched by hand, the model first, leave no warning behind', async () => {
  const { files, manager } = setUp();
  const older = await addModel(files);
  const newer = await addModel(files, { trainedAtMs: START_MS + 60_000 });
  await files.replaceLink(activeMetadataLink(wifi), metadataFile(wifi, older));
  await manager.check();
  assert.match(manager.live?.model.warnings.join() ?? '', /wifi_metadata_active\.json leads to .* live version is/);
  await files.replaceLink(activeMetadataLink(wifi), metadataFile(wifi, newer));
  await manager.check();
  assert.deepEqual(manager.live?.model.warnings, []);
});
