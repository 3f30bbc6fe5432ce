import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { runEdgewood } from './testing/run-edgewood.ts';

const folder = mkdtempSync(join(tmpdir(), 'edgewood-blind-spots-'));
after(() => rmSync(folder, { recursive: true }));

const JOIN = 'info,hostapd,wlan0: STA 00:00:5e:00:53:01 IEEE 802.11: associated (aid 1)';
const NEW = 'info,hostapd,wlan0: STA 00:00:5e:00:53:01 WPA: a line \u001b[31m that is new';

/** A CSV of log entries: each row of a day, and what follows the time in it. */
function logs(name: string, rows: readonly (readonly [day: string, rest: string])[]): string {
  const path = join(folder, name);
  const lines = rows.map(([day, rest]) => `${day} 00:00:00+00,ap1,${rest}`);
  writeFileSync(path, `${['timestamp,device_id,log_level,program,message', ...lines].join('\n')}\n`);
  return path;
}

function times(count: number, row: readonly [day: string, rest: string]) {
  return Array.from({ length: count }, () => row);
}

const LOG = logs('logs.csv', [
  ...times(120, ['2025-05-01', JOIN]),
  ...times(3, ['2025-05-01', NEW]),
  ...times(2, ['2025-05-01', 'info,usteer,station 00:00:5e:00:53:01 signal=-60']),
  ['2025-05-02', 'info,adblock,later'],
]);

test('it tells of each device what its level hides and how to show it', async () => {
  const { code, stdout } = await runEdgewood(['blind-spots', '--input-file', LOG]);
  assert.equal(code, 0);
  assert.match(stdout, /^126 entries of 1 devices$/m);
  assert.match(stdout, /^SA query storms.*ap1/m);
  assert.match(stdout, /option log_level '1'/);
});

test('programs that nobody reads and messages that nobody knows are listed, and terminals have nothing to obey', async () => {
  const { stdout } = await runEdgewood(['blind-spots', '--input-file', LOG]);
  assert.match(stdout, /^usteer +2 +1.6 % +1$/m);
  assert.match(stdout, /^adblock +1 +0.8 % +1$/m);
  assert.match(stdout, /^wifi: no pattern knows 3 of 123 entries \(2.4 %\)$/m);
  assert.match(stdout, /^wifi +hostapd +3 +1 +.*a line \\x1b\[31m that is new$/m);
  assert.ok(!stdout.includes('\u001b'));
});

test('--top shortens both lists, --end-date the log', async () => {
  const { stdout } = await runEdgewood(['blind-spots', '--input-file', LOG, '--top', '1', '--end-date', '2025-05-02']);
  assert.match(stdout, /^125 entries/m);
  assert.match(stdout, /^usteer/m);
  assert.doesNotMatch(stdout, /^adblock/m);
  const shorter = await runEdgewood(['blind-spots', '--input-file', LOG, '--top', '1']);
  assert.doesNotMatch(shorter.stdout, /^adblock/m);
});

test('with --agents, what the others would read is read by nobody', async () => {
  const { stdout } = await runEdgewood(['blind-spots', '--input-file', LOG, '--agents', 'dns']);
  assert.match(stdout, /^hostapd +123 /m);
});

test('nothing is said to be hidden in a log that is too short to tell', async () => {
  const path = logs('short.csv', [['2025-05-01', JOIN]]);
  const { stdout } = await runEdgewood(['blind-spots', '--input-file', path]);
  assert.match(stdout, /^No kind of incident is known to be hidden\.$/m);
  assert.match(stdout, /^Every program in the log is read by an agent\.$/m);
});

test('an empty log is looked through too', async () => {
  const { code, stdout } = await runEdgewood(['blind-spots', '--input-file', logs('empty.csv', [])]);
  assert.deepEqual([code, stdout.split('\n')[0]], [0, '0 entries of 0 devices']);
});

for (const [what, args, expected] of [
  ['a count of 0', ['--input-file', LOG, '--top', '0'], 2],
  ['no file', [], 2],
  ['an agent that there is not', ['--input-file', LOG, '--agents', 'wfi'], 1],
] as const) {
  test(`${what} ends with exit code ${expected}`, async () => {
    assert.equal((await runEdgewood(['blind-spots', ...args])).code, expected);
  });
}
