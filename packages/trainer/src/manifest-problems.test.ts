import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { manifestPathOf } from '@edgewood/logs';
import { manifestProblems } from './manifest-problems.ts';

const CONTENT = 'timestamp,device_id,program,log_level,message\n2025-05-01 00:00:00+00:00,1,hostapd,info,hello\n';
const MANIFEST = { rows: 1, size_bytes: CONTENT.length, sha256: createHash('sha256').update(CONTENT).digest('hex') };

let directory: string;
let csv: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'edgewood-manifest-'));
  csv = join(directory, 'logs.csv');
  writeFileSync(csv, CONTENT);
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const writeManifest = (manifest: unknown) => writeFileSync(manifestPathOf(csv), JSON.stringify(manifest));

test('a CSV without a manifest is not asked for one', async () => {
  assert.deepEqual(await manifestProblems(csv), []);
});

test('a CSV that is what was exported has no problems', async () => {
  writeManifest(MANIFEST);
  assert.deepEqual(await manifestProblems(csv), []);
});

test('a CSV that was cut off, or changed, is told with what it has and what it should have', async () => {
  writeManifest(MANIFEST);
  writeFileSync(csv, CONTENT.slice(0, 60));
  const [cut] = await manifestProblems(csv);
  assert.match(cut ?? '', /^logs\.csv is not what was exported: it has 60 bytes .* says 1 rows in 93 bytes/);
  writeFileSync(csv, CONTENT.replace('hello', 'hallo'));
  assert.equal((await manifestProblems(csv)).length, 1);
});

test('a manifest that is none is told', async () => {
  for (const other of [null, [], 'text', { rows: 1 }, { ...MANIFEST, rows: 'many' }]) {
    writeManifest(other);
    assert.deepEqual(await manifestProblems(csv), ['logs.csv.manifest.json is not the manifest of an export']);
  }
  writeFileSync(manifestPathOf(csv), '{');
  assert.equal((await manifestProblems(csv)).length, 1);
});
