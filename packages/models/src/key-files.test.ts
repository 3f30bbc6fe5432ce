import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createKeyFiles, MAX_KEY_FILE_BYTES, readKeyFile, readSigningKey } from './key-files.ts';
import { parseTrustedKeys } from './signing-keys.ts';
import { createKeyPair } from './testing/key-pair.ts';

function emptyFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'edgewood-key-files-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

test('a new key is two files of the same key, and the private one is for its owner alone', async (t) => {
  const path = join(emptyFolder(t), 'training');
  const { id } = await createKeyFiles(path);
  assert.equal((await readSigningKey(path)).id, id);
  assert.deepEqual(
    parseTrustedKeys(readFileSync(`${path}.pub`, 'utf8'), 'k').map((key) => key.id),
    [id],
  );
  assert.deepEqual([modeOf(path), modeOf(`${path}.pub`)], ['600', '644']);
});

test('nothing is ever overwritten: neither half, nor what a link leads to', async (t) => {
  for (const taken of ['training', 'training.pub']) {
    for (const isLink of [false, true]) {
      const folder = emptyFolder(t);
      if (isLink) symlinkSync('elsewhere', join(folder, taken));
      else writeFileSync(join(folder, taken), 'mine');
      await assert.rejects(createKeyFiles(join(folder, 'training')), { code: 'FILE_EXISTS' });
      assert.deepEqual(readdirSync(folder), [taken]);
    }
  }
  const nowhere = join(emptyFolder(t), 'none', 'training');
  await assert.rejects(createKeyFiles(nowhere), { code: 'FILE_UNWRITABLE' });
});

test('a private key is taken only from a file that is for its owner alone, also behind a link', async (t) => {
  const folder = emptyFolder(t);
  const [path, link] = [join(folder, 'key'), join(folder, 'link')];
  const { privatePem, signing } = createKeyPair();
  writeFileSync(path, privatePem);
  symlinkSync('key', link);
  for (const mode of [0o600, 0o400]) {
    chmodSync(path, mode);
    assert.equal((await readSigningKey(link)).id, signing.id);
  }
  for (const mode of [0o644, 0o640, 0o620, 0o604, 0o602, 0o610, 0o666]) {
    chmodSync(path, mode);
    for (const name of [path, link]) {
      await assert.rejects(readSigningKey(name), { code: 'EXPOSED_KEY', message: /: chmod 600 \// }, mode.toString(8));
    }
  }
});

test('what is no small file is not read', async (t) => {
  const folder = emptyFolder(t);
  const [pipe, long] = [join(folder, 'pipe'), join(folder, 'long')];
  execFileSync('mkfifo', [pipe]);
  writeFileSync(long, 'k'.repeat(MAX_KEY_FILE_BYTES + 1));
  await assert.rejects(readKeyFile(pipe), { code: 'FILE_UNREADABLE', message: /it is not a file/ });
  await assert.rejects(readKeyFile(folder), { code: 'FILE_UNREADABLE' });
  await assert.rejects(readKeyFile('/dev/zero'), { code: 'FILE_UNREADABLE', message: /it is not a file/ });
  await assert.rejects(readKeyFile(join(folder, 'none')), { code: 'FILE_UNREADABLE', message: /no such file/ });
  await assert.rejects(readKeyFile(long), { code: 'FILE_TOO_LARGE' });
});
