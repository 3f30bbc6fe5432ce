import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { expectedPathLengths } from './contributions.ts';
import { IsolationForest } from './isolation-forest.ts';
import type { Compatibility } from './parameters.ts';
import { prepareSamples } from './samples.ts';
import { pathLengthSums, scoringForestOf } from './scoring-forest.ts';
import { bellSamples, logLikeSamples } from './testing/synthetic-samples.ts';

const NORMAL = bellSamples(500, 4, 99);
const forest = new IsolationForest({ nEstimators: 50, randomState: 3 }).fit(NORMAL);

/** What the contributions must add up to: the sample's mean path length less the roots' mean expectation. */
function expectedSum(fitted: IsolationForest, sample: number[]): number {
  const scoring = scoringForestOf(fitted.state);
  const expected = expectedPathLengths(scoring);
  const roots = scoring.roots.reduce((sum, root) => sum + expected[root], 0);
  return (pathLengthSums(scoring, prepareSamples([sample], true))[0] - roots) / scoring.roots.length;
}

describe('contributions', () => {
  it('add up to the mean path length of the sample less the expectation of the roots', () => {
    const values = fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(values, (sample) => {
        const sum = forest.contributions(sample).reduce((total, credit) => total + credit, 0);
        assert.ok(Math.abs(sum - expectedSum(forest, sample)) < 1e-12);
      }),
    );
  });

  for (const compatibility of ['1.6', '1.9'] as Compatibility[]) {
    it(`add up for missing values under the rules ${compatibility}`, () => {
      const data = bellSamples(300, 3, 5).data.map((value, i) => (i % 7 === 0 ? Number.NaN : value));
      const fitted = new IsolationForest({ compatibility, nEstimators: 20 }).fit({ data, nSamples: 300, nFeatures: 3 });
      const sample = [Number.NaN, 0.5, -3];
      const sum = fitted.contributions(sample).reduce((total, credit) => total + credit, 0);
      assert.ok(Math.abs(sum - expectedSum(fitted, sample)) < 1e-12);
    });
  }

  it('blame the feature that is out of the ordinary', () => {
    const [usual, odd, ...others] = forest.contributions([0, 9, 0.1, -0.2]);
    assert.ok(odd < -1, `got ${odd}`);
    assert.ok([usual, ...others].every((credit) => credit > odd / 3));
  });

  it('credit nothing to a feature that is constant in training', () => {
    const fitted = new IsolationForest().fit(logLikeSamples(2000, 1));
    assert.equal(fitted.contributions([3, 0, 1000, 0])[2], 0);
  });

  it('average to 0 over the training rows of a forest whose trees saw them all', () => {
    const whole = new IsolationForest({ nEstimators: 10, maxSamples: { fraction: 1 } }).fit(NORMAL);
    let total = 0;
    for (let i = 0; i < 500; i++) {
      for (const credit of whole.contributions(NORMAL.data.subarray(4 * i, 4 * i + 4))) total += credit;
    }
    assert.ok(Math.abs(total / 500) < 1e-10);
  });

  it('follow the columns of each tree where it sees only some', () => {
    const fitted = new IsolationForest({ nEstimators: 30, maxFeatures: 1 }).fit(NORMAL);
    const credits = fitted.contributions([9, 0, 0, 0]);
    assert.equal(credits.indexOf(Math.min(...credits)), 0);
  });
});

describe('expectedPathLengths', () => {
  it('of a split are the mean of both sides, weighted by their training rows', () => {
    const scoring = scoringForestOf(forest.state);
    const expected = expectedPathLengths(scoring);
    const [root] = scoring.roots;
    const [left, right] = [scoring.leftChildren[root], scoring.rightChildren[root]];
    const [nLeft, nRight] = [scoring.nNodeSamples[left], scoring.nNodeSamples[right]];
    assert.equal(expected[root], (nLeft * expected[left] + nRight * expected[right]) / (nLeft + nRight));
  });
});
