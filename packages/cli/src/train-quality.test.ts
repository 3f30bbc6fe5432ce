import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { manifestPathOf } from '@edgewood/logs';
import { runEdgewood } from './testing/run-edgewood.ts';

let directory: string;
let models: string;
let csv: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'edgewood-train-quality-'));
  models = join(directory, 'models');
  csv = join(directory, 'logs.csv');
  mkdirSync(models);
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** A day and a half of an access point whose every five minutes are like all others. */
function monotonousLog(): string {
  const lines = Array.from({ length: 432 }, (_, window) => {
    const time = new Date(Date.UTC(2025, 4, 1) + window * 300_000).toISOString();
    return `${time},1,notice,hostapd,wlan0: AP-STA-CONNECTED 00:00:5e:00:53:01`;
  });
  return `timestamp,device_id,log_level,program,message\n${lines.join('\n')}\n`;
}

const train = (...more: string[]) =>
  runEdgewood(['train', '--input-file', csv, '--output-dir', models, '--n-estimators', '10', ...more]);

function metadataOf(agent: string) {
  const name = readdirSync(models).find((file) => file.startsWith(`${agent}_metadata_`)) ?? assert.fail(`no ${agent}`);
  return JSON.parse(readFileSync(join(models, name), 'utf8'));
}

test('a model that can tell nothing is not saved, and all reasons are told', async () => {
  writeFileSync(csv, monotonousLog());
  writeFileSync(manifestPathOf(csv), '{"rows": 1, "size_bytes": 2, "sha256": "3"}');
  const { code, stderr } = await train('--agent', 'wifi');
  assert.equal(code, 1);
  assert.match(
    stderr,
    /features never change.*; logs\.csv is not what was exported.*; --force saves it.*\[POOR_MODEL\]/,
  );
  assert.deepEqual(readdirSync(models), []);
});

test('--force saves it, says why it should not be, and so does its metadata', async () => {
  writeFileSync(csv, monotonousLog());
  const { code, stderr } = await train('--agent', 'wifi', '--force');
  assert.equal(code, 0);
  assert.match(stderr, /warning: saved by force, although \d+ of \d+ features never change/);
  const { forced } = metadataOf('wifi');
  assert.match(forced[0], /^\d+ of \d+ features never change/);
});

test('a good model has nothing of force in its metadata', async () => {
  writeFileSync(csv, monotonousLog().replaceAll(/^.*T0\d.*\n/gm, '$&$&$&'));
  assert.equal((await train('--agent', 'wifi', '--force')).code, 0);
  assert.equal('forced' in metadataOf('wifi'), false);
});

test('of all agents a poor one is not passed over: the others are saved, and the command fails', async () => {
  const good = Array.from({ length: 432 }, (_, window) => {
    const time = new Date(Date.UTC(2025, 4, 1) + window * 300_000).toISOString();
    return `${time},1,err,crond,USER root pid 1 cmd /usr/sbin/report\n`.repeat(1 + (window % 3));
  });
  writeFileSync(csv, monotonousLog() + good.join(''));
  const { code, stderr } = await train('--agent', 'all');
  assert.equal(code, 1);
  assert.match(stderr, /warning: wifi is not trained: the model is not saved: /);
  assert.match(stderr, /not saved, as said above: wifi \[POOR_MODEL\]/);
  assert.ok(metadataOf('system'));
});
