import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scaleSamples } from './scale-samples.ts';

const scaler = { sklearnVersion: '1.9.1', nFeaturesIn: 2, mean: Float64Array.of(1, 10), scale: Float64Array.of(2, 5) };
const rows = [
  [3, 10],
  [1, 0],
];

test('each feature is centred and scaled by its own mean and scale', () => {
  assert.deepEqual([...scaleSamples(rows, scaler).data], [1, 0, 0, -2]);
});

test('what a scaler does not do is left out', () => {
  assert.deepEqual([...scaleSamples(rows, { ...scaler, mean: undefined }).data], [1.5, 2, 0.5, 0]);
  assert.deepEqual([...scaleSamples(rows, { ...scaler, scale: undefined }).data], [2, 0, 0, -10]);
});

test('samples are not changed, and those of another width are refused', () => {
  const data = Float64Array.of(3, 10);
  scaleSamples({ data, nSamples: 1, nFeatures: 2 }, scaler);
  assert.deepEqual([...data], [3, 10]);
  assert.throws(() => scaleSamples([[1, 2, 3]], scaler), { code: 'BAD_INPUT', message: /takes 2 features.*3/ });
});
