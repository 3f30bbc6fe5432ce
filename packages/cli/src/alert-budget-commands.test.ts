/** An alert budget as a user types it: from the days held out to the alarms of a backtest. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { csvRow } from '../../logs/src/testing/memory-log-source.ts';
import { accessPointLog } from '../../trainer/src/testing/sample-logs.ts';
import { runEdgewood } from './testing/run-edgewood.ts';

const HEADER = 'timestamp,device_id,program,log_level,message\n';
const folder = mkdtempSync(join(tmpdir(), 'edgewood-alert-budget-'));
after(() => rmSync(folder, { recursive: true }));
const csv = join(folder, 'logs.csv');
/** Ten days and twelve hours of two devices. */
before(async () => {
  const rows: string[] = [];
  for await (const chunk of accessPointLog({ hours: 252 })) rows.push(...chunk.map(csvRow));
  writeFileSync(csv, `${HEADER}${rows.join('\n')}\n`);
});

let trainings = 0;
async function train(...more: string[]) {
  trainings += 1;
  const models = join(folder, `models-${trainings}`);
  mkdirSync(models);
  const given = ['--agent', 'wifi', '--input-file', csv, '--output-dir', models, '--n-estimators', '10'];
  const outcome = await runEdgewood(['train', ...given, ...more]);
  const name = readdirSync(models).find((file) => /_metadata_\d/.test(file));
  const budget = name === undefined ? undefined : JSON.parse(readFileSync(join(models, name), 'utf8')).alert_budget;
  return { ...outcome, models, budget };
}

test('training holds out the last days of a log, and says and stores what was chosen by them', async () => {
  const { code, stdout, stderr, budget, models } = await train('--alert-budget', '2/device/day');
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^alert budget 2\/device\/day: 3 days of 2 devices held out, from 2025-05-08 /m);
  assert.match(stdout, /^wifi +\d\.\d\d +-0\.\d{4} +\d+\.\d\d$/m);
  assert.match(stdout, /^expected: \d+\.\d alerts a week, \d+\.\d\d a device$/m);
  const { thresholds, held_out, expected_per_device_and_week, ...asked } = budget;
  assert.deepEqual(asked, { budget: '2/device/day', per_device_and_week: 14 });
  assert.equal(held_out.start, '2025-05-08T11:55:00.000Z');
  assert.equal(held_out.devices, 2);
  assert.ok(expected_per_device_and_week > 0);

  const activated = await runEdgewood(['models', 'activate', 'wifi', 'latest', '--dir', models]);
  assert.equal(activated.code, 0);
  const replay = ['backtest', '--agent', 'wifi', '--dir', models, '--input-file', csv, '--start-date', '2025-05-10'];
  const own = await runEdgewood(replay);
  const rowOf = (detector: string, text: string) => new RegExp(`^wifi +${detector} .*$`, 'm').exec(text)?.[0] ?? text;
  assert.ok(rowOf('surprise', own.stdout).includes(` ${thresholds.surprise} `), own.stdout);
  assert.ok(rowOf('forest', own.stdout).includes(` ${thresholds.forest} `), own.stdout);
});

test('unless told otherwise it is one a device and week; --no-alert-budget leaves the built-in thresholds', async () => {
  assert.equal((await train()).budget.budget, '1/device/week');
  const { budget, stdout } = await train('--no-alert-budget');
  assert.deepEqual([budget, /alert budget/.test(stdout)], [undefined, false]);
});

test('a log of less than eight days teaches no threshold, which is said, and a promise that was asked for stays', async () => {
  const short = ['--end-date', '2025-05-08T12:00Z'];
  const unasked = await train(...short);
  assert.match(unasked.stdout, /^no thresholds for an alert budget: the log covers 7\.5 days, and 8 are needed/m);
  assert.equal(unasked.budget, undefined);
  const asked = await train(...short, '--alert-budget', '4/week');
  assert.match(asked.stderr, /warning: no thresholds are learnt for the alert budget: the log covers 7\.5 days/);
  const unknown = { thresholds: {}, expected_per_device_and_week: null, held_out: null };
  assert.deepEqual(asked.budget, { budget: '4/week', per_device_and_week: 2, ...unknown });
});

test('what is no budget is refused before anything is read', async () => {
  for (const text of ['1', 'many/week', '1/week/device', '0/device/week']) {
    const { code, stderr } = await train('--alert-budget', text);
    assert.equal(code, 2);
    assert.ok(stderr.includes(`--alert-budget: expected 1/device/week, 2/device/day, or 10/week`), stderr);
  }
});
