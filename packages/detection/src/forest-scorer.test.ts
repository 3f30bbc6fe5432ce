import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { IsolationForest } from '@edgewood/isolation-forest';
import { learnWindowNorms, type NormWindow, scaleByNorms } from '@edgewood/surprise';
import { ForestScorer } from './forest-scorer.ts';
import { DAY_MS, START_MS } from './testing/access-points.ts';

const WINDOW_MS = 300_000;
const DEVICES = ['attic', 'cellar'];

/** Of two devices a value each, which goes up and down; the cellar's is ten times as high. */
function windowsOf(count: number, fromMs = START_MS): NormWindow[] {
  return Array.from({ length: count }, (_, at) =>
    DEVICES.map((deviceId, device) => {
      const value = (5 + 3 * Math.sin(at / 7) + (at % 5)) * (device === 0 ? 1 : 10);
      return { fromMs: fromMs + at * WINDOW_MS, deviceId, vector: Float64Array.of(value, at % 3) };
    }),
  ).flat();
}

const training = windowsOf(600);
const forest = new IsolationForest({ nEstimators: 20, randomState: 1 }).fit(training.map(({ vector }) => [...vector]));
const scoresOf = (windows: readonly NormWindow[]) => forest.scoreSamples(windows.map(({ vector }) => [...vector]));
const smoothing = { weight: 0.3, windows: 4 };

test('without norms and smoothing a score is scikit-learn’s of the vector', () => {
  const windows = windowsOf(20);
  const scored = new ForestScorer({ forest }, WINDOW_MS).score(windows);
  assert.deepEqual(
    scored.map(({ score }) => score),
    [...scoresOf(windows)],
  );
  assert.deepEqual(
    scored.map(({ seen }) => seen),
    windows.map(({ vector }) => vector),
  );
  assert.deepEqual(new ForestScorer({ forest }, WINDOW_MS).score([]), []);
});

test('with norms the forest is shown how far a window is from what is usual', () => {
  const norms = learnWindowNorms(['a', 'b'], training);
  const windows = windowsOf(20);
  const scored = new ForestScorer({ forest, norms }, WINDOW_MS).score(windows);
  for (const [row, { vector, deviceId, fromMs }] of windows.entries()) {
    const seen = scaleByNorms(norms, vector, deviceId, fromMs);
    assert.deepEqual(scored[row]?.seen, seen);
    assert.equal(scored[row]?.score, forest.scoreSamples([[...seen]])[0]);
  }
});

describe('a smoothed score', () => {
  const scorer = () => new ForestScorer({ forest, smoothing }, WINDOW_MS);
  const windows = windowsOf(12);
  const ofAttic = windows.filter(({ deviceId }) => deviceId === 'attic');
  const raw = scoresOf(ofAttic);
  const scored = scorer()
    .score(windows)
    .filter((_, row) => windows[row]?.deviceId === 'attic');
  const near = (actual: number | undefined, expected: number) =>
    assert.ok(Math.abs((actual ?? Number.NaN) - expected) < 1e-15, `${actual} ${expected}`);

  test('is the mean of the device’s latest windows, the nearest weighing most', () => {
    near(scored[0]?.score, raw[0]);
    near(scored[1]?.score, (raw[1] + 0.7 * raw[0]) / 1.7);
    const weights = [1, 0.7, 0.7 ** 2, 0.7 ** 3];
    const sum = weights.reduce((total, weight, back) => total + weight * raw[9 - back], 0);
    near(scored[9]?.score, sum / weights.reduce((total, weight) => total + weight));
  });

  test('is the same whether windows come one by one or together', () => {
    const apart = scorer();
    assert.deepEqual(
      ofAttic.map((window) => apart.score([window])[0]?.score),
      scored.map(({ score }) => score),
    );
  });

  test('knows no more than its windows, so that a scorer that saw the last ones says the same', () => {
    const late = scorer();
    assert.equal(late.lookBackMs, 3 * WINDOW_MS);
    late.score(ofAttic.slice(5, 8));
    assert.equal(late.score(ofAttic.slice(8, 9))[0]?.score, scored[8]?.score);
  });

  test('takes a window that is missing as one that weighs nothing', () => {
    const gap = scorer();
    gap.score(ofAttic.slice(6, 8));
    near(gap.score(ofAttic.slice(9, 10))[0]?.score, (raw[9] + 0.49 * raw[7] + 0.343 * raw[6]) / 1.833);
  });

  test('remembers no device for longer than it looks back, however many come', () => {
    const crowd = scorer();
    for (let at = 0; at < 1000; at += 1) {
      const [window] = windowsOf(1, START_MS + at * WINDOW_MS);
      crowd.score([{ ...window, deviceId: `visitor ${at}` }]);
      assert.ok(crowd.remembered <= smoothing.windows);
    }
  });

  test('of a device that comes back after a day is that of its window', () => {
    const gone = scorer();
    gone.score(windows);
    const [back] = windowsOf(1, START_MS + DAY_MS);
    assert.equal(gone.score([back])[0]?.score, scoresOf([back])[0]);
  });
});
