import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { testModelFiles } from '../../models/src/testing/model-files-contract.ts';
import { LocalTargetFiles } from './local-target-files.ts';
import { type TargetToTest, testTargetFiles } from './testing/target-files-contract.ts';

async function localTarget(t: TestContext): Promise<TargetToTest> {
  const path = await mkdtemp(join(tmpdir(), 'edgewood-target-'));
  t.after(() => rm(path, { recursive: true }));
  return { files: new LocalTargetFiles(path), path };
}

testModelFiles('a local target', async (t) => (await localTarget(t)).files);
testTargetFiles('a local target', localTarget);

test('a local target that is not there is an error that names it, in every call', async () => {
  const files = new LocalTargetFiles('/nonexistent/models');
  const [unreadable, unwritable] = ['FILE_UNREADABLE', 'FILE_UNWRITABLE'].map((code) => ({
    code,
    message: /\/nonexistent\/models/,
  }));
  await assert.rejects(files.freeBytes(), unreadable!);
  await assert.rejects(files.writeVerified('a', new Uint8Array(1)), unwritable!);
  await assert.rejects(files.list(), unreadable!);
});
