import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ScoreHistogram } from './score-histogram.ts';

function histogramOf(scores: readonly number[]): ScoreHistogram {
  const histogram = new ScoreHistogram();
  for (const score of scores) histogram.add(score);
  return histogram;
}

test('without scores there is no quantile', () => {
  assert.equal(new ScoreHistogram().quantile(0.5), undefined);
});

test('a quantile is within half a thousandth of the score that stands there in order', () => {
  const scores = fc.array(fc.double({ min: -1, max: 0, maxExcluded: true, noNaN: true }), { minLength: 1 });
  fc.assert(
    fc.property(scores, fc.double({ min: 0, max: 1, noNaN: true }), (of, share) => {
      const ordered = of.toSorted((a, b) => a - b);
      const exact = ordered[Math.max(1, Math.ceil(share * of.length)) - 1] ?? Number.NaN;
      assert.ok(Math.abs((histogramOf(of).quantile(share) ?? 1) - exact) <= 0.000_5 + 1e-12);
    }),
  );
});

test('what is no score counts as the nearest that is one', () => {
  const histogram = histogramOf([-7, 3]);
  assert.deepEqual([histogram.quantile(0), histogram.quantile(1), histogram.total], [-0.9995, -0.0005, 2]);
});
