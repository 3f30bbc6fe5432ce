import assert from 'node:assert/strict';
import { test } from 'node:test';
import { activate, activeVersion } from './activation.ts';
import { metadataFile, modelFile, parseAgentName, versionOf } from './model-version.ts';
import { rollBack, versionBefore } from './rollback.ts';
import { MemoryModelFiles } from './testing/memory-model-files.ts';

const wifi = parseAgentName('wifi');
const version = (n: number) => versionOf(n * 1000);

async function directoryOf(numbers: readonly number[]): Promise<MemoryModelFiles> {
  const files = new MemoryModelFiles();
  for (const number of numbers) {
    await files.write(modelFile(wifi, version(number)), new Uint8Array(1));
    await files.write(metadataFile(wifi, version(number)), new Uint8Array(1));
  }
  return files;
}

test('a rollback returns to the newest version that is older than the live one', async () => {
  const files = await directoryOf([1, 2, 3, 4]);
  await activate(files, wifi, version(3));
  assert.equal(await rollBack(files, wifi), version(2));
  assert.equal(await activeVersion(files, wifi), version(2));
});

test('a rollback skips versions that are incomplete', async () => {
  const files = await directoryOf([1, 2, 3]);
  await activate(files, wifi, version(3));
  await files.remove(modelFile(wifi, version(2)));
  assert.equal(await rollBack(files, wifi), version(1));
});

test('a rollback from a version whose file is gone returns to the one before it', async () => {
  const files = await directoryOf([1, 2, 3]);
  await activate(files, wifi, version(2));
  await files.remove(modelFile(wifi, version(2)));
  assert.equal(await rollBack(files, wifi), version(1));
});

test('the oldest version has nothing to roll back to and stays live', async () => {
  const files = await directoryOf([1, 2]);
  await activate(files, wifi, version(1));
  await assert.rejects(rollBack(files, wifi), { code: 'VERSION_NOT_FOUND', message: /older than 19700101_000001/ });
  assert.equal(await activeVersion(files, wifi), version(1));
});

test('without a live version there is nothing to roll back from', async () => {
  await assert.rejects(versionBefore(await directoryOf([1]), wifi), { code: 'NO_ACTIVE_MODEL' });
});
