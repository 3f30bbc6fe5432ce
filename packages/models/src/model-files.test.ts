import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtemp, open, readdir, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { LocalModelFiles } from './local-model-files.ts';
import { MAX_FILE_BYTES } from './model-files.ts';
import { MemoryModelFiles } from './testing/memory-model-files.ts';
import { testModelFiles } from './testing/model-files-contract.ts';

async function localFiles(t: TestContext): Promise<LocalModelFiles> {
  const directory = await mkdtemp(join(tmpdir(), 'edgewood-models-'));
  t.after(() => rm(directory, { recursive: true }));
  return new LocalModelFiles(directory);
}

testModelFiles('a local directory', localFiles);
testModelFiles('the fake', async () => new MemoryModelFiles());

test('a link typed by hand may lead to its target by any path', async (t) => {
  const files = await localFiles(t);
  await files.write('one', new Uint8Array(1));
  const alias = await mkdtemp(join(tmpdir(), 'edgewood-alias-'));
  t.after(() => rm(alias, { recursive: true }));
  await symlink(files.location, join(alias, 'models'));
  const targets = [
    'one',
    './one',
    join(files.location, 'one'),
    join('..', basename(files.location), 'one'),
    join(alias, 'models', 'one'),
  ];
  for (const [at, target] of targets.entries()) {
    await symlink(target, join(files.location, `active${at}`));
    assert.equal((await files.identify(`active${at}`))?.target, 'one', target);
  }
  const throughAlias = new LocalModelFiles(join(alias, 'models'));
  assert.equal((await throughAlias.identify('active2'))?.target, 'one');
});

test('a link that leads out of the directory keeps its path as its target', async (t) => {
  const files = await localFiles(t);
  const outside = await localFiles(t);
  await outside.write('one', new Uint8Array(1));
  await symlink(join(outside.location, 'one'), join(files.location, 'active'));
  assert.equal((await files.identify('active'))?.target, join(outside.location, 'one'));
});

test('a circle of links leads to nothing', async (t) => {
  const files = await localFiles(t);
  await symlink('b', join(files.location, 'a'));
  await symlink('a', join(files.location, 'b'));
  assert.deepEqual(await files.identify('a'), { target: 'b', content: '', sizeBytes: 0 });
});

test('a directory that is not there is an error that names it', async () => {
  const files = new LocalModelFiles('/nonexistent/models');
  await assert.rejects(files.list(), { code: 'FILE_UNREADABLE', message: /\/nonexistent\/models/ });
  await assert.rejects(files.write('a', new Uint8Array(1)), {
    code: 'FILE_UNWRITABLE',
    message: /\/nonexistent\/models/,
  });
  await assert.rejects(files.replaceLink('a', 'b'), { code: 'FILE_UNWRITABLE' });
});

test('a directory that cannot be watched is no error, and one that is taken away neither', async (t) => {
  new LocalModelFiles('/nonexistent/models').watch(() => assert.fail('nothing is there'), new AbortController().signal);
  const directory = await mkdtemp(join(tmpdir(), 'edgewood-watched-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const [told, ending] = [Promise.withResolvers<void>(), new AbortController()];
  new LocalModelFiles(directory).watch(told.resolve, ending.signal);
  await rm(directory, { recursive: true });
  await told.promise;
  ending.abort();
});

test('a file in place of the directory is an error in every call', async (t) => {
  const parent = await localFiles(t);
  await parent.write('models', new Uint8Array(1));
  const files = new LocalModelFiles(join(parent.location, 'models'));
  await assert.rejects(files.list(), { code: 'FILE_UNREADABLE' });
  await assert.rejects(files.identify('a'), { code: 'FILE_UNREADABLE' });
  await assert.rejects(files.write('a', new Uint8Array(1)), { code: 'FILE_UNWRITABLE' });
  await assert.rejects(files.replaceLink('a', 'b'), { code: 'FILE_UNWRITABLE' });
  await assert.rejects(files.remove('a'), { code: 'FILE_UNWRITABLE' });
});

test('a named pipe is refused and not waited for', async (t) => {
  const files = await localFiles(t);
  execFileSync('mkfifo', [join(files.location, 'pipe')]);
  await assert.rejects(files.read('pipe'), { code: 'FILE_UNREADABLE', message: /not a file/ });
});

test('a file over the limit is refused before it is read', async (t) => {
  const files = await localFiles(t);
  const file = await open(join(files.location, 'huge'), 'w');
  await file.truncate(4 * 1024 ** 3);
  await file.close();
  await assert.rejects(files.read('huge'), { code: 'FILE_TOO_LARGE', message: new RegExp(String(MAX_FILE_BYTES)) });
});

test('a directory behind a name is no file', async (t) => {
  const files = await localFiles(t);
  await symlink('.', join(files.location, 'loop'));
  await assert.rejects(files.read('loop'), { code: 'FILE_UNREADABLE' });
});

test('leftovers of a write that was cut off are not listed', async (t) => {
  const files = await localFiles(t);
  await writeFile(join(files.location, '.edgewood-wifi_model_20250607_230000.joblib.1.5'), 'half');
  assert.deepEqual(await files.list(), []);
});

test('what writes left that were cut off goes after an hour, and a write under way stays', async (t) => {
  const files = await localFiles(t);
  const [old, young] = ['.edgewood-a.json.1', '.edgewood-b.json.2'];
  for (const name of [old, young]) await writeFile(join(files.location, name), 'half');
  const hoursAgo = new Date(Date.now() - 2 * 3_600_000);
  await utimes(join(files.location, old), hoursAgo, hoursAgo);
  await files.write('c.json', new Uint8Array(1));
  assert.deepEqual((await readdir(files.location)).sort(), [young, 'c.json']);
});

test('a file that is being written is never seen before it is whole', async (t) => {
  const files = await localFiles(t);
  const bytes = new Uint8Array(16 * 1024 ** 2).fill(7);
  let writing = true;
  let looks = 0;
  const written = files.write('a.joblib', bytes).finally(() => {
    writing = false;
  });
  while (writing) {
    const identity = await files.identify('a.joblib');
    if (identity !== undefined) assert.equal(identity.sizeBytes, bytes.length);
    looks += 1;
  }
  await written;
  assert.ok(looks > 3, `${looks} looks`);
});

test('a write that fails leaves nothing', async (t) => {
  const files = await localFiles(t);
  await files.write('a', new Uint8Array(1));
  await assert.rejects(files.write('a', new Uint8Array(2)));
  assert.deepEqual(await readdir(files.location), ['a']);
});

test('a file that is exchanged is for all accounts to read, whatever the umask of whoever writes it', async (t) => {
  const files = await localFiles(t);
  const before = process.umask(0o077);
  t.after(() => process.umask(before));
  await files.replaceFile('report.json', new Uint8Array(1));
  assert.equal((await stat(join(files.location, 'report.json'))).mode & 0o777, 0o644);
});
