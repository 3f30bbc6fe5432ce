/** The fakes that stand at the port do what it says. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAgentName } from '@edgewood/models';
import { testModelFiles } from '../../models/src/testing/model-files-contract.ts';
import { UPLOAD_PREFIX } from './target-files.ts';
import { FaultyLine } from './testing/faulty-line.ts';
import { MemoryTargetFiles } from './testing/memory-target-files.ts';

testModelFiles('a target in memory', async () => new MemoryTargetFiles());
testModelFiles('a target in memory over a line', async () => new FaultyLine(new MemoryTargetFiles()).open());

test('a target in memory: a verified write tells its progress and replaces nothing', async () => {
  const files = new MemoryTargetFiles();
  const told: number[] = [];
  await files.writeVerified('a', new Uint8Array(10), (sentBytes) => told.push(sentBytes));
  assert.deepEqual(told, [5, 10]);
  await assert.rejects(files.writeVerified('a', new Uint8Array(3)), { code: 'FILE_EXISTS' });
  assert.equal((await files.read('a')).length, 10);
});

test('a target in memory: leftovers of an agent are removed, and nothing else is', async () => {
  const files = new MemoryTargetFiles();
  const names = ['wifi_model_1', 'wifi-guest_model_1', 'dns_model_1'].map((name) => `${UPLOAD_PREFIX}${name}`);
  for (const name of names) files.leftovers.add(name);
  assert.deepEqual(await files.removeLeftovers(parseAgentName('wifi')), names.slice(0, 1));
  assert.deepEqual([...files.leftovers], names.slice(1));
});
