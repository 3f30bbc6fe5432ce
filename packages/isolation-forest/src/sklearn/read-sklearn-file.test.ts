import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { deflateSync, gzipSync } from 'node:zlib';
import { IsolationForest } from '../isolation-forest.ts';
import { readSklearnFile } from './read-sklearn-file.ts';

const directory = join(import.meta.dirname, 'testing', 'scikit-learn-1.3.0');
const read = (name: string) => new Uint8Array(readFileSync(join(directory, name)));
const MODEL = read('model.joblib');
const NAMES: readonly string[] = JSON.parse(readFileSync(join(directory, 'metadata.json'), 'utf8')).feature_names;

describe('a forest that scikit-learn 1.3.0 dumped', () => {
  it('is read with everything that its trees and parameters say', async () => {
    const file = await readSklearnFile(MODEL);
    assert.equal(file.kind, 'IsolationForest');
    assert.equal(file.sklearnVersion, '1.3.0');
    assert.equal(file.compression, 'none');
    assert.equal(file.scaler, undefined);
    assert.deepEqual(file.warnings, []);
    const forest = file.forest!;
    assert.equal(forest.nFeaturesIn, NAMES.length);
    assert.equal(forest.maxFeatures, 97);
    assert.deepEqual(forest.parameters.maxFeatures, { fraction: 0.8 });
    assert.equal(forest.parameters.compatibility, 'classic');
    assert.equal(forest.estimators.length, forest.parameters.nEstimators);
    assert.equal(forest.averagePathLengths?.length, forest.estimators.length);
  });

  it('scores rows of the right width, each below 0', async () => {
    const forest = IsolationForest.fromState((await readSklearnFile(MODEL)).forest!);
    const scores = forest.scoreSamples([new Array(122).fill(0), new Array(122).fill(5)]);
    assert.ok(
      scores.every((score) => score < 0 && score >= -1),
      String(scores),
    );
    assert.ok(scores[1] < scores[0]);
  });

  it('is the same forest when it is compressed', async () => {
    const { forest } = await readSklearnFile(MODEL);
    for (const [compression, bytes] of [
      ['zlib', deflateSync(MODEL)],
      ['gzip', gzipSync(MODEL)],
    ] as const) {
      const file = await readSklearnFile(new Uint8Array(bytes));
      assert.equal(file.compression, compression);
      assert.deepEqual(file.forest, forest);
    }
  });

  it('needs no more than the bytes that are its own in a larger buffer', async () => {
    const larger = new Uint8Array(MODEL.length + 20).fill(0x2e);
    larger.set(MODEL, 7);
    const file = await readSklearnFile(larger.subarray(7, 7 + MODEL.length));
    assert.deepEqual(file.forest, (await readSklearnFile(MODEL)).forest);
  });
});

describe('a scaler that scikit-learn 1.3.0 dumped', () => {
  it('is read without a forest', async () => {
    const { kind, forest, scaler } = await readSklearnFile(read('scaler.joblib'));
    assert.equal(kind, 'StandardScaler');
    assert.equal(forest, undefined);
    assert.equal(scaler?.nFeaturesIn, NAMES.length);
    assert.equal(scaler?.mean?.length, NAMES.length);
    assert.ok(scaler?.scale?.every((scale) => scale > 0));
  });
});
