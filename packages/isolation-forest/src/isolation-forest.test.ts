import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { IsolationForest } from './isolation-forest.ts';
import { type Compatibility, DEFAULT_PARAMETERS, type IsolationForestParameters } from './parameters.ts';
import { type Samples, samplesOf } from './samples.ts';
import { digestOf } from './testing/golden.ts';
import { bellSamples, logLikeSamples } from './testing/synthetic-samples.ts';

const BELL = bellSamples(400, 3, 21);
const ROWS = rowsOf(BELL);

function rowsOf({ data, nSamples, nFeatures }: Samples): number[][] {
  return Array.from({ length: nSamples }, (_, i) => [...data.subarray(i * nFeatures, (i + 1) * nFeatures)]);
}

const seed = fc.integer({ min: 0, max: 4294967295 });
const contamination = fc.double({ min: 0.005, max: 0.5, noNaN: true });
const compatibility = fc.constantFrom<Compatibility>('classic', '1.6', '1.9');

describe('IsolationForest', () => {
  it('gives rows and samples of one piece, in float64 and float32, the same scores', () => {
    const scores = new IsolationForest().fit(BELL).scoreSamples(BELL);
    assert.deepEqual(new IsolationForest().fit(ROWS).scoreSamples(ROWS), scores);
    const data = new Float32Array(BELL.data);
    assert.deepEqual(new IsolationForest().fit({ ...BELL, data }).scoreSamples({ ...BELL, data }), scores);
  });

  it('scores a sample alike wherever it stands and whatever stands beside it', () => {
    const forest = new IsolationForest({ nEstimators: 20 }).fit(BELL);
    const scores = forest.scoreSamples(BELL);
    fc.assert(
      fc.property(fc.array(fc.nat(399), { minLength: 1, maxLength: 600 }), (order) => {
        const shuffled = forest.scoreSamples(order.map((i) => ROWS[i]));
        assert.deepEqual([...shuffled], [...order.map((i) => scores[i])]);
      }),
      { numRuns: 30 },
    );
  });

  it('has scores in [-1, 0), decisions of score less offset, and predictions of their sign', () => {
    fc.assert(
      fc.property(seed, contamination, compatibility, fc.boolean(), (randomState, share, rules, bootstrap) => {
        const parameters = { nEstimators: 5, randomState, contamination: share, compatibility: rules, bootstrap };
        const forest = new IsolationForest(parameters).fit(BELL);
        const scores = forest.scoreSamples(BELL);
        const decisions = forest.decisionFunction(BELL);
        assert.ok(scores.every((score) => score >= -1 && score < 0));
        assert.deepEqual(
          decisions,
          scores.map((score) => score - forest.offset),
        );
        assert.deepEqual(
          forest.predict(BELL),
          Int8Array.from(decisions, (decision) => (decision < 0 ? -1 : 1)),
        );
      }),
      { numRuns: 30 },
    );
  });

  it('finds about the share of anomalies in the training data that it was told to expect, and never more', () => {
    fc.assert(
      fc.property(seed, contamination, (randomState, share) => {
        const forest = new IsolationForest({ nEstimators: 20, randomState, contamination: share }).fit(BELL);
        const nAnomalies = forest.predict(BELL).filter((label) => label === -1).length;
        assert.ok(nAnomalies <= Math.ceil(400 * share), `${nAnomalies} of 400 at ${share}`);
        assert.ok(nAnomalies >= Math.floor(400 * share) - 4, `${nAnomalies} of 400 at ${share}`);
      }),
      { numRuns: 30 },
    );
  });

  it('takes a tie with the offset for normal', () => {
    const forest = new IsolationForest({ contamination: 0.1 }).fit([[1], [1], [1], [1]]);
    assert.deepEqual([...forest.decisionFunction([[1]])], [0]);
    assert.deepEqual([...forest.predict([[1]])], [1]);
  });

  it('scores -0.5 if its trees saw one row each', () => {
    const forest = new IsolationForest({ maxSamples: 1 }).fit(BELL);
    assert.deepEqual([...forest.scoreSamples([[0, 0, 99]])], [-0.5]);
  });

  it('scores no samples with no scores', () => {
    assert.equal(new IsolationForest().fit(BELL).scoreSamples([]).length, 0);
  });

  it('fits a single row', () => {
    assert.deepEqual([...new IsolationForest().fit([[1, 2]]).scoreSamples([[1, 2]])], [-0.5]);
  });

  it('grows the same forest again from the same parameters, and another from another seed', () => {
    const digest = (randomState: number) => digestOf(new IsolationForest({ randomState }).fit(BELL).state.estimators);
    assert.equal(digest(1), digest(1));
    assert.notEqual(digest(1), digest(2));
  });

  it('keeps names, parameters and sizes in its state, without tables of path lengths', () => {
    const { state } = new IsolationForest({ contamination: 0.1, maxFeatures: 2 }).fit(BELL, {
      featureNames: ['a', 'b', 'c'],
    });
    const { estimators, seeds, estimatorsFeatures, offset, ...rest } = state;
    assert.deepEqual([estimators.length, seeds.length, estimatorsFeatures.length], [100, 100, 100]);
    assert.ok(offset > -1 && offset < 0);
    assert.deepEqual(rest, {
      parameters: { ...DEFAULT_PARAMETERS, contamination: 0.1, maxFeatures: 2 },
      nFeaturesIn: 3,
      featureNamesIn: ['a', 'b', 'c'],
      maxSamples: 256,
      nSamples: 400,
      maxFeatures: 2,
      averagePathLengths: undefined,
    });
  });

  it('scores alike after a journey through its state', () => {
    const forest = new IsolationForest({ contamination: 0.05 }).fit(BELL);
    const again = IsolationForest.fromState(structuredClone(forest.state));
    assert.deepEqual(again.decisionFunction(BELL), forest.decisionFunction(BELL));
    assert.deepEqual(again.parameters, forest.parameters);
  });
});

