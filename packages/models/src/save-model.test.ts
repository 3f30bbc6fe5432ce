import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { activeVersion } from './activation.ts';
import { listVersions } from './list-versions.ts';
import { loadModel } from './load-model.ts';
import { LocalModelFiles } from './local-model-files.ts';
import type { ModelMetadata } from './model-metadata.ts';
import { metadataFile, modelFile, parseAgentName, parseVersion } from './model-version.ts';
import { saveModel } from './save-model.ts';
import { signMetadata } from './signature.ts';
import { forestToSave } from './testing/forest-to-save.ts';
import { createKeyPair } from './testing/key-pair.ts';
import { MemoryModelFiles } from './testing/memory-model-files.ts';

const wifi = parseAgentName('wifi');
const baseline = { what: 'baseline', extension: 'json', bytes: new Uint8Array(3) };

async function localFiles(t: TestContext): Promise<LocalModelFiles> {
  const directory = await mkdtemp(join(tmpdir(), 'edgewood-save-'));
  t.after(() => rm(directory, { recursive: true }));
  return new LocalModelFiles(directory);
}

test('a model is saved under the second of its training, and is not live', async (t) => {
  const files = await localFiles(t);
  assert.equal(await saveModel(files, wifi, forestToSave({ extraFiles: [baseline] })), '20250607_230000');
  assert.deepEqual((await readdir(files.location)).sort(), [
    'wifi_baseline_20250607_230000.json',
    'wifi_metadata_20250607_230000.json',
    'wifi_model_20250607_230000.joblib',
  ]);
  await assert.rejects(activeVersion(files, wifi), { code: 'NO_ACTIVE_MODEL' });
});

test('saving fills in what identifies the version and proves the model', async () => {
  const files = new MemoryModelFiles();
  const version = await saveModel(files, wifi, forestToSave({ extraFiles: [baseline] }));
  const { metadata } = await loadModel(files, wifi, version);
  assert.equal(metadata.model_version, version);
  assert.equal(metadata.model_file, modelFile(wifi, version));
  assert.equal(metadata.agent_name, 'wifi');
  assert.equal(metadata.training_date, '2025-06-07T23:00:00.250Z');
  assert.equal(metadata.schema_version, 1);
  assert.match(metadata.model_sha256 ?? '', /^[0-9a-f]{64}$/);
  assert.deepEqual(
    metadata.probes?.map(({ decision = 0 }) => decision < 0),
    [false, true, true],
  );
  assert.equal(metadata.files?.baseline?.name, 'wifi_baseline_20250607_230000.json');
});

test('what is signed is what a reader will have, and the version is complete with it', async () => {
  const { trusted, signing } = createKeyPair();
  const files = new MemoryModelFiles();
  const { metadata } = forestToSave();
  const odd = { ...metadata, report: { zero: -0, nothing: undefined, undefinedBelow: [Number.NaN] } };
  const sign = (complete: ModelMetadata) => signMetadata(complete, signing);
  const version = await saveModel(files, wifi, forestToSave({ sign, metadata: odd, extraFiles: [baseline] }));
  const { metadata: read } = await loadModel(files, wifi, version, { trustedKeys: [trusted] });
  assert.equal((read.signature as { key_id?: string }).key_id, trusted.id);
});

test('a signature that cannot be made leaves nothing', async () => {
  const files = new MemoryModelFiles();
  const sign = () => {
    throw new Error('the token is not plugged in');
  };
  await assert.rejects(saveModel(files, wifi, forestToSave({ sign, extraFiles: [baseline] })), /not plugged in/);
  assert.deepEqual(await files.list(), []);
});

test('a model can be saved for an older scikit-learn', async () => {
  const files = new MemoryModelFiles();
  const version = await saveModel(files, wifi, forestToSave({ sklearnVersion: '1.2' }));
  assert.match((await loadModel(files, wifi, version)).sklearnVersion, /^1\.2/);
  await assert.rejects(saveModel(files, wifi, forestToSave({ sklearnVersion: '0.1' })), { code: 'UNSUPPORTED' });
  assert.equal((await files.list()).length, 2);
});

