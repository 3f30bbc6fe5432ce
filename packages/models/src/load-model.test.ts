import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ForestError, IsolationForest, writeSklearnForest } from '@edgewood/isolation-forest';
import { activate } from './activation.ts';
import { loadMetadata } from './load-metadata.ts';
import { loadActiveModel, loadModel, MAX_EXTRA_FILE_BYTES, trainedWith } from './load-model.ts';
import { LocalModelFiles } from './local-model-files.ts';
import type { ModelFiles } from './model-files.ts';
import { formatMetadata, MAX_EXTRA_FILES, type ModelMetadata } from './model-metadata.ts';
import { extraFile, metadataFile, modelFile, parseAgentName, parseVersion } from './model-version.ts';
import { type ModelToSave, saveModel } from './save-model.ts';
import { signMetadata } from './signature.ts';
import { forestToSave } from './testing/forest-to-save.ts';
import { createKeyPair } from './testing/key-pair.ts';
import { MemoryModelFiles } from './testing/memory-model-files.ts';
import { metadataOf } from './testing/python-metadata.ts';

const wifi = parseAgentName('wifi');
const version = parseVersion('20250607_230000');
const newer = parseVersion('20250608_010203');
const ODD = [90, 1, 40];

async function saved(changes: Partial<ModelToSave> = {}): Promise<MemoryModelFiles> {
  const files = new MemoryModelFiles();
  await saveModel(files, wifi, forestToSave(changes));
  return files;
}

/** Puts other bytes under a name, as somebody with an editor would. */
async function overwrite(files: ModelFiles, name: string, bytes: Uint8Array): Promise<void> {
  await files.remove(name);
  await files.write(name, bytes);
}

async function changeMetadata(files: ModelFiles, changes: Partial<ModelMetadata>): Promise<void> {
  const metadata = { ...(await loadMetadata(files, wifi, version)), ...changes };
  await overwrite(files, metadataFile(wifi, version), new TextEncoder().encode(formatMetadata(metadata)));
}

/** A version as a Python script leaves it: the model, and metadata of nine fields. */
async function pythonVersion(changes: Partial<ModelMetadata> = {}): Promise<MemoryModelFiles> {
  const files = new MemoryModelFiles();
  const { forest } = forestToSave();
  const metadata = { ...metadataOf(wifi, version), ...changes };
  metadata.hyperparameters = { ...metadata.hyperparameters, n_estimators: forest.estimators.length };
  await files.write(modelFile(wifi, version), writeSklearnForest(forest, { sklearnVersion: '1.3' }));
  await files.write(metadataFile(wifi, version), new TextEncoder().encode(formatMetadata(metadata)));
  return files;
}

test('what was saved is loaded, and scores bit for bit the same', async () => {
  const { forest: state } = forestToSave();
  const model = await loadModel(await saved(), wifi, version);
  const original = IsolationForest.fromState(state);
  const rows = [ODD, [1, 0.1, 1], [3, 0.4, 2]];
  assert.deepEqual(model.forest.scoreSamples(rows), original.scoreSamples(rows));
  assert.deepEqual(model.forest.decisionFunction(rows), original.decisionFunction(rows));
  assert.deepEqual(model.warnings, []);
  assert.equal(model.metadata.probes?.length, 3);
  assert.deepEqual(trainedWith(model), {
    model: 'wifi 20250607_230000',
    features: ['log_count', 'error_ratio', 'distinct_devices'],
    programs: undefined,
    windowMs: 300_000,
    groupBy: 'device',
    fingerprint: 'a'.repeat(64),
  });
});

test("metadata of the specification's nine fields loads, and says what could not be checked", async () => {
  const model = await loadModel(await pythonVersion(), wifi, version);
  assert.deepEqual(model.warnings, [
    'the metadata of wifi_model_20250607_230000.joblib lacks model_sha256, feature_fingerprint, window_seconds, group_by, probes: not checked',
  ]);
  assert.match(model.sklearnVersion, /^1\.3/);
  assert.equal(model.forest.predict([ODD])[0], -1);
});

