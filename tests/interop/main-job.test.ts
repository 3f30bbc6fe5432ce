/**
 * Python and Edgewood meet in files: a Python service predicts with our model, and our service infers with a model that a
 * Python script trained and dumped.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { agentProfile } from '@edgewood/features';
import { LocalModelFiles, loadActiveModel, parseAgentName } from '@edgewood/models';
import { createServiceEvents, ModelManager } from '@edgewood/service';
import { PYTHON_RELEASES, runPython } from './python-releases.ts';
import { ulps } from './ulps.ts';

const root = join(import.meta.dirname, '../..');
const command = join(root, 'packages/cli/bin/edgewood.js');
const directory = mkdtempSync(join(tmpdir(), 'edgewood-interop-'));
const logs = join(directory, 'sorted.csv');
const features = join(directory, 'features.csv');
const wifi = parseAgentName('wifi');
/** Rows that are predicted on both sides. */
const ROWS = 10_000;

function edgewood(...args: string[]): string {
  return execFileSync(process.execPath, [command, ...args], {
    cwd: directory,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** The sample's rows by time: in the file they stand as the collector received them. */
async function sortedSample(): Promise<string> {
  const { parse } = await import('csv-parse/sync');
  const rows: string[][] = parse(readFileSync(join(root, 'examples/sample/log_entries_sample.csv')));
  const [header = [], ...entries] = rows;
  const time = header.indexOf('timestamp');
  entries.sort((a, b) => Date.parse(a[time] ?? '') - Date.parse(b[time] ?? ''));
  const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;
  return [header, ...entries].map((row) => `${row.map(quoted).join(',')}\n`).join('');
}

before(async () => {
  writeFileSync(logs, await sortedSample());
  edgewood('features', '--agent', 'wifi', '--input-file', logs, '--output-file', features);
});
after(() => rmSync(directory, { recursive: true, force: true }));

/** The cells of a CSV without its header, which has no quotes here. */
function rowsOf(csv: string): string[][] {
  return csv
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));
}

/** The feature table's vectors, again and again, a little changed each time, until there are enough. */
function manyRows(): number[][] {
  const table = rowsOf(readFileSync(features, 'utf8')).map(([, , ...values]) => values.map(Number));
  return Array.from({ length: ROWS }, (_, index) => {
    const row = table[index % table.length] ?? [];
    const turn = Math.floor(index / table.length);
    return row.map((value, column) => (turn === 0 || (index + column) % 7 !== 0 ? value : value + turn * (column % 3)));
  });
}

function samplesOf(rows: readonly (readonly number[])[]) {
  const nFeatures = rows[0]?.length ?? 0;
  return { data: Float64Array.from(rows.flat()), nSamples: rows.length, nFeatures };
}

function largestUlps(ours: ArrayLike<number>, theirs: readonly number[]): number {
  return theirs.reduce((largest, score, row) => Math.max(largest, ulps(score, ours[row] ?? Number.NaN)), 0);
}

/** The most by which scores of the same trees may differ: numpy's own logarithm and power differ as much by processor. */
const MOST_ULPS = 4;

for (const release of PYTHON_RELEASES) {
  const title = `scikit-learn ${release.name}${release.sklearnVersion === undefined ? '' : ` (${release.sklearnVersion})`}`;

  test(`${title}: a Python service loads our model without a warning and predicts as we do`, {
    skip: release.skip,
  }, async () => {
    const models = join(directory, `ours-${release.name}`);
    mkdirSync(models);
    const version = release.sklearnVersion ?? '';
    const options = ['--contamination', '0.02', '--sklearn-version', version];
    edgewood('train', '--agent', 'wifi', '--input-file', logs, '--output-dir', models, ...options);
    edgewood('models', 'activate', 'wifi', 'latest', '--dir', models);
    const rows = manyRows();
    const theirs = runPython<{ version: string; features: string[]; predictions: number[]; scores: number[] }>(
      release,
      'wifi_model_manager.py',
      [models],
      JSON.stringify(rows),
    );
    const { forest, metadata } = await loadActiveModel(new LocalModelFiles(models), wifi);
    assert.deepEqual(theirs.features, metadata.features_used);
    assert.deepEqual([...forest.predict(rows)], theirs.predictions);
    assert.ok(theirs.predictions.includes(-1) && theirs.predictions.includes(1));
    const largest = largestUlps(forest.scoreSamples(rows), theirs.scores);
    assert.ok(largest <= MOST_ULPS, `${largest} ulp`);
  });

  test(`${title}: our service serves a model that Python trained, with Python's predictions`, {
    skip: release.skip,
  }, async () => {
    const models = join(directory, `theirs-${release.name}`);
    mkdirSync(models);
    const theirs = runPython<{ predictions: number[]; scores: number[]; offset: number }>(release, 'train_model.py', [
      features,
      models,
      '20250607_230000',
    ]);
    symlinkSync('wifi_model_20250607_230000.joblib', join(models, 'wifi_model_active.joblib'));
    symlinkSync('wifi_metadata_20250607_230000.json', join(models, 'wifi_metadata_active.json'));
    const manager = new ModelManager({
      files: new LocalModelFiles(models),
      agent: agentProfile('wifi'),
      settings: {},
      events: createServiceEvents(),
      pollIntervalMs: 1_000,
    });
    await manager.start();
    const rows = manyRows().slice(0, theirs.predictions.length);
    const ours = manager.infer(samplesOf(rows));
    await manager.stop();
    assert.equal(manager.problem, undefined);
    assert.deepEqual([...(ours?.predictions ?? [])], theirs.predictions);
    assert.ok(largestUlps(ours?.scores ?? [], theirs.scores) <= MOST_ULPS);
    assert.equal(manager.live?.model.forest.offset, theirs.offset);
  });
}

test('of windows by what is usual of them Python gives the scores that we smooth', {
  skip: PYTHON_RELEASES[0]?.skip ?? false,
}, async () => {
  const [release] = PYTHON_RELEASES;
  const models = join(directory, 'normalised');
  const seen = join(directory, 'seen.csv');
  mkdirSync(models);
  const options = ['--normalise', '--sklearn-version', release?.sklearnVersion ?? ''];
  edgewood('train', '--agent', 'wifi', '--input-file', logs, '--output-dir', models, ...options);
  edgewood('models', 'activate', 'wifi', 'latest', '--dir', models);
  edgewood('features', '--agent', 'wifi', '--model', models, '--input-file', logs, '--output-file', seen);
  const rows = rowsOf(readFileSync(seen, 'utf8'));
  const vectors = rows.map(([, , ...values]) => values.map(Number));
  const theirs = runPython<{ scores: number[] }>(
    release ?? assert.fail(),
    'wifi_model_manager.py',
    [models],
    JSON.stringify(vectors),
  );
  const ours = rowsOf(edgewood('score', '--input-file', logs, '--model', models));
  const { metadata } = await loadActiveModel(new LocalModelFiles(models), wifi);
  const { weight, windows } = metadata.score_smoothing ?? assert.fail('scores are not smoothed');
  const past = new Map<string, number[]>();
  for (const [row, [, device = '']] of rows.entries()) {
    const latest = [theirs.scores[row] ?? Number.NaN, ...(past.get(device) ?? [])].slice(0, windows);
    past.set(device, latest);
    const weights = latest.map((_, back) => (1 - weight) ** back);
    const sum = latest.reduce((total, score, back) => total + score * (weights[back] ?? 0), 0);
    const smoothed = sum / weights.reduce((total, each) => total + each);
    assert.ok(Math.abs(Number(ours[row]?.[2]) - smoothed) < 1e-12, `${ours[row]}: ${smoothed}`);
  }
});

test('the same feature table trained on both sides gives the same predictions', {
  skip: PYTHON_RELEASES[0]?.skip ?? false,
}, async () => {
  const [ours, theirs] = [join(directory, 'ours-debian'), join(directory, 'theirs-debian')];
  const options = ['--contamination', '0.01', '--sklearn-version', '1.2.1', '--keep-all'];
  edgewood('train', '--agent', 'wifi', '--input-file', logs, '--output-dir', ours, ...options);
  edgewood('models', 'activate', 'wifi', 'latest', '--dir', ours);
  const [mine, python] = await Promise.all(
    [ours, theirs].map((path) => loadActiveModel(new LocalModelFiles(path), wifi)),
  );
  assert.deepEqual(mine?.forest.state.estimators, python?.forest.state.estimators);
  assert.deepEqual(mine?.forest.predict(manyRows()), python?.forest.predict(manyRows()));
});