test('versions saved within one second all live, each under its own name', async (t) => {
  const files = await localFiles(t);
  const versions = await Promise.all(Array.from({ length: 8 }, () => saveModel(files, wifi, forestToSave())));
  assert.deepEqual(
    versions.toSorted(),
    Array.from({ length: 8 }, (_, second) => `20250607_23000${second}`),
  );
  for (const version of versions) await loadModel(files, wifi, version);
});

test('a second of which any file is left is not taken again', async () => {
  const files = new MemoryModelFiles();
  await files.write(metadataFile(wifi, parseVersion('20250607_230000')), new Uint8Array(1));
  await files.write('wifi_baseline_20250607_230001.json', new Uint8Array(1));
  await files.write('dns_model_20250607_230002.joblib', new Uint8Array(1));
  assert.equal(await saveModel(files, wifi, forestToSave()), '20250607_230002');
});

test('saving gives up after a minute of taken seconds', async () => {
  const files = new MemoryModelFiles();
  for (let second = 0; second < 61; second += 1) {
    const text = `2300${String(second % 60).padStart(2, '0')}`;
    const version = second < 60 ? `20250607_${text}` : '20250607_230100';
    await files.write(modelFile(wifi, parseVersion(version)), new Uint8Array(1));
  }
  await assert.rejects(saveModel(files, wifi, forestToSave()), { code: 'FILE_EXISTS', message: /within 60 s/ });
});

test('a save that fails at any step leaves nothing', async () => {
  let step = 0;
  for (let failed = true; failed; step += 1) {
    const files = new MemoryModelFiles();
    files.failAt = step;
    failed = await saveModel(files, wifi, forestToSave({ extraFiles: [baseline] })).then(
      () => false,
      () => true,
    );
    files.failAt = undefined;
    const left = await files.list();
    assert.equal(left.length, failed ? 0 : 3, `step ${step} leaves ${left}`);
  }
  assert.ok(step > 10, `${step} steps`);
});

test('a loss of power at any step leaves a version that is incomplete, or one that loads', async () => {
  let step = 0;
  for (let cut = true; cut; step += 1) {
    const files = new MemoryModelFiles();
    let calls = 0;
    files.onCall = () => {
      if (calls++ >= step) throw new Error('no power');
    };
    cut = await saveModel(files, wifi, forestToSave({ extraFiles: [baseline] })).then(
      () => false,
      () => true,
    );
    files.onCall = () => undefined;
    for (const { version, complete } of await listVersions(files, wifi)) {
      if (complete) await loadModel(files, wifi, version);
    }
  }
});

test('metadata that does not fit the forest is not saved', async () => {
  const files = new MemoryModelFiles();
  const { metadata } = forestToSave();
  const wrong: [object, string][] = [
    [{ features_used: ['log_count'] }, 'FEATURES_MISMATCH'],
    [{ features_used: [] }, 'BAD_METADATA'],
    [{ training_log_count: -1 }, 'BAD_METADATA'],
  ];
  for (const [change, code] of wrong) {
    await assert.rejects(saveModel(files, wifi, forestToSave({ metadata: { ...metadata, ...change } })), { code });
  }
  assert.deepEqual(await files.list(), []);
});

test('what is written otherwise than it was given is noticed and removed', async () => {
  const files = new MemoryModelFiles();
  const write = files.write.bind(files);
  files.write = (name, bytes) => write(name, name.endsWith('.joblib') ? bytes.slice(0, -1) : bytes);
  await assert.rejects(saveModel(files, wifi, forestToSave()), { code: 'HASH_MISMATCH' });
  assert.deepEqual(await files.list(), []);
});

test('a failure to save does not touch the files of others', async () => {
  const files = new MemoryModelFiles();
  const first = await saveModel(files, wifi, forestToSave());
  files.onCall = (method, name) => {
    if (method === 'write' && name.includes('metadata')) throw new Error('no space');
  };
  await assert.rejects(saveModel(files, wifi, forestToSave()), /no space/);
  files.onCall = () => undefined;
  assert.deepEqual(await files.list(), [metadataFile(wifi, first), modelFile(wifi, first)]);
  await loadModel(files, wifi, first);
});

test('where no directory is, saving says so', async (t) => {
  const files = await localFiles(t);
  await writeFile(join(files.location, 'models'), 'a file in its place');
  const missing = new LocalModelFiles(join(files.location, 'models'));
  await assert.rejects(saveModel(missing, wifi, forestToSave()), { code: 'FILE_UNREADABLE', message: /models/ });
});
