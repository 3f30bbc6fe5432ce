/**
 * Files that we write, in the hands of each scikit-learn that there is: it loads them without a warning, answers as we do,
 * and cannot tell the forest from the one that it fits itself. See `check_written_forest.py` for what is compared.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  type Compatibility,
  IsolationForest,
  type IsolationForestParameters,
  writeSklearnForest,
} from '@edgewood/isolation-forest';
import { PYTHON_RELEASES, type PythonRelease, runPython } from './python-releases.ts';

/** Rounding of `2 ** x` in the C libraries, in units of the last place. */
const SCORE_TOLERANCE_ULP = 4;

interface Case {
  readonly name: string;
  readonly parameters: Partial<IsolationForestParameters>;
  readonly training: readonly (readonly number[])[];
  readonly featureNames?: readonly string[];
  /** Some values are missing: not before scikit-learn 1.6. */
  readonly missing?: boolean;
}

interface Report {
  readonly name: string;
  readonly trees: number;
  readonly differing_trees: number;
  readonly ulp: number;
  readonly warnings: readonly string[];
  readonly problems: readonly string[];
}

const ROWS = rowsOf(700, 6, 1);
const PROBES = rowsOf(300, 6, 2);
const NAMES = ['count', 'bytes per second', 'größte Lücke', '日志', 'plain', 'Δ🌲'];

const CASES: readonly Case[] = [
  { name: 'defaults', parameters: {}, training: ROWS },
  { name: 'contamination 0.02', parameters: { contamination: 0.02, randomState: 42 }, training: ROWS },
  { name: 'contamination 0.5', parameters: { contamination: 0.5, nEstimators: 20 }, training: ROWS },
  { name: 'a count of rows', parameters: { maxSamples: 100, nEstimators: 30, randomState: 7 }, training: ROWS },
  { name: 'a share of the rows', parameters: { maxSamples: { fraction: 0.5 }, nEstimators: 30 }, training: ROWS },
  { name: 'all rows', parameters: { maxSamples: { fraction: 1 }, nEstimators: 10 }, training: ROWS },
  { name: 'a count of columns', parameters: { maxFeatures: 1, nEstimators: 30 }, training: ROWS },
  { name: 'a share of the columns', parameters: { maxFeatures: { fraction: 0.6 }, nEstimators: 30 }, training: ROWS },
  { name: 'with replacement', parameters: { bootstrap: true, nEstimators: 30, contamination: 0.1 }, training: ROWS },
  { name: 'named columns', parameters: { nEstimators: 20 }, training: ROWS, featureNames: NAMES },
  { name: 'one tree', parameters: { nEstimators: 1, randomState: 2 ** 32 - 1 }, training: ROWS },
  { name: 'to be continued', parameters: { warmStart: true, nEstimators: 5, randomState: 2 ** 31 }, training: ROWS },
  { name: 'one row', parameters: { nEstimators: 10 }, training: ROWS.slice(0, 1) },
  { name: 'equal rows', parameters: { nEstimators: 10 }, training: ROWS.map(() => [1, 2, 3, 4, 5, 6]) },
  { name: 'many nodes', parameters: { nEstimators: 5, maxSamples: 5000 }, training: rowsOf(5000, 6, 3) },
  { name: 'missing values', parameters: { nEstimators: 50 }, training: withMissing(ROWS), missing: true },
];

const totals: string[][] = [['scikit-learn', 'forests', 'trees compared', 'differing', 'score ulp', 'warnings']];

