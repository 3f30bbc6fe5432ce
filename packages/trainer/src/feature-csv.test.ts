import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { agentProfile, createFeatureExtractor } from '@edgewood/features';
import { writeFeatureCsv } from './feature-csv.ts';
import { type FeatureRow, featureRows } from './feature-rows.ts';
import { accessPointLog } from './testing/sample-logs.ts';

const agent = agentProfile('wifi');

async function temporaryDirectory(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'edgewood-features-'));
  t.after(() => rm(directory, { recursive: true }));
  return directory;
}

async function* rowsOf(...rows: FeatureRow[]): AsyncGenerator<FeatureRow> {
  yield* rows;
}

test('the table has a line a window, oldest first, then by device', async (t) => {
  const path = join(await temporaryDirectory(t), 'features.csv');
  const features = ['log_count', 'disassociation_events'];
  const extractor = createFeatureExtractor({ agent, features });
  const rows = featureRows(accessPointLog({ hours: 1, devices: ['10', '2'] }), extractor, agent);
  assert.equal(await writeFeatureCsv(path, extractor.names, rows), 24);
  const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
  assert.equal(lines.length, 25);
  assert.equal(lines[0], 'window_start,device_id,log_count,disassociation_events');
  assert.match(lines[1] ?? '', /^2025-05-01T00:00:00\.000Z,2,\d+,\d+$/);
  assert.match(lines[2] ?? '', /^2025-05-01T00:00:00\.000Z,10,\d+,\d+$/);
});

test('numbers are written in the shortest form that reads back to the same double', async (t) => {
  const path = join(await temporaryDirectory(t), 'features.csv');
  const row = { fromMs: 0, deviceId: 'a,"b"', vector: Float64Array.of(1 / 3, 7) };
  await writeFeatureCsv(path, ['a', 'b'], rowsOf(row));
  const text = await readFile(path, 'utf8');
  assert.equal(text, 'window_start,device_id,a,b\n1970-01-01T00:00:00.000Z,"a,""b""",0.3333333333333333,7\n');
});

test('if reading fails nothing is left, and the table of before stays', async (t) => {
  const directory = await temporaryDirectory(t);
  const path = join(directory, 'features.csv');
  await writeFile(path, 'before');
  const rows = (async function* () {
    yield { fromMs: 0, deviceId: null, vector: Float64Array.of(1) };
    throw new Error('torn');
  })();
  await assert.rejects(writeFeatureCsv(path, ['a'], rows), /torn/);
  assert.deepEqual(await readdir(directory), ['features.csv']);
  assert.equal(await readFile(path, 'utf8'), 'before');
});

test('a directory that is not there is an error that names the file', async (t) => {
  const path = join(await temporaryDirectory(t), 'missing', 'features.csv');
  await assert.rejects(writeFeatureCsv(path, ['a'], rowsOf()), { code: 'FILE_UNWRITABLE', message: /missing/ });
});
