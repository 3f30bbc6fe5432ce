import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { IsolationForest } from './isolation-forest.ts';
import type { Compatibility } from './parameters.ts';
import { type Samples, samplesOf } from './samples.ts';
import { digestOf, type GoldenCase, goldenTreeOf, parametersOf, readGolden } from './testing/golden.ts';
import {
  bellSamples,
  closeTargetSamples,
  equalSamples,
  logLikeSamples,
  nearlyConstantSamples,
} from './testing/synthetic-samples.ts';

interface GoldenSet {
  readonly name: string;
  readonly samples: Samples;
  readonly cases: readonly GoldenCase[];
}

const EDGE = readGolden('edge');
const NEARLY_CONSTANT = {
  name: 'nearly constant features',
  samples: nearlyConstantSamples(400, EDGE.near_constant.seed),
  cases: EDGE.near_constant.cases,
};
const SETS: readonly GoldenSet[] = [
  tiny(),
  bell('bell_100x3'),
  bell('bell_1000x10'),
  logs(),
  NEARLY_CONSTANT,
  { name: 'targets that nearly agree', samples: closeTargetSamples(), cases: EDGE.impurity_rule.cases },
  { name: 'one row', samples: samplesOf(EDGE.one_row.X), cases: EDGE.one_row.cases },
  { name: 'two rows', samples: samplesOf(EDGE.two_rows.X), cases: EDGE.two_rows.cases },
  { name: 'equal rows', samples: equalSamples(300, 4, 2.5), cases: EDGE.all_same.cases },
];

describe('golden vectors of scikit-learn 1.2.1', () => {
  it('number 50 cases', () => {
    assert.equal(
      SETS.reduce((sum, set) => sum + set.cases.length, 0),
      50,
    );
  });

  for (const { name, samples, cases } of SETS) {
    for (const expected of cases) {
      it(`${name}: trees, scores and anomalies of ${JSON.stringify(expected.params)} are the recorded ones`, () => {
        const forest = new IsolationForest({ ...parametersOf(expected), compatibility: 'classic' }).fit(samples);
        checkTrees(forest, expected);
        checkScores(forest, samples, expected);
      });
    }
  }
});

describe('the newer rules on data without missing values', () => {
  for (const set of SETS) {
    it(`1.9 grows the same trees: ${set.name}`, () => {
      for (const expected of set.cases) assert.equal(digest(set, expected, '1.9'), expected.trees_sha256);
    });

    it(`1.6 grows ${set === NEARLY_CONSTANT ? 'other' : 'the same'} trees: ${set.name}`, () => {
      for (const expected of set.cases) {
        const isSame = digest(set, expected, '1.6') === expected.trees_sha256;
        assert.equal(isSame, set !== NEARLY_CONSTANT, JSON.stringify(expected.params));
      }
    });
  }
});

describe('golden vectors of missing and infinite values', () => {
  const { X, rules } = readGolden('missing_60x4');
  const samples = samplesOf(X.map((row: (number | string)[]) => row.map(Number)));

  for (const compatibility of ['1.6', '1.9'] as const) {
    const { made_with, cases } = rules[compatibility];
    for (const expected of cases) {
      it(`scikit-learn ${made_with.sklearn}: ${JSON.stringify(expected.params)} gives the recorded forest`, () => {
        const forest = new IsolationForest({ ...parametersOf(expected), compatibility }).fit(samples);
        assert.equal(digestOf(forest.state.estimators, { missingGoToLeft: true }), expected.trees_sha256);
        assert.deepEqual([...forest.scoreSamples(samples)], expected.scores);
        assert.equal(forest.offset, expected.offset_);
        assert.equal(forest.predict(samples).filter((label) => label === -1).length, expected.outliers);
      });
    }
  }
});

function checkTrees(forest: IsolationForest, expected: GoldenCase): void {
  const { state } = forest;
  assert.equal(state.maxSamples, expected.max_samples_);
  assert.deepEqual(state.seeds.slice(0, expected.seeds.length), expected.seeds);
  assert.deepEqual(
    state.estimatorsFeatures.slice(0, expected.features.length).map((features) => [...features]),
    expected.features,
  );
  const { trees = [] } = expected;
  assert.deepEqual(state.estimators.slice(0, trees.length).map(goldenTreeOf), trees);
  assert.equal(
    state.estimators.reduce((sum, tree) => sum + tree.feature.length, 0),
    expected.sum_node_count,
  );
  assert.equal(digestOf(state.estimators), expected.trees_sha256);
}

/** Bit for bit: the recording used the C library's logarithm and power, which agree with ours on all of these. */
function checkScores(forest: IsolationForest, samples: Samples, expected: GoldenCase): void {
  assert.equal(forest.offset, expected.offset_);
  const scores = forest.scoreSamples(samples);
  assert.deepEqual(
    expected.score_rows.map((row) => scores[row]),
    expected.scores,
  );
  assert.equal(forest.predict(samples).filter((label) => label === -1).length, expected.outliers);
  if (expected.extra_X === undefined) return;
  assert.deepEqual([...forest.scoreSamples(expected.extra_X)], expected.extra_scores);
  assert.deepEqual([...forest.predict(expected.extra_X)], expected.extra_predict);
}

function digest({ samples }: GoldenSet, expected: GoldenCase, compatibility: Compatibility): string {
  return digestOf(new IsolationForest({ ...parametersOf(expected), compatibility }).fit(samples).state.estimators);
}

function tiny(): GoldenSet {
  const { X, cases } = readGolden('tiny_5x2');
  return { name: 'tiny_5x2', samples: samplesOf(X), cases };
}

function bell(name: string): GoldenSet {
  const { rows, cols, seed, first_row, last_row, cases } = readGolden(name);
  const samples = bellSamples(rows, cols, seed);
  assert.deepEqual([...samples.data.subarray(0, cols)], first_row);
  assert.deepEqual([...samples.data.subarray(-cols)], last_row);
  return { name, samples, cases };
}

function logs(): GoldenSet {
  const { rows, cols, seed, column_sums, cases } = readGolden('logs_43200x4');
  const samples = logLikeSamples(rows, seed);
  const sums = new Float64Array(cols);
  samples.data.forEach((value, i) => {
    sums[i % cols] += value;
  });
  assert.deepEqual([...sums], column_sums);
  return { name: 'logs_43200x4', samples, cases };
}
