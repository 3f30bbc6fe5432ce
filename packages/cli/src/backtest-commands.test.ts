/** What is usual is learnt, and logs are replayed, as a user types it; on the sample of three days and on a small log. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { LogEntry } from '@edgewood/logs';
import { type Alarm, judgeAlarms, parseLabels } from '@edgewood/trainer';
import { createLogTable, loadLogTable } from '../../logs/src/testing/log-table.ts';
import { csvRow } from '../../logs/src/testing/memory-log-source.ts';
import { startPostgres } from '../../logs/src/testing/postgres-server.ts';
import { accessPointLog } from '../../trainer/src/testing/sample-logs.ts';
import { runEdgewood } from './testing/run-edgewood.ts';

const HEADER = 'timestamp,device_id,program,log_level,message\n';
const sampleDirectory = join(import.meta.dirname, '../../../examples/sample');
const sample = join(sampleDirectory, 'log_entries_sample.csv');
const labels = join(sampleDirectory, 'labels.json');
const folder = mkdtempSync(join(tmpdir(), 'edgewood-backtest-'));
after(() => rmSync(folder, { recursive: true }));
const models = join(folder, 'models');
/** The models are trained on what lies before, and tried on what lies behind. */
const SPLIT = '2025-05-02T12:00Z';

async function edgewood(...args: string[]) {
  const outcome = await runEdgewood(args);
  assert.equal(outcome.code, 0, outcome.stderr);
  return outcome;
}

function train(csv: string, dir: string, ...more: string[]) {
  mkdirSync(dir, { recursive: true });
  return edgewood('train', '--input-file', csv, '--output-dir', dir, '--n-estimators', '20', ...more);
}

function backtest(...more: string[]) {
  return edgewood('backtest', '--dir', models, '--input-file', sample, '--start-date', SPLIT, ...more);
}

function readAlarms(path: string): Alarm[] {
  const [header, ...lines] = readFileSync(path, 'utf8').trimEnd().split('\n');
  assert.equal(header, 'device_id,timestamp,score,window_s');
  return lines.map((line) => {
    const [deviceId = '', timestamp = '', score, windowS] = line.split(',');
    return { deviceId, atMs: Date.parse(timestamp), score: Number(score), windowMs: Number(windowS) * 1000 };
  });
}

before(async () => {
  await train(sample, models, '--agent', 'all', '--end-date', SPLIT, '--contamination', '0.02');
  for (const agent of ['wifi', 'dns', 'system', 'firewall']) {
    const { code } = await runEdgewood(['models', 'activate', agent, 'latest', '--dir', models]);
    assert.equal(code, 0, agent);
  }
});

test('training for all agents gives each a model and a baseline that its metadata names', () => {
  const names = readdirSync(models);
  for (const agent of ['wifi', 'dns', 'system', 'firewall']) {
    const name = names.find((one) => one.startsWith(`${agent}_metadata_2`)) ?? assert.fail(agent);
    const { files, model_version: version } = JSON.parse(readFileSync(join(models, name), 'utf8'));
    assert.equal(files.baseline.name, `${agent}_baseline_${version}.json`);
    assert.ok(names.includes(files.baseline.name));
  }
});

test('a replay tells windows, alarms, the most surprising episodes with their reasons, and what the labels say', async () => {
  const { stdout } = await backtest('--agent', 'wifi', '--labels', labels);
  assert.match(stdout, /^wifi \d{8}_\d{6}: 2025-05-02 12:00:00Z to 2025-05-03 2\d:\d\d:00Z, 3 devices, [\d,]+ entries/);
  assert.match(stdout, /wifi +forest +decision < 0 +1,\d{3} +\d+ +\d+ +\d+\.\d\d/);
  assert.match(stdout, /wifi +surprise +surprise ≥ 4\.3 +1,\d{3} +\d+ +\d+ +\d+\.\d\d/);
  assert.match(stdout, /stations .*: [\d,]+ in \d+ (min|h), usually 0/);
  assert.match(stdout, /^detector +medium +hard +all +median delay +false episodes +per device and week$/m);
  const found = Number(/^surprise +\S+ +\S+ +(\d+)\/12/m.exec(stdout)?.[1]);
  assert.ok(found >= 9, stdout);
});

