import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FeaturePeaks } from './feature-peaks.ts';

const HOUR = 3_600_000;

test('of each feature and hour the largest value is kept, the most prominent feature first', () => {
  const peaks = new FeaturePeaks(['calm', 'same', 'loud']);
  for (let window = 0; window < 60; window += 1) {
    peaks.add(window * 300_000, Float64Array.of(window % 3, 7, window === 30 ? 99 : 0));
    peaks.add(window * 300_000, Float64Array.of(0, 7, Number.NaN));
  }
  const { series } = peaks;
  assert.deepEqual(
    series.map(({ feature }) => feature),
    ['loud'],
  );
  assert.deepEqual(
    series[0]?.peaks.map(({ atMs, value }) => [atMs / HOUR, value]),
    [
      [0, 0],
      [1, 0],
      [2, 99],
      [3, 0],
      [4, 0],
    ],
  );
  assert.equal(series[0]?.prominence, 100);
});

test('no windows have no series, and what is no number is no peak', () => {
  assert.deepEqual(new FeaturePeaks(['a']).series, []);
  const peaks = new FeaturePeaks(['a']);
  peaks.add(0, Float64Array.of(Number.NaN));
  assert.deepEqual(peaks.series, []);
});