describe('a warm start', () => {
  const whole = (parameters: Partial<IsolationForestParameters>) => new IsolationForest(parameters).fit(BELL);

  it('grows the trees that one fit of all would have grown', () => {
    fc.assert(
      fc.property(
        seed,
        fc.integer({ min: 1, max: 10 }),
        fc.nat(10),
        fc.boolean(),
        (randomState, first, more, bootstrap) => {
          const parameters = { randomState, bootstrap, contamination: 0.1, maxFeatures: 2, nEstimators: first };
          const grown = whole({ ...parameters, warmStart: true });
          grown.setParameters({ nEstimators: first + more }).fit(BELL);
          const atOnce = whole({ ...parameters, nEstimators: first + more });
          const { parameters: _, ...state } = grown.state;
          const { parameters: __, ...expected } = atOnce.state;
          assert.deepEqual(state, expected);
          assert.deepEqual(grown.scoreSamples(BELL), atOnce.scoreSamples(BELL));
        },
      ),
      { numRuns: 30 },
    );
  });

  it('goes on from a state', () => {
    const forest = IsolationForest.fromState(whole({ nEstimators: 5 }).state);
    forest.setParameters({ nEstimators: 8, warmStart: true }).fit(BELL);
    assert.equal(digestOf(forest.state.estimators), digestOf(whole({ nEstimators: 8 }).state.estimators));
  });

  it('is not possible to fewer trees or other features, and what was fitted stays', () => {
    const forest = whole({ nEstimators: 5, warmStart: true });
    const { state } = forest;
    assert.throws(() => forest.fit([[1]]), /samples must have 3 features, as the trees kept, got 1/);
    forest.setParameters({ nEstimators: 4 });
    assert.throws(() => forest.fit(BELL), /nEstimators must be at least 5, the trees kept, got 4/);
    assert.equal(forest.state, state);
  });
});