test('what is printed of the labels is what the list of alarms gives at the threshold', async () => {
  const path = join(folder, 'alarms.csv');
  for (const threshold of [2, 4.3, 8]) {
    const given = ['--detector', 'surprise', '--surprise-threshold', `${threshold}`, '--alarms-file', path];
    const { stdout } = await backtest('--agent', 'wifi', '--labels', labels, ...given);
    const alarms = readAlarms(path);
    assert.ok(alarms.every(({ score, windowMs }) => score > 0.5 && windowMs >= 300_000));
    const bounds = { fromMs: Date.parse(SPLIT) };
    const chosen = alarms.filter(({ score }) => score >= threshold);
    const { incidents, falseEpisodes } = judgeAlarms(parseLabels(readFileSync(labels, 'utf8'), ''), chosen, bounds);
    const hits = incidents.filter(({ delayMs }) => delayMs !== undefined).length;
    assert.match(
      stdout,
      new RegExp(`^surprise .* ${hits}/${incidents.length} .* ${falseEpisodes} +\\d+\\.\\d\\d$`, 'm'),
    );
  }
});

test('a replay tells of devices that are too many and new to be judged', async () => {
  const csv = join(folder, 'crowd.csv');
  const entry = { program: 'hostapd', level: 'notice', message: 'wlan0: AP-STA-CONNECTED 00:00:5e:00:53:01' };
  const rows = Array.from({ length: 502 }, (_, at) => {
    return csvRow({ ...entry, timeMs: Date.parse(SPLIT), deviceId: `new-${at}` });
  });
  writeFileSync(csv, HEADER + rows.join(''));
  const { stderr } = await backtest('--agent', 'wifi', '--input-file', csv, '--end-date', '2025-05-02T12:05Z');
  assert.match(
    stderr,
    /surprise detector did not judge: 2; of those that training did not have it judges 500 at a time/,
  );
});

test('alarms of all agents are one list: a device and a moment stand in it once, with the largest score', async () => {
  const path = join(folder, 'all.csv');
  const listed = new Map<string, number>();
  for (const agent of ['wifi', 'dns', 'system', 'firewall']) {
    await backtest('--agent', agent, '--alarms-file', path);
    for (const { deviceId, atMs, score } of readAlarms(path)) {
      const key = `${deviceId} ${atMs}`;
      listed.set(key, Math.max(score, listed.get(key) ?? 0));
    }
  }
  await backtest('--agent', 'all', '--alarms-file', path);
  const all = readAlarms(path);
  assert.deepEqual(new Map(all.map(({ deviceId, atMs, score }) => [`${deviceId} ${atMs}`, score])), listed);
  assert.equal(all.length, listed.size);
  assert.ok(all.every(({ atMs }, at) => atMs >= (all[at - 1]?.atMs ?? 0)));
});

test('two versions side by side: what each found, how far they agree, and what only one of them has', async () => {
  await train(sample, models, '--agent', 'wifi', '--end-date', '2025-05-01T18:00Z', '--contamination', '0.1');
  const versions = readdirSync(models).flatMap((name) => /^wifi_model_(\d{8}_\d{6})\./.exec(name)?.[1] ?? []);
  const [first = '', second = ''] = versions.sort();
  const given = ['--agent', 'wifi', '--version', first, '--labels', labels];
  const { stdout } = await backtest(...given, '--against', second);
  assert.match(stdout, new RegExp(`^A wifi ${first}: .*\\nB wifi ${second}: `));
  assert.match(stdout, /^A wifi +forest +decision < 0/m);
  assert.match(stdout, /^B either +\S+ +\S+ +\d+\/12/m);
  assert.match(stdout, /^They judge alike \d+\.\d\d % of 1,\d{3} windows/m);
  assert.match(stdout, /^[AB] +2025-05-0\d \d\d:\d\d:00Z +2025-05-0\d \d\d:\d\d:00Z +\d/m);
  const alone = await backtest(...given);
  for (const row of alone.stdout.match(/^(forest|surprise|either) .*\d+\/12.*$/gm) ?? assert.fail()) {
    const [name, ...cells] = row.split(/ {2,}/);
    assert.match(stdout, new RegExp(`^A ${name} +${cells.join(' +')}$`, 'm'), 'alone it is judged as side by side');
  }
  const report = join(folder, 'report.html');
  const same = await backtest(...given, '--against', first, '--report-file', report);
  assert.match(readFileSync(report, 'utf8'), /They judge alike 100\.00 % of/);
  assert.match(same.stdout, /0 of which A does not have\.\nThey judge alike 100\.00 % of/);
});