test('metadata that is odd but harmless loads with a warning', async () => {
  const files = await pythonVersion({ model_file: 'models/wifi_model_20250607_230000.joblib' });
  assert.equal((await loadModel(files, wifi, version)).warnings.length, 1);
  const misnamed = await pythonVersion({ model_file: 'wifi.joblib' });
  assert.match((await loadModel(misnamed, wifi, version)).warnings.join(), /says that the file is called wifi\.joblib/);
  const other = await saved();
  await changeMetadata(other, { hyperparameters: { ...forestToSave().metadata.hyperparameters, n_estimators: 99 } });
  assert.match((await loadModel(other, wifi, version)).warnings.join(), /has 10 trees; its metadata says 99/);
});

test('a version that lacks a file is not loaded, and the file is named', async () => {
  for (const name of [modelFile(wifi, version), metadataFile(wifi, version)]) {
    const files = await saved();
    await files.remove(name);
    const expected = { code: 'VERSION_NOT_FOUND', message: `wifi ${version} is incomplete: no ${name} in memory` };
    await assert.rejects(loadModel(files, wifi, version), expected);
  }
});

test('a model with a changed, missing or further byte is never loaded', async () => {
  const files = await saved();
  const name = modelFile(wifi, version);
  const bytes = await files.read(name);
  for (let at = 0; at < bytes.length; at += Math.ceil(bytes.length / 50)) {
    const damaged = bytes.slice();
    damaged[at] = (damaged[at] ?? 0) ^ 1;
    await overwrite(files, name, damaged);
    await assert.rejects(loadModel(files, wifi, version), { code: 'HASH_MISMATCH' }, `byte ${at} changed`);
    await overwrite(files, name, bytes.slice(0, at));
    await assert.rejects(loadModel(files, wifi, version), { code: 'HASH_MISMATCH' }, `cut off at ${at}`);
  }
  await overwrite(files, name, Uint8Array.of(...bytes, 0));
  await assert.rejects(loadModel(files, wifi, version), { code: 'HASH_MISMATCH' });
});

test('without a hash, half a model is refused by what is in it', async () => {
  const files = await pythonVersion();
  const name = modelFile(wifi, version);
  const bytes = await files.read(name);
  const isModelFileError = (error: Error & { code?: string }) =>
    error.code === 'BAD_MODEL_FILE' && error.message.startsWith(name) && error.cause instanceof ForestError;
  for (const length of [0, 1, 100, bytes.length >> 1, bytes.length - 1]) {
    await overwrite(files, name, bytes.slice(0, length));
    await assert.rejects(loadModel(files, wifi, version), isModelFileError, `${length} bytes`);
  }
  await overwrite(files, name, new TextEncoder().encode('not a model at all'));
  await assert.rejects(loadModel(files, wifi, version), isModelFileError);
});

test("another version's metadata does not vouch for a model", async () => {
  const files = await saved();
  await changeMetadata(files, { model_version: newer });
  await assert.rejects(loadModel(files, wifi, version), { code: 'BAD_METADATA', message: /describes wifi 20250608/ });
});

test('the features of the metadata must be those of the model, by number and by name', async () => {
  const files = await saved();
  await changeMetadata(files, { features_used: ['log_count', 'error_ratio'] });
  await assert.rejects(loadModel(files, wifi, version), { code: 'FEATURES_MISMATCH', message: /takes 3.*names 2/ });
  const featureNamesIn = ['log_count', 'error_ratio', 'distinct_devices'];
  const named = await saved({ forest: { ...forestToSave().forest, featureNamesIn } });
  assert.deepEqual((await loadModel(named, wifi, version)).forest.featureNamesIn, featureNamesIn);
  await changeMetadata(named, { features_used: ['error_ratio', 'log_count', 'distinct_devices'] });
  await assert.rejects(loadModel(named, wifi, version), {
    code: 'FEATURES_MISMATCH',
    message: /was fitted on log_count/,
  });
});

