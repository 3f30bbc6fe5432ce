/** A forest that sees windows by what is usual of them, as a user meets it: train, features, score, backtest. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { LocalModelFiles, loadActiveModel, parseAgentName } from '@edgewood/models';
import { csvRow } from '../../logs/src/testing/memory-log-source.ts';
import { accessPointLog } from '../../trainer/src/testing/sample-logs.ts';
import { runEdgewood } from './testing/run-edgewood.ts';

const HEADER = 'timestamp,device_id,program,log_level,message\n';
const folder = mkdtempSync(join(tmpdir(), 'edgewood-normalised-'));
const csv = join(folder, 'logs.csv');
const models = join(folder, 'models');
after(() => rmSync(folder, { recursive: true }));

async function succeed(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runEdgewood(args);
  assert.equal(code, 0, `edgewood ${args.join(' ')}: ${stderr}`);
  return stdout;
}

const train = (directory: string, ...more: string[]) => {
  mkdirSync(directory);
  const given = ['--agent', 'wifi', '--input-file', csv, '--output-dir', directory, '--n-estimators', '10'];
  return succeed('train', ...given, '--no-alert-budget', ...more);
};
const fileOf = (directory: string, what: string) =>
  join(directory, readdirSync(directory).find((name) => name.startsWith(`wifi_${what}_2`)) ?? assert.fail(what));
const metadataOf = (directory: string) => JSON.parse(readFileSync(fileOf(directory, 'metadata'), 'utf8'));

/** The cells of a CSV without its header and its first two columns, which say where a row comes from. */
const numbersOf = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split(',').slice(2).map(Number));

let printed: string;
before(async () => {
  const rows: string[] = [];
  for await (const chunk of accessPointLog({ hours: 150 })) rows.push(...chunk.map(csvRow));
  writeFileSync(csv, `${HEADER}${rows.join('\n')}\n`);
  printed = await train(models);
  await succeed('models', 'activate', 'wifi', 'latest', '--dir', models);
});

test('six days are trained on windows by what is usual of them, and the metadata says so', () => {
  assert.match(printed, /^the forest judges a window by what is usual .* with the 11 windows before it$/m);
  const { feature_scaling, score_smoothing, hyperparameters, training_window_count, probes } = metadataOf(models);
  assert.deepEqual([feature_scaling, score_smoothing], ['device_hour', { weight: 0.3, windows: 12 }]);
  assert.equal(hyperparameters.max_samples, training_window_count);
  assert.ok(probes.every(({ vector }: { vector: number[] }) => vector.every((value) => value >= 0 && value < 40)));
});

test('--no-normalise trains on what was counted, as scikit-learn would', async () => {
  const raw = join(folder, 'raw');
  await train(raw, '--no-normalise');
  const { feature_scaling, score_smoothing, hyperparameters } = metadataOf(raw);
  assert.deepEqual([feature_scaling, score_smoothing, hyperparameters.max_samples], [undefined, undefined, 'auto']);
});

test('features --model writes what the forest sees; its scores, smoothed, are those of score and backtest', async () => {
  const table = join(folder, 'features.csv');
  await succeed('features', '--agent', 'wifi', '--model', models, '--input-file', csv, '--output-file', table);
  const seen = numbersOf(readFileSync(table, 'utf8'));
  const { forest } = await loadActiveModel(new LocalModelFiles(models), parseAgentName('wifi'));
  const raw = forest.scoreSamples(seen);
  const scored = numbersOf(await succeed('score', '--model', models, '--input-file', csv)).map(([score]) => score);
  assert.equal(scored.length, raw.length);
  const last = raw.length - 1; // rows of two devices take turns
  const weights = Array.from({ length: 12 }, (_, back) => 0.7 ** back);
  const sum = weights.reduce((total, weight, back) => total + weight * (raw[last - 2 * back] ?? Number.NaN), 0);
  const smoothed = sum / weights.reduce((total, weight) => total + weight);
  assert.ok(Math.abs((scored[last] ?? Number.NaN) - smoothed) < 1e-12, `${scored[last]} ${smoothed}`);

  const threshold = [...scored].sort((a = 0, b = 0) => a - b)[20] ?? assert.fail();
  const replay = ['backtest', '--agent', 'wifi', '--dir', models, '--input-file', csv, '--detector', 'forest'];
  const told = await succeed(...replay, '--forest-threshold', `${threshold}`);
  assert.match(told, /^wifi +forest +.* 20 /m);
});

test('a version whose baseline lacks what its forest needs is refused', async () => {
  const broken = join(folder, 'broken');
  await train(broken);
  const baselinePath = fileOf(broken, 'baseline');
  const { window_norms: _, ...baseline } = JSON.parse(readFileSync(baselinePath, 'utf8'));
  const text = JSON.stringify(baseline);
  writeFileSync(baselinePath, text);
  const metadata = metadataOf(broken);
  metadata.files.baseline.sha256 = createHash('sha256').update(text).digest('hex');
  writeFileSync(fileOf(broken, 'metadata'), JSON.stringify(metadata));
  const { code, stderr } = await runEdgewood(['score', '--model', fileOf(broken, 'model'), '--input-file', csv]);
  assert.equal(code, 1);
  assert.match(stderr, /feature_scaling device_hour.*its baseline has no window_norms; train it again.*BAD_BASELINE/s);
});

test('with --model a table is as the version says', async () => {
  const given = ['features', '--agent', 'wifi', '--model', models, '--input-file', csv, '--output-file', csv];
  const { code, stderr } = await runEdgewood([...given, '--window', '60s']);
  assert.equal(code, 2);
  assert.match(stderr, /are the version's own, so not with --model/);
});
