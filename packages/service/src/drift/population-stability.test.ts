import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quantilesOf } from '../../../trainer/src/quantiles.ts';
import { LEAST_VALUES, populationStability, STABILITY_LEVELS } from './population-stability.ts';

const COUNT = 4_000;

/** Values that fill (0, 1) evenly, put through a function. */
function spread(of: (share: number) => number, count = COUNT): Float64Array {
  return Float64Array.from({ length: count }, (_, at) => of((at + 0.5) / count)).sort();
}

const even = (share: number) => share;
/** Counts of which so many are zero, and the others one to four. */
const mostlyZero = (zeros: number) => (share: number) =>
  share < zeros ? 0 : 1 + Math.floor(((share - zeros) / (1 - zeros)) * 4);
const { some, large } = STABILITY_LEVELS;

const CASES: [string, (share: number) => number, (share: number) => number, number, number][] = [
  ['the same distribution has not moved', even, even, 0, 0.001],
  ['a little more of everything is less than some change', even, (share) => share * 1.03, 0, some],
  ['twice of everything is a large change', even, (share) => share * 2, large, 5],
  ['half of everything is a large change', even, (share) => share / 2, large, 5],
  ['another spread about the same median is a change too', even, (share) => 0.5 + (share - 0.5) * 1.6, some, 5],
  ['a constant that is the same has not moved', () => 7, () => 7, 0, 0.001],
  ['a constant that is no whole number has not moved either', () => 0.1, () => 0.1, 0, 0.001],
  ['a constant that is another one has moved wholly', () => 7, () => 8, 1, 20],
  ['a constant that varies now has moved', () => 7, (share) => 7 + share, 1, 20],
  ['what varied and is constant now has moved', even, () => 0.5, 1, 20],
  ['counts that are mostly zero, and still are, have not moved', mostlyZero(0.97), mostlyZero(0.97), 0, 0.01],
  ['zeros as rare as the quantiles allow are no change', mostlyZero(0.74), mostlyZero(0.55), 0, some],
  ['counts that are zero no more have moved', mostlyZero(0.97), mostlyZero(0.3), large, 10],
  [
    'counts that are always zero now, of which one in twenty was not, have hardly moved',
    mostlyZero(0.96),
    () => 0,
    0,
    some,
  ],
  ['what is never below its old maximum has moved', even, () => 2, 1, 20],
];

for (const [that, then, now, least, most] of CASES) {
  test(that, () => {
    const found = populationStability(quantilesOf(spread(then)), spread(now)) ?? Number.NaN;
    assert.ok(found >= least && found <= most, `${found} is not from ${least} to ${most}`);
  });
}

test('the index is the sum over bins that Siddiqi has', () => {
  const half = spread((share) => (share < 0.5 ? share * 2 : 2));
  const shares = [0.01, 0.04, 0.2, 0.25, 0.25, 0.2, 0.04, 0.01];
  const seen = shares.map((share, bin) => share / 2 + (bin === 7 ? 0.5 : 0));
  const expected = shares.reduce(
    (sum, share, bin) => sum + ((seen[bin] ?? 0) - share) * Math.log((seen[bin] ?? 0) / share),
    0,
  );
  const found = populationStability(quantilesOf(spread(even)), half) ?? 0;
  assert.ok(Math.abs(found - expected) < 0.02, `${found} is not about ${expected}`);
});

test(`fewer than ${LEAST_VALUES} values say nothing`, () => {
  const training = quantilesOf(spread(even));
  assert.equal(populationStability(training, spread(even, LEAST_VALUES - 1)), undefined);
  assert.ok((populationStability(training, spread(even, LEAST_VALUES)) ?? 1) < 0.01);
  assert.equal(populationStability(training, new Float64Array()), undefined);
});

test('an empty bin is finite', () => {
  const found = populationStability(
    quantilesOf(spread(even)),
    spread((share) => 0.3 + share / 5),
  );
  assert.ok(Number.isFinite(found));
});