test('thresholds that are asked for hold instead of the version’s own', async () => {
  const { stdout } = await backtest('--agent', 'wifi', '--forest-threshold', '-0.99', '--surprise-threshold', '50');
  assert.match(stdout, /wifi +forest +score < -0\.99 +1,\d{3} +0 +0 +0\.00/);
  assert.match(stdout, /wifi +surprise +surprise ≥ 50 +1,\d{3} +0 +0 +0\.00/);
});

test('logs in a database give the same as the CSV that was exported from it', async () => {
  const server = await startPostgres();
  try {
    const url = await createLogTable(server.url);
    await loadLogTable(server.url, sample);
    const span = ['--agent', 'wifi', '--dir', models, '--start-date', SPLIT, '--end-date', '2025-05-03T18:00Z'];
    const [fromCsv, fromDatabase] = [join(folder, 'csv.alarms'), join(folder, 'database.alarms')];
    await edgewood('backtest', ...span, '--input-file', sample, '--alarms-file', fromCsv);
    const env = { DATABASE_URL: url };
    const outcome = await runEdgewood(['backtest', ...span, '--alarms-file', fromDatabase], { env });
    assert.equal(outcome.code, 0, outcome.stderr);
    assert.match(outcome.stdout, /^PostgreSQL \d+.*table public\.log_entries/);
    assert.ok(readAlarms(fromCsv).length > 100);
    assert.deepEqual(readAlarms(fromDatabase), readAlarms(fromCsv));
  } finally {
    await server.stop();
  }
});

test('a span of a database has both ends: the command says so', async () => {
  const outcome = await runEdgewood(['backtest', '--agent', 'wifi', '--dir', models, '--start-date', SPLIT]);
  assert.equal(outcome.code, 2, outcome.stderr);
  assert.match(outcome.stderr, /give --input-file, or both --start-date and --end-date/);
});

test('what lies before the span is looked at', async () => {
  const [header = '', ...rows] = readFileSync(sample, 'utf8').split(/\n(?=\d+,\d+,)/);
  const alarmsSince = async (time: string) => {
    const [csv, alarms] = [join(folder, `${time}.csv`), join(folder, `${time}.alarms.csv`)];
    const kept = rows.filter((row) => (/2025-05-0\d \d\d:\d\d:\d\d/.exec(row)?.[0] ?? '') >= time);
    writeFileSync(csv, [header, ...kept].join('\n'));
    const given = ['--agent', 'wifi', '--dir', models, '--start-date', '2025-05-03T12:00Z', '--alarms-file', alarms];
    await edgewood('backtest', ...given, '--input-file', csv);
    return readAlarms(alarms);
  };
  const all = await alarmsSince('2025-05-01 00:00:00');
  const none = await alarmsSince('2025-05-03 12:00:00');
  assert.ok(all.length > 100);
  assert.notDeepEqual(none, all);
});

