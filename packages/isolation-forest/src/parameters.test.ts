import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  DEFAULT_PARAMETERS,
  type IsolationForestParameters,
  maxFeaturesOf,
  maxSamplesOf,
  resolveParameters,
} from './parameters.ts';

describe('resolveParameters', () => {
  it('fills in the defaults, also for undefined', () => {
    const given = { nEstimators: 10, contamination: undefined } as unknown as Partial<IsolationForestParameters>;
    assert.deepEqual(resolveParameters(given), { ...DEFAULT_PARAMETERS, nEstimators: 10 });
    assert.deepEqual(resolveParameters(), DEFAULT_PARAMETERS);
  });

  const refused: [name: string, value: unknown, message: string][] = [
    ['nEstimators', 0, 'nEstimators must be an integer of at least 1, got 0'],
    ['nEstimators', 1.5, 'nEstimators must be an integer of at least 1, got 1.5'],
    ['nEstimators', '100', 'nEstimators must be an integer of at least 1, got "100"'],
    ['maxSamples', 0.5, 'maxSamples must be an integer of at least 1 (a share is a { fraction }), got 0.5'],
    ['maxSamples', 'all', `maxSamples must be 'auto', got "all"`],
    ['maxSamples', { fraction: 1.5 }, 'maxSamples must be a { fraction } in (0, 1], got {"fraction":1.5}'],
    ['maxSamples', { share: 1 }, 'maxSamples must be a { fraction } in (0, 1], got {"share":1}'],
    ['contamination', 0.7, 'contamination must be in (0, 0.5], got 0.7'],
    ['contamination', 0, 'contamination must be in (0, 0.5], got 0'],
    ['contamination', Number.NaN, 'contamination must be in (0, 0.5], got NaN'],
    ['contamination', true, `contamination must be 'auto' or in (0, 0.5], got true`],
    ['maxFeatures', 0, 'maxFeatures must be an integer of at least 1 (a share is a { fraction }), got 0'],
    ['maxFeatures', { fraction: 0 }, 'maxFeatures must be a { fraction } in (0, 1], got {"fraction":0}'],
    ['bootstrap', 1, 'bootstrap must be true or false, got 1'],
    ['randomState', -1, 'randomState must be an integer in [0, 4294967295], got -1'],
    ['randomState', 2 ** 32, 'randomState must be an integer in [0, 4294967295], got 4294967296'],
    ['randomState', null, 'randomState must be an integer in [0, 4294967295], got null'],
    ['warmStart', 'yes', 'warmStart must be true or false, got "yes"'],
    ['compatibility', '1.5', `compatibility must be 'classic' or '1.6' or '1.9', got "1.5"`],
  ];
  for (const [name, value, message] of refused) {
    it(`refuses: ${message}`, () => {
      assert.throws(() => resolveParameters({ [name]: value }), { name: 'ForestError', code: 'BAD_INPUT', message });
    });
  }

  it('refuses what is no parameter, and lists those that are', () => {
    const given = { n_estimators: 10 } as Partial<IsolationForestParameters>;
    assert.throws(() => resolveParameters(given), /^ForestError: n_estimators is no parameter; they are nEstimators, /);
  });

  const accepted: Partial<IsolationForestParameters>[] = [
    { maxSamples: 1 },
    { maxSamples: { fraction: 1 } },
    { contamination: 0.5 },
    { maxFeatures: { fraction: 1e-9 } },
    { randomState: 4294967295 },
    { compatibility: 'classic' },
  ];
  for (const given of accepted) {
    it(`takes ${JSON.stringify(given)}`, () => {
      assert.deepEqual(resolveParameters(given), { ...DEFAULT_PARAMETERS, ...given });
    });
  }
});

describe('maxSamplesOf', () => {
  const cases: [IsolationForestParameters['maxSamples'], nSamples: number, expected: number][] = [
    ['auto', 1000, 256],
    ['auto', 100, 100],
    [1, 100, 1],
    [500, 100, 100],
    [{ fraction: 1 }, 100, 100],
    [{ fraction: 0.29 }, 100, 28], // 0.29 * 100 is 28.999999999999996, and scikit-learn truncates it too
  ];
  for (const [maxSamples, nSamples, expected] of cases) {
    it(`of ${JSON.stringify(maxSamples)} is ${expected} of ${nSamples} rows`, () => {
      assert.equal(maxSamplesOf({ ...DEFAULT_PARAMETERS, maxSamples }, nSamples), expected);
    });
  }

  it('refuses a share of less than one row', () => {
    assert.throws(
      () => maxSamplesOf({ ...DEFAULT_PARAMETERS, maxSamples: { fraction: 0.1 } }, 9),
      /maxSamples must come to at least one sample, got a share of 0\.1 of 9 samples/,
    );
  });
});

describe('maxFeaturesOf', () => {
  const cases: [IsolationForestParameters['maxFeatures'], nFeatures: number, expected: number][] = [
    [{ fraction: 1 }, 7, 7],
    [{ fraction: 0.5 }, 7, 3],
    [{ fraction: 0.01 }, 7, 1],
    [7, 7, 7],
    [1, 7, 1],
  ];
  for (const [maxFeatures, nFeatures, expected] of cases) {
    it(`of ${JSON.stringify(maxFeatures)} is ${expected} of ${nFeatures} columns`, () => {
      assert.equal(maxFeaturesOf({ ...DEFAULT_PARAMETERS, maxFeatures }, nFeatures), expected);
    });
  }

  it('refuses more columns than there are', () => {
    assert.throws(
      () => maxFeaturesOf({ ...DEFAULT_PARAMETERS, maxFeatures: 8 }, 7),
      /maxFeatures must be at most 7 \(nFeatures\), got 8/,
    );
  });
});
