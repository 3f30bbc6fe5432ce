import assert from 'node:assert/strict';
import { mkdtemp, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { LocalModelFiles, modelFile, parseAgentName } from '@edgewood/models';
import { addModel, START_MS } from '../../service/src/testing/wifi-models.ts';
import { runEdgewood } from './testing/run-edgewood.ts';

const wifi = parseAgentName('wifi');

/** A live version and a newer one. */
async function setUp(t: TestContext) {
  const dir = await mkdtemp(join(tmpdir(), 'edgewood-shadow-commands-'));
  t.after(() => rm(dir, { recursive: true }));
  const files = new LocalModelFiles(dir);
  const live = await addModel(files);
  const candidate = await addModel(files, { trainedAtMs: START_MS + 60_000, activated: false, randomState: 7 });
  const models = (...args: string[]) => runEdgewood(['models', ...args, '--dir', dir]);
  return { dir, files, live, candidate, models };
}

test('a version is put in the shadow, listed as such, outlives pruning, and leaves the shadow when it is activated', async (t) => {
  const { dir, candidate, models } = await setUp(t);
  const begun = await models('shadow', 'wifi', 'latest');
  assert.match(begun.stdout, new RegExp(`^wifi ${candidate} is in the shadow in`));
  assert.equal(await readlink(join(dir, 'wifi_model_shadow.joblib')), modelFile(wifi, candidate));
  assert.match((await models('list')).stdout, new RegExp(`shadow +wifi +${candidate}`));
  assert.equal((await models('prune', 'wifi', '--keep', '0')).stdout, 'nothing to remove\n');
  const activated = await models('activate', 'wifi', candidate);
  assert.match(activated.stdout, /is live in .*\nit was in the shadow; nothing is there any more\n$/);
  await assert.rejects(readlink(join(dir, 'wifi_model_shadow.joblib')), { code: 'ENOENT' });
});

test('the shadow is ended by --off, and what is live cannot be in it', async (t) => {
  const { live, models } = await setUp(t);
  await models('shadow', 'wifi', 'latest');
  assert.match((await models('shadow', 'wifi', live)).stderr, /is live; only another version.*LIVE_ALREADY/);
  assert.equal((await models('shadow', 'wifi', '--off')).stdout, 'nothing of wifi is in the shadow any more\n');
  assert.equal((await models('shadow', 'wifi', '--off')).stdout, 'nothing of wifi is in the shadow\n');
  const [neither, both] = [await models('shadow', 'wifi'), await models('shadow', 'wifi', live, '--off')];
  assert.deepEqual([neither.code, both.code], [2, 2]);
});

test('a version that a service would refuse is not put in the shadow', async (t) => {
  const { files, candidate, models } = await setUp(t);
  await files.remove(modelFile(wifi, candidate));
  await files.write(modelFile(wifi, candidate), new Uint8Array(100));
  const { code, stderr } = await models('shadow', 'wifi', candidate);
  assert.equal(code, 1);
  assert.match(stderr, /HASH_MISMATCH/);
  assert.match((await models('shadow', 'wifi', '--off')).stdout, /nothing of wifi is in the shadow\n/);
});