for (const release of PYTHON_RELEASES) {
  describe(`scikit-learn ${release.sklearnVersion ?? release.name} and the files written for it`, () => {
    const directory = mkdtempSync(join(tmpdir(), 'edgewood-written-'));
    let reports: readonly Report[] = [];
    const cases = CASES.filter(({ missing }) => missing !== true || compatibilityOf(release) !== 'classic');

    before(() => {
      if (release.skip) return;
      const requests = cases.map((each, index) => requestOf(each, `forest-${index}.joblib`, release, directory));
      reports = runPython<Report[]>(release, 'check_written_forest.py', [directory], JSON.stringify(requests));
      totals.push(totalsOf(release, reports));
    });
    after(() => rmSync(directory, { recursive: true }));

    for (const [index, { name }] of cases.entries()) {
      it(`${name}: loads in silence, answers alike, and is the forest that it fits itself`, {
        skip: release.skip,
      }, () => {
        const report = reports[index];
        assert.equal(report.name, name);
        assert.deepEqual(report.problems, []);
        assert.deepEqual(report.warnings, []);
        assert.ok(report.trees >= 1);
        assert.equal(report.differing_trees, 0, `of ${report.trees} trees`);
        assert.ok(report.ulp <= SCORE_TOLERANCE_ULP, `scores differ by ${report.ulp} ulp`);
      });
    }
  });
}

after(() => {
  const widths = totals[0].map((_, column) => Math.max(...totals.map((row) => row[column].length)));
  for (const row of totals) console.log(row.map((cell, column) => cell.padStart(widths[column])).join('  '));
});

/** Fits and writes the forest of a case, and says what Python needs to check it. */
function requestOf(each: Case, file: string, release: PythonRelease, directory: string) {
  const { name, training, featureNames } = each;
  const forest = new IsolationForest({ ...each.parameters, compatibility: compatibilityOf(release) });
  forest.fit(training, featureNames === undefined ? {} : { featureNames });
  writeFileSync(join(directory, file), writeSklearnForest(forest.state, { sklearnVersion: release.sklearnVersion }));
  const probes = each.missing === true ? withMissing(PROBES) : PROBES;
  const { nEstimators, maxSamples, maxFeatures, contamination, bootstrap, randomState, warmStart } = forest.parameters;
  return {
    name,
    file,
    parameters: {
      n_estimators: nEstimators,
      max_samples: maxSamples,
      max_features: maxFeatures,
      contamination,
      bootstrap,
      random_state: randomState,
      warm_start: warmStart,
    },
    feature_names: featureNames ?? null,
    training,
    probes,
    scores: [...forest.scoreSamples(probes)],
    decisions: [...forest.decisionFunction(probes)],
    predictions: [...forest.predict(probes)],
  };
}

/** Whose trees a release grows. */
function compatibilityOf({ sklearnVersion = '1.9' }: PythonRelease): Compatibility {
  const minor = Number(sklearnVersion.split('.')[1]);
  if (minor < 6) return 'classic';
  return minor < 8 ? '1.6' : '1.9';
}

function totalsOf({ sklearnVersion = '' }: PythonRelease, reports: readonly Report[]): string[] {
  const sum = (count: (report: Report) => number) => String(reports.reduce((total, each) => total + count(each), 0));
  return [
    sklearnVersion,
    String(reports.length),
    sum((report) => report.trees),
    sum((report) => report.differing_trees),
    String(Math.max(...reports.map((report) => report.ulp))),
    sum((report) => report.warnings.length),
  ];
}

/** Rows around 0 with some far away, the same for the same seed; a column of whole numbers and one of large ones. */
function rowsOf(nRows: number, nColumns: number, seed: number): number[][] {
  let state = seed;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  return Array.from({ length: nRows }, (_, row) =>
    Array.from({ length: nColumns }, (_, column) => {
      const value = (uniform() + uniform() + uniform() - 1.5) * (row % 50 === 0 ? 5 : 1);
      if (column === 0) return Math.round(10 * value);
      return column === 1 ? 1e6 * value : value;
    }),
  );
}

/** Every eleventh value is missing. */
function withMissing(rows: readonly (readonly number[])[]): number[][] {
  return rows.map((row, i) => row.map((value, j) => ((i * row.length + j) % 11 === 3 ? Number.NaN : value)));
}