test('a version without a baseline is saved if it is asked for, and judged by its forest alone', async () => {
  const dir = join(folder, 'bare');
  await train(sample, dir, '--agent', 'wifi', '--end-date', SPLIT, '--no-baseline');
  const names = readdirSync(dir);
  assert.equal(names.length, 2);
  const version = /\d{8}_\d{6}/.exec(names[0] ?? '')?.[0] ?? '';
  const given = ['--agent', 'wifi', '--dir', dir, '--input-file', sample, '--version', version];
  const { stdout, stderr } = await edgewood('backtest', ...given);
  assert.match(stderr, /was saved without a baseline.*only the forest judges/);
  assert.doesNotMatch(stdout, /surprise/);
  const refused = await runEdgewood(['backtest', ...given, '--detector', 'surprise']);
  assert.deepEqual([refused.code, /train it again, or use --detector forest/.test(refused.stderr)], [2, true]);
});

test('a CSV in the order in which entries came trains the same model as one in order of time', async () => {
  const entries: LogEntry[] = [];
  for await (const chunk of accessPointLog({ hours: 30 })) entries.push(...chunk);
  const arrived = entries
    .map((entry, at) => ({ entry, atMs: entry.timeMs + (at % 9 === 0 ? 40 * 60_000 : 0) }))
    .sort((a, b) => a.atMs - b.atMs)
    .map(({ entry }) => entry);
  const stray = arrived.slice(0, 5).map((entry) => ({ ...entry, message: 'booting' }));
  const [past, future] = ['1970-01-01T00:00:07Z', '2099-06-01T12:00:00Z'].map((time) => {
    return { ...(arrived[0] as LogEntry), timeMs: Date.parse(time) };
  }) as [LogEntry, LogEntry];
  const lists = {
    ordered: entries,
    arrived: [past, ...arrived.slice(0, -9), ...stray, future, ...arrived.slice(-9)],
  };
  const written: Uint8Array[][] = [];
  for (const [name, list] of Object.entries(lists)) {
    const csv = join(folder, `${name}.csv`);
    writeFileSync(csv, HEADER + list.map(csvRow).join(''));
    const { stderr } = await train(csv, join(folder, name), '--agent', 'wifi');
    assert.equal(/7 entries are hours behind those around.*passed over/.test(stderr), name === 'arrived', stderr);
    await edgewood('features', '--agent', 'wifi', '--input-file', csv, '--output-file', `${csv}.features`);
    const files = readdirSync(join(folder, name)).filter((file) => !file.includes('_metadata_'));
    assert.equal(files.length, 2);
    written.push(
      [`${csv}.features`, ...files.map((file) => join(folder, name, file))].map((file) => readFileSync(file)),
    );
  }
  assert.deepEqual(written[1], written[0]);
});

for (const [what, args, code, message] of [
  ['labels that are none', ['--agent', 'wifi', '--labels', sample], 1, /\[BAD_LABELS\]/],
  ['labels that are not there', ['--agent', 'wifi', '--labels', '/nowhere'], 1, /\[FILE_UNREADABLE\]/],
  ['a version of all agents', ['--agent', 'all', '--version', '20250101_000000'], 2, /--version is of one agent/],
  [
    'a second version of all agents',
    ['--agent', 'all', '--against', '20250101_000000'],
    2,
    /--against is of one agent/,
  ],
  ['a forest’s threshold that is no score', ['--agent', 'wifi', '--forest-threshold', '0.5'], 2, /between -1 and 0/],
  ['a file and a database', ['--agent', 'wifi', '--config', 'edgewood.yaml'], 2, /exclude each other/],
  ['a version that is not there', ['--agent', 'wifi', '--version', '20250101_000000'], 1, /\[VERSION_NOT_FOUND\]/],
  ['a threshold that is no number', ['--agent', 'wifi', '--surprise-threshold', 'high'], 2, /a number above 0/],
  ['a detector that is none', ['--agent', 'wifi', '--detector', 'oracle'], 2, /forest, surprise or both/],
] as const) {
  test(`${what}: the command says so`, async () => {
    const outcome = await runEdgewood(['backtest', '--dir', models, '--input-file', sample, ...args]);
    assert.equal(outcome.code, code, outcome.stderr);
    assert.match(outcome.stderr, message);
  });
}
