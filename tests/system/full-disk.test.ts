/** A disk that is full, for real: a file system of a few kilobytes in memory. Needs root, to mount it. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

const root = join(import.meta.dirname, '../..');
const command = join(root, 'packages/cli/bin/edgewood.js');
const directory = mkdtempSync(join(tmpdir(), 'edgewood-full-disk-'));
const disk = join(directory, 'disk');
const logs = join(directory, 'logs.csv');

before(() => {
  const start = Date.parse('2025-05-01T00:00:00Z');
  const rows = Array.from({ length: 20_000 }, (_, n) => {
    const message = `wlan0: AP-STA-${n % 3 === 0 ? 'DIS' : ''}CONNECTED 00:00:5e:00:53:${(n % 40).toString(16).padStart(2, '0')}`;
    return `${new Date(start + n * 20_000).toISOString()},${n % 4},hostapd,notice,${message}`;
  });
  writeFileSync(logs, `timestamp,device_id,program,log_level,message\n${rows.join('\n')}\n`);
  mkdirSync(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk]);
});
after(() => {
  execFileSync('umount', [disk]);
  rmSync(directory, { recursive: true, force: true });
});

const features = ['features', '--agent', 'wifi', '--input-file', logs, '--output-file', join(disk, 'features.csv')];
const train = ['train', '--agent', 'wifi', '--input-file', logs, '--output-dir', disk];

for (const args of [features, train]) {
  test(`edgewood ${args[0]} on a full disk says so and leaves nothing`, () => {
    const { status, stderr } = spawnSync(process.execPath, [command, ...args], { encoding: 'utf8' });
    assert.equal(status, 1);
    assert.match(stderr, /ENOSPC.*\[FILE_UNWRITABLE\]/);
    assert.deepEqual(readdirSync(disk), []);
  });
}
