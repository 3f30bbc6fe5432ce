import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readSmallFile } from './read-small-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'edgewood-small-'));
const path = join(folder, 'text');
after(() => rmSync(folder, { recursive: true }));

test('a file is read up to its end, if that is no further than allowed', () => {
  for (const text of ['', 'x', 'Grüße\n', 'y'.repeat(100)]) {
    writeFileSync(path, text);
    assert.equal(readSmallFile(path, 100), text);
  }
});

test('what is longer, is no UTF-8 or cannot be read is refused with its name', () => {
  writeFileSync(path, 'x'.repeat(101));
  assert.throws(() => readSmallFile(path, 100), { message: `${path} is longer than 100 bytes` });
  assert.throws(() => readSmallFile('/dev/zero', 100), { message: '/dev/zero is longer than 100 bytes' });
  writeFileSync(path, Buffer.from([0xc3, 0x28]));
  assert.throws(() => readSmallFile(path, 100), { message: `${path} is not UTF-8` });
  assert.throws(() => readSmallFile(join(folder, 'none'), 100), { code: 'ENOENT' });
  assert.throws(() => readSmallFile(folder, 100), { code: 'EISDIR' });
});
