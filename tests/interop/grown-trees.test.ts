/**
 * Training, node for node: on random data and parameters our forest and the one that a scikit-learn release fits are
 * compared bit by bit in every array of every tree, then in scores, offset and predictions.
 *
 * `EDGEWOOD_INTEROP_CASES` and `EDGEWOOD_INTEROP_SEED` choose how many cases, and others.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  type Compatibility,
  ForestError,
  IsolationForest,
  type IsolationTree,
  type Samples,
} from '@edgewood/isolation-forest';
import { type ForestCase, forestCases } from './forest-cases.ts';
import { PYTHON_RELEASES, type PythonRelease } from './python-releases.ts';
import { ulps } from './ulps.ts';

const CASES = Number(process.env.EDGEWOOD_INTEROP_CASES ?? 120);
const SEED = Number(process.env.EDGEWOOD_INTEROP_SEED ?? 1);
/** The most by which scores may differ; numpy's own logarithm and power differ as much from processor to processor. */
const MOST_ULPS = 4;

/** What `reference_forest.py` answers; arrays are base64 of their bytes, little-endian. */
interface Reference {
  readonly refused?: string;
  readonly maxSamples: number;
  readonly offset: string;
  readonly features: readonly (readonly number[])[];
  readonly trees: readonly (Readonly<Record<string, string | number>> & { readonly missingGoToLeft: string | null })[];
  readonly scores: string;
  readonly predictions: string;
}

interface Tally {
  readonly release: string;
  refusedByBoth: number;
  forests: number;
  trees: number;
  nodes: number;
  differingTrees: number;
  largestUlps: number;
}

const tallies: Tally[] = [];
after(() => console.table(tallies));

/** Whose rules a release follows; 1.8's for missing values are not reproduced, and not compared. */
function rulesOf(version: string): Compatibility {
  const minor = Number(version.split('.')[1]);
  if (minor < 6) return 'classic';
  return minor < 8 ? '1.6' : '1.9';
}

for (const release of PYTHON_RELEASES) {
  const title = `scikit-learn ${release.name} and we grow the same trees on ${CASES} random data sets`;
  test(title, { skip: release.skip }, () => {
    const cases = forestCases(SEED, CASES, true);
    const references = askReference(release, cases);
    const tally = {
      release: release.sklearnVersion ?? '',
      refusedByBoth: 0,
      forests: 0,
      trees: 0,
      nodes: 0,
      differingTrees: 0,
      largestUlps: 0,
    };
    tallies.push(tally);
    for (const [index, forestCase] of cases.entries()) {
      compare(forestCase, references[index] as Reference, rulesOf(tally.release), tally);
    }
    assert.equal(tally.differingTrees, 0);
    assert.ok(tally.largestUlps <= MOST_ULPS, `${tally.largestUlps} ulp`);
  });
}

