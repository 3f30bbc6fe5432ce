import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quantilesOf } from './quantiles.ts';

test('quantiles lie between order statistics, as the R-7 method puts them', () => {
  const { min, p05, p25, p50, p99, max } = quantilesOf(Float64Array.of(4, 1, 3, 2, 5));
  assert.deepEqual([min, p25, p50, max], [1, 2, 3, 5]);
  assert.ok(Math.abs(p05 - 1.2) < 1e-12 && Math.abs(p99 - 4.96) < 1e-12);
});

test('of a single value every quantile is that value', () => {
  assert.deepEqual(new Set(Object.values(quantilesOf(Float64Array.of(7)))), new Set([7]));
});
