import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, readlink, rename, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { activate, activeFiles, activeVersion, checkActiveLinks } from './activation.ts';
import { ModelError } from './errors.ts';
import { LocalModelFiles } from './local-model-files.ts';
import type { ModelFiles } from './model-files.ts';
import { metadataFile, modelFile, parseAgentName, parseVersion } from './model-version.ts';
import { MemoryModelFiles } from './testing/memory-model-files.ts';
import { metadataOf } from './testing/python-metadata.ts';

const wifi = parseAgentName('wifi');
const older = parseVersion('20250607_230000');
const newer = parseVersion('20250608_010203');

async function addVersions(files: ModelFiles): Promise<void> {
  for (const version of [older, newer]) {
    await files.write(modelFile(wifi, version), new TextEncoder().encode(version));
    await files.write(metadataFile(wifi, version), new TextEncoder().encode(version));
  }
}

async function localVersions(t: TestContext): Promise<LocalModelFiles> {
  const directory = await mkdtemp(join(tmpdir(), 'edgewood-activation-'));
  t.after(() => rm(directory, { recursive: true }));
  const files = new LocalModelFiles(directory);
  await addVersions(files);
  return files;
}

test('a version that is activated is live, and both links lead to it', async (t) => {
  const files = await localVersions(t);
  await activate(files, wifi, older);
  assert.equal(await activeVersion(files, wifi), older);
  assert.equal(await readlink(join(files.location, 'wifi_model_active.joblib')), 'wifi_model_20250607_230000.joblib');
  assert.equal(await readlink(join(files.location, 'wifi_metadata_active.json')), 'wifi_metadata_20250607_230000.json');
  assert.equal(await checkActiveLinks(files, wifi), undefined);
});

test('a version that is not there cannot be activated, and the live one stays', async () => {
  const files = new MemoryModelFiles();
  await addVersions(files);
  await activate(files, wifi, older);
  await assert.rejects(activate(files, wifi, parseVersion('20250101_000000')), { code: 'VERSION_NOT_FOUND' });
  await files.remove(metadataFile(wifi, newer));
  await assert.rejects(activate(files, wifi, newer), {
    code: 'VERSION_NOT_FOUND',
    message: /no wifi_metadata_20250608/,
  });
  assert.equal(await activeVersion(files, wifi), older);
});

test('an activation that fails at any step leaves the version of before live', async () => {
  let step = 0;
  for (let failed = true; failed; step += 1) {
    const files = new MemoryModelFiles();
    await addVersions(files);
    await activate(files, wifi, older);
    files.failAt = files.calls + step;
    failed = await activate(files, wifi, newer).then(
      () => false,
      () => true,
    );
    files.failAt = undefined;
    assert.equal(await activeVersion(files, wifi), failed ? older : newer, `step ${step}`);
  }
  assert.equal(step, 5);
});

test('a metadata link that is not in step is told, and the model link wins', async () => {
  const files = new MemoryModelFiles();
  await addVersions(files);
  await activate(files, wifi, older);
  await files.replaceLink('wifi_metadata_active.json', metadataFile(wifi, newer));
  assert.equal(await activeVersion(files, wifi), older);
  assert.match(
    (await checkActiveLinks(files, wifi)) ?? '',
    /leads to wifi_metadata_20250608.*live version is 20250607/,
  );
  await files.remove('wifi_metadata_active.json');
  assert.match((await checkActiveLinks(files, wifi)) ?? '', /wifi_metadata_active.json is missing/);
  await files.write('wifi_metadata_active.json', new Uint8Array(1));
  assert.match((await checkActiveLinks(files, wifi)) ?? '', /it is a file, but the live version is 20250607/);
});

test("the specification's ln -snf commands make a version live, in either order and from any directory", async (t) => {
  const files = await localVersions(t);
  const model = ['ln', '-snf', 'wifi_model_20250607_230000.joblib', 'wifi_model_active.joblib'];
  const metadata = ['ln', '-snf', 'wifi_metadata_20250607_230000.json', 'wifi_metadata_active.json'];
  for (const commands of [
    [model, metadata],
    [metadata, model],
  ]) {
    await activate(files, wifi, newer);
    for (const [command = '', ...args] of commands) execFileSync(command, args, { cwd: files.location });
    assert.equal(await activeVersion(files, wifi), older);
    assert.equal(await checkActiveLinks(files, wifi), undefined);
  }
  await activate(files, wifi, newer);
  const [target = '', link = ''] = [model[2], model[3]].map((name) => join(files.location, name ?? ''));
  execFileSync('ln', ['-snf', target, link]);
  assert.equal(await activeVersion(files, wifi), older);
});