describe('bad input', () => {
  const cases: [what: string, run: () => unknown, message: RegExp][] = [
    [
      'a parameter out of range, when fitted',
      () => new IsolationForest({ nEstimators: 0 }).fit(BELL),
      /nEstimators must be/,
    ],
    ['no rows to fit', () => new IsolationForest().fit([]), /at least one sample, got none/],
    ['rows without features', () => new IsolationForest().fit([[], []]), /at least one feature, got none/],
    ['rows of different widths', () => new IsolationForest().fit([[1, 2], [1]]), /sample 1 must have 2 features/],
    [
      'names that do not match the features',
      () => new IsolationForest().fit(BELL, { featureNames: ['a'] }),
      /featureNames must name 3 features, got 1/,
    ],
    ['other features than fitted', () => new IsolationForest().fit(BELL).predict([[1]]), /must have 3 features, got 1/],
    [
      'a vector of another length',
      () => new IsolationForest().fit(BELL).contributions([1]),
      /must have 3 features, got 1/,
    ],
    [
      'a missing value, by the classic rules',
      () => new IsolationForest({ compatibility: 'classic' }).fit(BELL).scoreSamples([[1, Number.NaN, 3]]),
      /sample 0, feature 1 must be finite as a float32, got NaN/,
    ],
    [
      'more columns for a tree than there are',
      () => new IsolationForest({ maxFeatures: 4 }).fit(BELL),
      /maxFeatures must be at most 3 \(nFeatures\), got 4/,
    ],
  ];
  for (const [what, run, message] of cases) {
    it(`is refused: ${what}`, () => {
      assert.throws(run, { name: 'ForestError', code: 'BAD_INPUT', message });
    });
  }

  it('leaves an earlier fit as it was', () => {
    const forest = new IsolationForest().fit(BELL);
    const { state } = forest;
    assert.throws(() => forest.fit([]));
    assert.equal(forest.state, state);
  });

  const uses: [what: string, use: (forest: IsolationForest) => unknown][] = [
    ['scored', (forest) => forest.scoreSamples([[1]])],
    ['asked for decisions', (forest) => forest.decisionFunction([[1]])],
    ['asked for contributions', (forest) => forest.contributions([1])],
    ['asked for its state', (forest) => forest.state],
    ['asked for its offset', (forest) => forest.offset],
  ];
  for (const [what, use] of uses) {
    it(`a forest that is not fitted cannot be ${what}`, () => {
      assert.throws(() => use(new IsolationForest()), { name: 'ForestError', code: 'NOT_FITTED' });
    });
  }
});

describe('infinite values', () => {
  it('above all others are split from the smallest one, by the newer rules', () => {
    for (const rules of ['1.6', '1.9'] as Compatibility[]) {
      const forest = new IsolationForest({ compatibility: rules, nEstimators: 5 }).fit([
        [1],
        [2],
        [Number.POSITIVE_INFINITY],
      ]);
      for (const { threshold } of forest.state.estimators) assert.equal(threshold[0], 1);
    }
  });

  it('below all others leave no threshold to draw', () => {
    const forest = new IsolationForest({ nEstimators: 5 }).fit([[1], [2], [Number.NEGATIVE_INFINITY]]);
    for (const { feature } of forest.state.estimators) assert.equal(feature.length, 1);
  });
});

describe('missing values', () => {
  const half = samplesOf(ROWS.map(([a, b, c], i) => [i % 2 === 0 ? Number.NaN : a, b, c]));

  for (const rules of ['1.6', '1.9'] as Compatibility[]) {
    it(`are fitted and scored by the rules ${rules}`, () => {
      const scores = new IsolationForest({ compatibility: rules }).fit(half).scoreSamples(half);
      assert.ok(scores.every((score) => score >= -1 && score < 0));
    });
  }

  it('that training never saw follow the larger side', () => {
    const forest = new IsolationForest({ nEstimators: 1, maxFeatures: 1 }).fit(logLikeSamples(300, 4));
    const [tree] = forest.state.estimators;
    tree.leftChild.forEach((left, node) => {
      if (left < 0) return;
      const isLarger = tree.nNodeSamples[left] > tree.nNodeSamples[tree.rightChild[node]];
      assert.equal(tree.missingGoToLeft[node], isLarger ? 1 : 0);
    });
  });

  it('have no way of their own in classic trees, whose releases store 0', () => {
    const { state } = new IsolationForest({ compatibility: 'classic', nEstimators: 5 }).fit(BELL);
    assert.ok(state.estimators.every((tree) => tree.missingGoToLeft.every((flag) => flag === 0)));
  });

  it('are told from a value that is always the same, by the rules 1.9', () => {
    const forest = new IsolationForest({ nEstimators: 20 }).fit([[1], [1], [Number.NaN], [Number.NaN]]);
    const splits = forest.state.estimators.filter((tree) => tree.feature.length > 1);
    assert.ok(splits.length > 0 && splits.length < 20, 'the other way leaves one side empty');
    assert.ok(splits.every((tree) => tree.threshold[0] === 1 && tree.missingGoToLeft[0] === 0));
  });

  it('are the same to a forest as a column that is constant, if a column has nothing else', () => {
    const empty = samplesOf(ROWS.map(([a, b]) => [a, b, Number.NaN]));
    const constant = samplesOf(ROWS.map(([a, b]) => [a, b, 0]));
    const digest = (samples: Samples) => digestOf(new IsolationForest().fit(samples).state.estimators);
    assert.equal(digest(empty), digest(constant));
  });
});
