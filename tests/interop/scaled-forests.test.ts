/** A forest behind a StandardScaler, as a Pipeline and as two files, scores here as in Python. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { IsolationForest, readSklearnFile, scaleSamples } from '@edgewood/isolation-forest';
import { PYTHON_RELEASES, runPython } from './python-releases.ts';

for (const release of PYTHON_RELEASES) {
  test(`scikit-learn ${release.name}: a scaled forest scores as in Python`, { skip: release.skip }, async (t) => {
    const directory = mkdtempSync(join(tmpdir(), 'edgewood-scaled-'));
    t.after(() => rmSync(directory, { recursive: true }));
    const python = runPython<{ rows: number[][]; scores: number[]; predictions: number[] }>(release, 'dump_scaled.py', [
      directory,
    ]);
    const read = (name: string) => readSklearnFile(readFileSync(join(directory, name)));
    const [pipeline, scaler, forest] = await Promise.all(
      ['pipeline.joblib', 'scaler.joblib', 'forest.joblib'].map(read),
    );
    for (const pair of [pipeline, { scaler: scaler?.scaler, forest: forest?.forest }]) {
      assert.ok(pair?.scaler && pair.forest);
      const model = IsolationForest.fromState(pair.forest);
      const scaled = scaleSamples(python.rows, pair.scaler);
      assert.deepEqual([...model.predict(scaled)], python.predictions);
      model.scoreSamples(scaled).forEach((score, row) => {
        assert.ok(Math.abs(score - (python.scores[row] ?? Number.NaN)) <= 1e-15, `row ${row}`);
      });
    }
  });
}