test('a model that scores a probe otherwise than in training is not loaded', async () => {
  const { probes = [] } = await loadMetadata(await saved(), wifi, version);
  const [probe] = probes;
  assert.ok(probe?.decision !== undefined);
  const wrong = [
    { ...probe, score: probe.score + 1e-9 },
    { ...probe, decision: -probe.decision },
  ];
  for (const changed of wrong) {
    const files = await saved();
    await changeMetadata(files, { probes: [...probes.slice(1), changed] });
    await assert.rejects(loadModel(files, wifi, version), { code: 'PROBE_MISMATCH', message: /probe 2/ });
  }
});

test('a score within rounding of what it was is accepted', async () => {
  const { probes = [] } = await loadMetadata(await saved(), wifi, version);
  const files = await saved();
  await changeMetadata(files, { probes: probes.map((probe) => ({ ...probe, score: probe.score + 5e-13 })) });
  assert.deepEqual((await loadModel(files, wifi, version)).warnings, []);
});

test('probes that are no vectors of the model are an error of the metadata', async () => {
  for (const vector of [[1, 2], [1, 2, 3, 4], []]) {
    const files = await saved();
    await changeMetadata(files, { probes: [{ vector, score: -0.5 }] });
    await assert.rejects(loadModel(files, wifi, version), { code: 'BAD_METADATA' }, JSON.stringify(vector));
  }
});

test('further files of a version are read with it, each with the right hash', async () => {
  const bytes = new TextEncoder().encode('{"hours":[]}');
  const files = await saved({ extraFiles: [{ what: 'baseline', extension: 'json', bytes }] });
  const model = await loadModel(files, wifi, version);
  assert.deepEqual(new Map(model.extraFiles), new Map([['baseline', bytes]]));
  const name = extraFile(wifi, 'baseline', version, 'json');
  await overwrite(files, name, new Uint8Array(1));
  await assert.rejects(loadModel(files, wifi, version), { code: 'HASH_MISMATCH', message: /wifi_baseline_/ });
  await files.remove(name);
  await assert.rejects(loadModel(files, wifi, version), { code: 'VERSION_NOT_FOUND', message: /no wifi_baseline_/ });
});

test('metadata cannot make a file of another version, or outside, one of its own', async () => {
  for (const name of ['wifi_baseline_20250608_010203.json', '../secret', 'wifi_model_20250607_230000.joblib']) {
    const files = await saved();
    await changeMetadata(files, { files: { baseline: { name, sha256: 'a'.repeat(64) } } });
    await assert.rejects(loadModel(files, wifi, version), { code: 'BAD_METADATA', message: /no further file/ }, name);
  }
});

test('a version has few further files, and none of them is large', async () => {
  const extraFiles = Array.from({ length: MAX_EXTRA_FILES + 1 }, (_, at) => ({
    what: `part${at}`,
    extension: 'json',
    bytes: new Uint8Array(1),
  }));
  await saved({ extraFiles: extraFiles.slice(1) });
  await assert.rejects(saved({ extraFiles }), { code: 'BAD_METADATA', message: /expected at most 8/ });
  const large = { what: 'baseline', extension: 'json', bytes: new Uint8Array(MAX_EXTRA_FILE_BYTES + 1) };
  await assert.rejects(saved({ extraFiles: [large] }), { code: 'FILE_TOO_LARGE', message: /wifi_baseline_/ });
});

test('where keys are trusted, only a model that one of them signed is loaded, by its version or as the live one', async () => {
  const [older, newer, stranger] = [createKeyPair(), createKeyPair(), createKeyPair()];
  const trustedKeys = [older.trusted, newer.trusted];
  const cases: [ModelToSave['sign'], string | undefined][] = [
    [(metadata) => signMetadata(metadata, older.signing), undefined],
    [(metadata) => signMetadata(metadata, newer.signing), undefined],
    [(metadata) => signMetadata(metadata, stranger.signing), 'SIGNATURE_WRONG'],
    [(metadata) => ({ ...signMetadata(metadata, older.signing), training_log_count: 1 }), 'SIGNATURE_WRONG'],
    [undefined, 'SIGNATURE_MISSING'],
  ];
  for (const [at, [sign, code]] of cases.entries()) {
    const files = await saved({ sign });
    await activate(files, wifi, version);
    for (const load of [
      () => loadModel(files, wifi, version, { trustedKeys }),
      () => loadActiveModel(files, wifi, { trustedKeys }),
    ]) {
      if (code === undefined) await load();
      else await assert.rejects(load(), { code }, `case ${at}`);
    }
    await loadActiveModel(files, wifi, { trustedKeys: [] });
    await loadActiveModel(files, wifi);
  }
});

