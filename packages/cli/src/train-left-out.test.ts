import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { runEdgewood } from './testing/run-edgewood.ts';

const samples = join(import.meta.dirname, '../../../examples/sample');

let models: string;
beforeEach(() => {
  models = mkdtempSync(join(tmpdir(), 'edgewood-train-left-out-'));
});
afterEach(() => rmSync(models, { recursive: true, force: true }));

function train(...more: string[]) {
  const log = ['--agent', 'wifi', '--input-file', join(samples, 'log_entries_sample.csv')];
  return runEdgewood(['train', ...log, '--output-dir', models, '--n-estimators', '10', ...more]);
}

function metadata() {
  const name = readdirSync(models).find((file) => file.startsWith('wifi_metadata_')) ?? assert.fail('no metadata');
  return JSON.parse(readFileSync(join(models, name), 'utf8'));
}

test('suspicious hours are left out, and the terminal and the metadata tell which and why', async () => {
  const { code, stdout } = await train();
  assert.equal(code, 0);
  assert.match(stdout, /left out as suspicious: 1 hour of a device, .* with 12 windows; --keep-all learns from them/);
  assert.match(stdout, /2025-05-02 11:00:00Z {2}2 +\d\.\d {2}entries of the busiest station in 1 min/);
  const { suspicious_hours, suspicious_windows, suspicious, excluded } = metadata().left_out;
  assert.deepEqual([suspicious_hours, suspicious_windows, excluded], [1, 12, []]);
  assert.deepEqual([suspicious[0].start, suspicious[0].devices], ['2025-05-02T11:00:00.000Z', ['2']]);
});

test('--keep-all learns from all', async () => {
  const { code, stdout } = await train('--keep-all');
  assert.equal(code, 0);
  assert.doesNotMatch(stdout, /left out/);
  assert.equal('left_out' in metadata(), false);
});

test('--exclude leaves out time of all devices, in the zone that is named, and again what else is named', async () => {
  const first = ['--exclude', '2025-05-02 12:00..2025-05-02 15:00', '--time-zone', 'Europe/Berlin'];
  const { code, stdout } = await train(...first, '--exclude', '2025-05-02T01:00Z..2025-05-02T02:00Z');
  assert.equal(code, 0);
  assert.match(stdout, /excluded, as not looked at: 144 windows/);
  const { excluded_windows, excluded } = metadata().left_out;
  assert.equal(excluded_windows, 4 * 12 * 3);
  assert.deepEqual(excluded, [
    { start: '2025-05-02T10:00:00.000Z', end: '2025-05-02T13:00:00.000Z', devices: 'all', reason: '--exclude' },
    { start: '2025-05-02T01:00:00.000Z', end: '2025-05-02T02:00:00.000Z', devices: 'all', reason: '--exclude' },
  ]);
});

test('--labels leaves out incidents and changes of their devices', async () => {
  const { code } = await train('--labels', join(samples, 'labels.json'), '--end-date', '2025-05-02T12:00');
  assert.equal(code, 0);
  const { excluded } = metadata().left_out;
  const reasons = excluded.map(({ reason }: { reason: string }) => reason);
  assert.ok(reasons.includes('deauth_flood') && reasons.includes('radar'), `${reasons}`);
  assert.ok(!reasons.includes('fw_crash'), 'it is not in the time that is learnt from');
});

for (const [what, given, code, message] of [
  ['a single time', ['--exclude', '2025-05-02'], 2, /--exclude must be two times .*, got '2025-05-02'/],
  ['three times', ['--exclude', '2025-05-02..2025-05-03..2025-05-04'], 2, /--exclude must be two times/],
  ['no time', ['--exclude', 'yesterday..2025-05-03'], 1, /'yesterday' is no time.*\[BAD_TIME\]/],
  ['a span that ends before it begins', ['--exclude', '2025-05-03..2025-05-02'], 1, /\[BAD_SPAN\]/],
  ['labels that are not there', ['--labels', 'nowhere.json'], 1, /cannot read nowhere\.json.*\[FILE_UNREADABLE\]/],
] as const) {
  test(`what is to be left out is refused before anything is learnt: ${what}`, async () => {
    const outcome = await train(...given);
    assert.equal(outcome.code, code);
    assert.match(outcome.stderr, message);
  });
}