function askReference(release: PythonRelease, cases: readonly ForestCase[]): Reference[] {
  const { status, stdout, stderr } = spawnSync(release.python, [join(import.meta.dirname, 'reference_forest.py')], {
    input: `${cases.map(lineOf).join('\n')}\n`,
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  });
  assert.equal(status, 0, stderr);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/** JSON has one kind of number; Python reads 1.0 as a float and 1 as an int. */
function lineOf({ name, params, floats, growTo, rows, cols, data, testRows, test: fresh }: ForestCase): string {
  const spelled = Object.entries(params).map(([key, value]) => {
    const text = JSON.stringify(value);
    return `${JSON.stringify(key)}: ${floats.includes(key) && Number.isInteger(value) ? `${text}.0` : text}`;
  });
  const rest = { name, grow_to: growTo, rows, cols, data: base64(data), test_rows: testRows, test: base64(fresh) };
  return `{"params": {${spelled.join(', ')}}, ${JSON.stringify(rest).slice(1)}`;
}

function fitOurs(
  { params, floats, growTo, rows, cols, data }: ForestCase,
  compatibility: Compatibility,
): IsolationForest {
  const amount = (name: string) =>
    floats.includes(name) ? { fraction: params[name] as number } : (params[name] as number);
  const samples: Samples = { data, nSamples: rows, nFeatures: cols };
  const forest = new IsolationForest({
    compatibility,
    nEstimators: params.n_estimators as number,
    randomState: params.random_state as number,
    contamination: params.contamination as 'auto' | number,
    bootstrap: params.bootstrap as boolean,
    ...('max_samples' in params && { maxSamples: amount('max_samples') }),
    ...('max_features' in params && { maxFeatures: amount('max_features') }),
  });
  if (growTo !== undefined)
    forest.setParameters({ warmStart: true }).fit(samples).setParameters({ nEstimators: growTo });
  return forest.fit(samples);
}

/** Our forest and its scores; undefined where we refuse the samples, as older releases do. */
function fitAndScore(forestCase: ForestCase, compatibility: Compatibility) {
  const { test: data, testRows: nSamples, cols: nFeatures } = forestCase;
  try {
    const forest = fitOurs(forestCase, compatibility);
    return {
      forest,
      scores: forest.scoreSamples({ data, nSamples, nFeatures }),
      predictions: forest.predict({ data, nSamples, nFeatures }),
    };
  } catch (error) {
    if (error instanceof ForestError) return undefined;
    throw error;
  }
}

function compare(forestCase: ForestCase, theirs: Reference, rules: Compatibility, tally: Tally): void {
  const where = `${forestCase.name} ${JSON.stringify(forestCase.params)} ${forestCase.rows}×${forestCase.cols}`;
  const ours = fitAndScore(forestCase, rules);
  assert.equal(
    ours === undefined,
    theirs.refused !== undefined,
    `${where}: refused by one side only: ${theirs.refused}`,
  );
  if (ours === undefined) {
    tally.refusedByBoth += 1;
    return;
  }
  const { state } = ours.forest;
  tally.forests += 1;
  assert.equal(state.maxSamples, theirs.maxSamples, where);
  assert.equal(state.estimators.length, theirs.trees.length, where);
  assert.deepEqual(
    state.estimatorsFeatures.map((list) => [...list]),
    theirs.features,
    where,
  );
  for (const [index, tree] of state.estimators.entries()) {
    const other = theirs.trees[index];
    tally.trees += 1;
    tally.nodes += tree.leftChild.length;
    if (other === undefined || differences(tree, other).length > 0) tally.differingTrees += 1;
  }
  const scores = doubles(theirs.scores);
  ours.scores.forEach((score, row) => {
    tally.largestUlps = Math.max(tally.largestUlps, ulps(score, scores[row] ?? Number.NaN));
  });
  tally.largestUlps = Math.max(tally.largestUlps, ulps(ours.forest.offset, doubles(theirs.offset)[0] ?? Number.NaN));
  assert.deepEqual([...ours.predictions], [...new Int8Array(Buffer.from(theirs.predictions, 'base64'))], where);
}

/** Names of the arrays in which two trees differ. At leaves the direction of missing values means nothing. */
function differences(tree: IsolationTree, { missingGoToLeft, ...arrays }: Reference['trees'][number]): string[] {
  const ours = tree as unknown as Record<string, number | Int32Array | Float64Array>;
  const wrong = Object.entries(arrays)
    .filter(([name, value]) => encoded(ours[name] ?? 0) !== value)
    .map(([name]) => name);
  if (missingGoToLeft === null) return wrong;
  const directions = Buffer.from(missingGoToLeft, 'base64');
  const astray = tree.missingGoToLeft.some(
    (flag, node) => (tree.leftChild[node] ?? -1) >= 0 && flag !== directions[node],
  );
  return astray ? [...wrong, 'missingGoToLeft'] : wrong;
}

function encoded(value: number | Int32Array | Float64Array): number | string {
  return typeof value === 'number'
    ? value
    : Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
}

function base64(values: Float64Array): string {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64');
}

function doubles(text: string): Float64Array {
  return new Float64Array(new Uint8Array(Buffer.from(text, 'base64')).buffer);
}