test('the ways in which no version is live are told apart', async (t) => {
  const files = await localVersions(t);
  await assert.rejects(activeVersion(files, wifi), { code: 'NO_ACTIVE_MODEL' });
  await files.replaceLink('wifi_model_active.joblib', 'wifi_model_20250101_000000.joblib');
  await assert.rejects(activeVersion(files, wifi), { code: 'DANGLING_LINK', message: /20250101/ });
  for (const target of [
    'dns_model_20250607_230000.joblib',
    'wifi_metadata_20250607_230000.json',
    'wifi_model_20250607_230000.pkl',
    '/etc/passwd',
    'x',
  ]) {
    await files.replaceLink('wifi_model_active.joblib', target);
    await assert.rejects(activeVersion(files, wifi), { code: 'BAD_LINK' }, target);
  }
});

test('a directory that is taken away between two calls is an error that is told', async (t) => {
  const files = await localVersions(t);
  await rm(join(files.location, 'wifi_model_active.joblib'), { force: true });
  await symlink(join(files.location, modelFile(wifi, older)), join(files.location, 'wifi_model_active.joblib'));
  let looking = true;
  const mover = (async () => {
    for (let turn = 0; turn < 300; turn += 1) {
      await rename(files.location, `${files.location}-away`);
      await rename(`${files.location}-away`, files.location);
    }
    looking = false;
  })();
  let looks = 0;
  for (; looking; looks += 1) {
    await activeVersion(files, wifi).catch((error: unknown) => assert.ok(error instanceof ModelError, String(error)));
  }
  await mover;
  assert.ok(looks > 10, `${looks} looks`);
});

test('a link to a model of the right name in another directory is refused', async (t) => {
  const [files, elsewhere] = [await localVersions(t), await localVersions(t)];
  const target = join(elsewhere.location, modelFile(wifi, older));
  await files.replaceLink('wifi_model_active.joblib', target);
  await assert.rejects(activeVersion(files, wifi), { code: 'BAD_LINK', message: /leads to '\/.*it must lead to/ });
});

test('a copied model is of the version that the metadata beside it tells', async (t) => {
  const files = await localVersions(t);
  await files.write('wifi_model_active.joblib', new Uint8Array(1));
  await assert.rejects(activeVersion(files, wifi), { code: 'BAD_LINK', message: /no wifi_metadata_active.json says/ });
  const tell = async (fields: object) => {
    await files.remove('wifi_metadata_active.json');
    await files.write('wifi_metadata_active.json', new TextEncoder().encode(JSON.stringify(fields)));
  };
  await tell(metadataOf(wifi, newer));
  assert.deepEqual(await activeFiles(files, wifi), {
    version: newer,
    modelName: 'wifi_model_active.joblib',
    metadataName: 'wifi_metadata_active.json',
    by: 'copy',
  });
  assert.match((await checkActiveLinks(files, wifi)) ?? '', /is a file, not a link/);
  for (const wrong of [{ agent_name: 'dns' }, { model_version: 'v2' }, { model_version: 2 }]) {
    await tell({ ...metadataOf(wifi, newer), ...wrong });
    await assert.rejects(activeVersion(files, wifi), { code: 'BAD_METADATA' }, JSON.stringify(wrong));
  }
  await activate(files, wifi, older);
  assert.equal(await activeVersion(files, wifi), older);
  assert.equal(await checkActiveLinks(files, wifi), undefined);
});

test('a reader beside 2,000 activations finds a whole version every time', async (t) => {
  const files = await localVersions(t);
  await activate(files, wifi, older);
  let switching = true;
  let reads = 0;
  const reader = (async () => {
    while (switching) {
      const version = await activeVersion(files, wifi);
      const model = new TextDecoder().decode(await files.read(modelFile(wifi, version)));
      const metadata = new TextDecoder().decode(await files.read(metadataFile(wifi, version)));
      assert.equal(model, version);
      assert.equal(metadata, version);
      reads += 1;
    }
  })();
  for (let turn = 0; turn < 2000; turn += 1) await activate(files, wifi, turn % 2 === 0 ? newer : older);
  switching = false;
  await reader;
  assert.ok(reads > 10, `${reads} reads`);
});
