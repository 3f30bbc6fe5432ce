import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IsolationForest } from '@edgewood/isolation-forest';
import { type ModelMetadata, parseAgentName, parseVersion } from '@edgewood/models';
import { BaselineLearner, createKindFinder, learnWindowNorms } from '@edgewood/surprise';
import { modelForest } from './model-forest.ts';

const forest = new IsolationForest({ nEstimators: 2, randomState: 1 }).fit([[1], [2], [3]]);
const metadata = { features_used: ['log_count'] } as unknown as ModelMetadata;
const version = { agent: parseAgentName('wifi'), version: parseVersion('20250607_230000'), forest };
const scaled = { ...metadata, feature_scaling: 'device_hour' as const, score_smoothing: { weight: 0.3, windows: 12 } };

const learner = new BaselineLearner(createKindFinder([]));
learner.add(0, 'attic', []);
const baseline = learner.finish();
const normsOf = (name: string) =>
  learnWindowNorms([name], [{ fromMs: 0, deviceId: 'attic', vector: Float64Array.of(1) }]);

test('a forest sees vectors as they are where the metadata says nothing, whatever the baseline has', () => {
  const plain = { forest, norms: undefined, smoothing: undefined };
  assert.deepEqual(modelForest({ ...version, metadata }, undefined), plain);
  assert.deepEqual(modelForest({ ...version, metadata }, { ...baseline, windowNorms: normsOf('log_count') }), plain);
});

test('where the metadata says so, it sees them by what the baseline has of them', () => {
  const windowNorms = normsOf('log_count');
  const seen = modelForest({ ...version, metadata: scaled }, { ...baseline, windowNorms });
  assert.deepEqual(seen, { forest, norms: windowNorms, smoothing: { weight: 0.3, windows: 12 } });
});

test('a version whose baseline does not say what is usual of its vectors is refused', () => {
  for (const [of, message] of [
    [undefined, /^wifi 20250607_230000 takes vectors by what is usual .*, but it has no baseline; train it again$/],
    [baseline, /its baseline has no window_norms/],
    [{ ...baseline, windowNorms: normsOf('radar_events') }, /of log_count, but .* window_norms are of radar_events/],
  ] as const) {
    assert.throws(() => modelForest({ ...version, metadata: scaled }, of), { code: 'BAD_BASELINE', message });
  }
});