test('a model that is not signed by a trusted key is refused before its file is read', async () => {
  const files = await saved();
  const read: string[] = [];
  files.onCall = (method, name) => {
    if (method === 'read') read.push(name);
  };
  const trustedKeys = [createKeyPair().trusted];
  await assert.rejects(loadModel(files, wifi, version, { trustedKeys }), { code: 'SIGNATURE_MISSING' });
  assert.deepEqual(read, [metadataFile(wifi, version)]);
});

test('a signature binds the model and every further file', async () => {
  const { trusted, signing } = createKeyPair();
  const sign: ModelToSave['sign'] = (metadata) => signMetadata(metadata, signing);
  const baseline = { what: 'baseline', extension: 'json', bytes: new Uint8Array(3) };
  for (const name of [modelFile(wifi, version), extraFile(wifi, 'baseline', version, 'json')]) {
    const files = await saved({ sign, extraFiles: [baseline] });
    await loadModel(files, wifi, version, { trustedKeys: [trusted] });
    await overwrite(files, name, new Uint8Array(2));
    await assert.rejects(loadModel(files, wifi, version, { trustedKeys: [trusted] }), { code: 'HASH_MISMATCH' }, name);
  }
});

test('the live version is loaded, and links that disagree are a warning', async () => {
  const files = await saved();
  await assert.rejects(loadActiveModel(files, wifi), { code: 'NO_ACTIVE_MODEL' });
  await activate(files, wifi, version);
  assert.deepEqual((await loadActiveModel(files, wifi)).warnings, []);
  await files.replaceLink('wifi_metadata_active.json', metadataFile(wifi, newer));
  const { version: loaded, warnings } = await loadActiveModel(files, wifi);
  assert.equal(loaded, version);
  assert.match(warnings.join(), /leads to wifi_metadata_20250608_010203.json, but the live version is 20250607_230000/);
});

test('a model and metadata that were copied to the active names are loaded, with a warning', async () => {
  const files = await saved();
  await files.write('wifi_model_active.joblib', await files.read(modelFile(wifi, version)));
  await files.write('wifi_metadata_active.json', await files.read(metadataFile(wifi, version)));
  await files.remove(modelFile(wifi, version));
  await files.remove(metadataFile(wifi, version));
  const model = await loadActiveModel(files, wifi);
  assert.equal(model.version, version);
  assert.match(model.warnings.join(), /wifi_model_active.joblib is a file, not a link/);
  await overwrite(files, 'wifi_model_active.joblib', new Uint8Array(1));
  await assert.rejects(loadActiveModel(files, wifi), { code: 'HASH_MISMATCH' });
});

test('whoever loads beside 300 activations gets one whole version or the other', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'edgewood-load-'));
  t.after(() => rm(directory, { recursive: true }));
  const files = new LocalModelFiles(directory);
  const older = await saveModel(files, wifi, forestToSave());
  const later = await saveModel(files, wifi, forestToSave({ trainedAtMs: Date.parse('2025-06-08T01:02:03Z') }));
  await activate(files, wifi, older);
  let switching = true;
  const loaded = new Map<string, number>();
  const reader = (async () => {
    while (switching) {
      const model = await loadActiveModel(files, wifi);
      assert.equal(model.metadata.model_version, model.version);
      loaded.set(model.version, (loaded.get(model.version) ?? 0) + 1);
    }
  })();
  for (let turn = 0; turn < 300; turn += 1) await activate(files, wifi, turn % 2 === 0 ? later : older);
  switching = false;
  await reader;
  assert.deepEqual([...loaded.keys()].sort(), [older, later]);
});
