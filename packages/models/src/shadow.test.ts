import assert from 'node:assert/strict';
import { mkdtemp, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { activate, activeVersion, checkActiveLinks } from './activation.ts';
import { activeIdentity } from './active-identity.ts';
import { listVersions } from './list-versions.ts';
import { LocalModelFiles } from './local-model-files.ts';
import type { ModelFiles } from './model-files.ts';
import { metadataFile, modelFile, parseAgentName, parseVersion } from './model-version.ts';
import { beginShadow, endShadow, shadowVersion } from './shadow.ts';
import { MemoryModelFiles } from './testing/memory-model-files.ts';

const wifi = parseAgentName('wifi');
const older = parseVersion('20250607_230000');
const newer = parseVersion('20250608_010203');
const third = parseVersion('20250609_000000');

async function filled<Files extends ModelFiles>(files: Files): Promise<Files> {
  for (const version of [older, newer, third]) {
    await files.write(modelFile(wifi, version), new Uint8Array(1));
    await files.write(metadataFile(wifi, version), new Uint8Array(1));
  }
  await activate(files, wifi, older);
  return files;
}

async function localFiles(t: TestContext): Promise<LocalModelFiles> {
  const directory = await mkdtemp(join(tmpdir(), 'edgewood-shadow-'));
  t.after(() => rm(directory, { recursive: true }));
  return filled(new LocalModelFiles(directory));
}

test('a version is put in the shadow by two links beside those of the live one, which stays live', async (t) => {
  const files = await localFiles(t);
  assert.equal(await shadowVersion(files, wifi), undefined);
  await beginShadow(files, wifi, newer);
  assert.equal(await shadowVersion(files, wifi), newer);
  assert.equal(await readlink(join(files.location, 'wifi_model_shadow.joblib')), 'wifi_model_20250608_010203.joblib');
  assert.equal(await readlink(join(files.location, 'wifi_metadata_shadow.json')), 'wifi_metadata_20250608_010203.json');
  assert.equal(await checkActiveLinks(files, wifi, 'shadow'), undefined);
  assert.equal(await activeVersion(files, wifi), older);
});

test('versions are listed with the one in the shadow', async () => {
  const files = await filled(new MemoryModelFiles());
  await beginShadow(files, wifi, newer);
  const shown = (await listVersions(files)).map(({ version, active, shadow }) => [version, active, shadow]);
  assert.deepEqual(shown, [
    [third, false, false],
    [newer, false, true],
    [older, true, false],
  ]);
});

test('a version that is live or not there is not put in the shadow, and the one there stays', async () => {
  const files = await filled(new MemoryModelFiles());
  await beginShadow(files, wifi, newer);
  await assert.rejects(beginShadow(files, wifi, older), { code: 'LIVE_ALREADY', message: /20250607_230000 is live/ });
  await assert.rejects(beginShadow(files, wifi, parseVersion('20250101_000000')), { code: 'VERSION_NOT_FOUND' });
  assert.equal(await shadowVersion(files, wifi), newer);
});

test('putting another version in the shadow leaves one of both there, at whichever step it fails', async () => {
  let steps = 0;
  for (let failed = true; failed; steps += 1) {
    const files = await filled(new MemoryModelFiles());
    await beginShadow(files, wifi, newer);
    files.failAt = files.calls + steps;
    failed = await beginShadow(files, wifi, third).then(
      () => false,
      () => true,
    );
    files.failAt = undefined;
    assert.equal(await shadowVersion(files, wifi), failed ? newer : third, `step ${steps}`);
    assert.equal(await activeVersion(files, wifi), older);
  }
  assert.equal(steps, 6);
});

test('a shadow ends for the version that is named, or for whatever is there', async () => {
  const files = await filled(new MemoryModelFiles());
  assert.equal(await endShadow(files, wifi), false);
  await beginShadow(files, wifi, newer);
  assert.equal(await endShadow(files, wifi, third), false);
  assert.equal(await shadowVersion(files, wifi), newer);
  assert.equal(await endShadow(files, wifi, newer), true);
  assert.ok(!(await files.list()).some((name) => name.includes('shadow')));
  await files.replaceLink('wifi_model_shadow.joblib', '/etc/passwd');
  await assert.rejects(shadowVersion(files, wifi), { code: 'BAD_LINK', message: /wifi_model_shadow.joblib leads to/ });
  assert.equal(await endShadow(files, wifi, newer), false);
  assert.equal(await endShadow(files, wifi), true);
  assert.equal((await files.list()).length, 8);
});

test('the version in the shadow is told where its files are gone', async () => {
  const files = await filled(new MemoryModelFiles());
  await beginShadow(files, wifi, newer);
  await files.remove(modelFile(wifi, newer));
  assert.equal(await shadowVersion(files, wifi), newer);
  assert.match(await activeIdentity(files, wifi, 'shadow'), /^DANGLING_LINK: wifi_model_shadow.joblib leads to/);
});

test('what is seen of the shadow changes with its links and not with those of the live version', async () => {
  const files = await filled(new MemoryModelFiles());
  assert.match(await activeIdentity(files, wifi, 'shadow'), /^NO_SHADOW_MODEL: no model of wifi is in the shadow/);
  await beginShadow(files, wifi, newer);
  const [shadow, live] = [await activeIdentity(files, wifi, 'shadow'), await activeIdentity(files, wifi)];
  await beginShadow(files, wifi, third);
  assert.equal(await activeIdentity(files, wifi), live);
  assert.notEqual(await activeIdentity(files, wifi, 'shadow'), shadow);
});
