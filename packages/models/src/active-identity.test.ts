import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, open, readFile, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { activate } from './activation.ts';
import { activeContent, activeIdentity } from './active-identity.ts';
import { loadActiveModel } from './load-model.ts';
import { LocalModelFiles } from './local-model-files.ts';
import type { ModelFiles } from './model-files.ts';
import { extraFile, metadataFile, modelFile, parseAgentName, parseVersion } from './model-version.ts';
import { saveModel } from './save-model.ts';
import { forestToSave } from './testing/forest-to-save.ts';
import { MemoryModelFiles } from './testing/memory-model-files.ts';

const wifi = parseAgentName('wifi');
const older = parseVersion('20250607_230000');
const newer = parseVersion('20250608_010203');
const baseline = extraFile(wifi, 'baseline', newer, 'json');

async function addVersions(files: ModelFiles): Promise<void> {
  for (const version of [older, newer]) {
    await files.write(modelFile(wifi, version), new TextEncoder().encode(version));
    await files.write(metadataFile(wifi, version), new TextEncoder().encode(version));
  }
}

async function localVersions(t: TestContext): Promise<LocalModelFiles> {
  const directory = await mkdtemp(join(tmpdir(), 'edgewood-identity-'));
  t.after(() => rm(directory, { recursive: true }));
  const files = new LocalModelFiles(directory);
  await addVersions(files);
  await activate(files, wifi, older);
  return files;
}

/** Makes each change and sees that the identity is another afterwards, and stays that. */
async function seesEach(files: ModelFiles, changes: Readonly<Record<string, () => Promise<unknown>>>): Promise<void> {
  let before = await activeIdentity(files, wifi);
  for (const [change, make] of Object.entries(changes)) {
    await make();
    const after = await activeIdentity(files, wifi);
    assert.notEqual(after, before, change);
    assert.equal(await activeIdentity(files, wifi), after, change);
    before = after;
  }
}

test('the identity changes with all that loading depends on', async () => {
  const files = new MemoryModelFiles();
  await seesEach(files, {
    'a model is activated': () => addVersions(files).then(() => activate(files, wifi, older)),
    'another version is activated': () => activate(files, wifi, newer),
    'a further file comes': () => files.write(baseline, new Uint8Array(1)),
    'a further file goes': () => files.remove(baseline),
    'the metadata goes': () => files.remove(metadataFile(wifi, newer)),
    'other metadata comes': () => files.write(metadataFile(wifi, newer), new Uint8Array(1)),
    'the model goes': () => files.remove(modelFile(wifi, newer)),
    'another model comes': () => files.write(modelFile(wifi, newer), new Uint8Array(1)),
    'the link leads elsewhere': () => files.replaceLink('wifi_model_active.joblib', 'elsewhere'),
    'the link goes': () => files.remove('wifi_model_active.joblib'),
  });
});

test('the identity does not change with what does not matter for the live version', async () => {
  const files = new MemoryModelFiles();
  await addVersions(files);
  await activate(files, wifi, newer);
  const identity = await activeIdentity(files, wifi);
  await files.write('dns_model_20250608_010203.joblib', new Uint8Array(1));
  await files.remove(modelFile(wifi, older));
  await activate(files, wifi, newer);
  assert.equal(await activeIdentity(files, wifi), identity);
});

test('on a disk the identity changes with links, permissions, and files however they are replaced', async (t) => {
  const files = await localVersions(t);
  const path = (name: string) => join(files.location, name);
  const model = path(modelFile(wifi, older));
  const then = new Date('2025-06-07T23:00:00Z');
  await utimes(model, then, then);
  await seesEach(files, {
    'written in place, same size and time': async () => {
      const { size } = await stat(model);
      await writeFile(model, Buffer.alloc(size, 1));
      await utimes(model, then, then);
      assert.deepEqual([(await stat(model)).size, (await stat(model)).mtimeMs], [size, then.getTime()]);
    },
    'another file renamed over it, same size and time': async () => {
      await writeFile(path('.copy'), Buffer.alloc((await stat(model)).size, 2));
      await utimes(path('.copy'), then, then);
      await rename(path('.copy'), model);
    },
    'permission taken': () => chmod(model, 0),
    'permission given': () => chmod(model, 0o644),
    'deleted while it is live': () => rm(model),
    'back again': () => writeFile(model, 'back'),
    'replaced by a link': () => rm(model).then(() => symlink(modelFile(wifi, newer), model)),
    'the active link by hand': async () =>
      execFileSync('ln', ['-snf', modelFile(wifi, newer), 'wifi_model_active.joblib'], { cwd: files.location }),
    'a dangling link by hand': async () =>
      execFileSync('ln', ['-snf', 'wifi_model_20250101_000000.joblib', 'wifi_model_active.joblib'], {
        cwd: files.location,
      }),
  });
});

test('a directory that is swapped by renaming is seen, and so is the moment without one', async (t) => {
  const files = await localVersions(t);
  await activate(files, wifi, newer);
  const parent = await mkdtemp(join(tmpdir(), 'edgewood-swap-'));
  t.after(() => rm(parent, { recursive: true }));
  for (const name of ['models', 'new']) {
    execFileSync('cp', ['-a', files.location, join(parent, name)]);
  }
  const swapped = new LocalModelFiles(join(parent, 'models'));
  await seesEach(swapped, {
    'mv models old': () => rename(join(parent, 'models'), join(parent, 'old')),
    'mv new models': () => rename(join(parent, 'new'), join(parent, 'models')),
    'mv models new; mv old models': async () => {
      await rename(join(parent, 'models'), join(parent, 'new'));
      await rename(join(parent, 'old'), join(parent, 'models'));
    },
  });
});

test('the content is that of the bytes, and a loaded model tells the same of the bytes that it was loaded from', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'edgewood-content-'));
  t.after(() => rm(directory, { recursive: true }));
  const files = new LocalModelFiles(directory);
  await activate(files, wifi, await saveModel(files, wifi, forestToSave()));
  const { content } = await loadActiveModel(files, wifi);
  assert.match(content, /^[0-9a-f]{64} [0-9a-f]{64}$/);
  assert.equal(await activeContent(files, wifi), content);
  for (const name of [modelFile(wifi, older), metadataFile(wifi, older)]) {
    const path = join(directory, name);
    const bytes = await readFile(path);
    await writeFile(path, Buffer.concat([bytes, Buffer.from(' ')]));
    assert.notEqual(await activeContent(files, wifi), content, name);
    await writeFile(path, bytes);
    assert.equal(await activeContent(files, wifi), content, name);
  }
});

test('a model of 4 GB is neither read nor loaded: that takes no time and no memory', async (t) => {
  const files = await localVersions(t);
  const file = await open(join(files.location, modelFile(wifi, older)), 'w');
  await file.truncate(4 * 1024 ** 3);
  await file.close();
  const startMs = performance.now();
  const startBytes = process.memoryUsage().rss;
  await activeIdentity(files, wifi);
  await assert.rejects(activeContent(files, wifi), { code: 'FILE_TOO_LARGE', message: /has 4294967296 bytes/ });
  assert.ok(performance.now() - startMs < 2_000);
  assert.ok(process.memoryUsage().rss - startBytes < 64 * 1024 ** 2);
});
