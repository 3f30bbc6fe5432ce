import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { IsolationForest } from '../isolation-forest.ts';
import { digestOf } from '../testing/golden.ts';
import { readSklearnFile, type SklearnFile } from './read-sklearn-file.ts';
import { type GenuineFile, type GenuineForest, readGenuineFiles } from './testing/genuine-files.ts';

const { rows, files } = readGenuineFiles();

/** Scores of different machines and numpys differ by so much; see `exact-math.ts`. */
const SCORE_TOLERANCE = 1e-15;

function assertForest({ forest, warnings }: SklearnFile, expected: GenuineForest): void {
  assert.ok(forest !== undefined);
  const { parameters } = expected;
  const share = (value: GenuineForest['parameters'][string]) =>
    typeof value === 'object' && value !== null ? { fraction: value.float } : value;
  const { contamination } = parameters;
  assert.deepEqual(
    { ...forest.parameters, compatibility: undefined },
    {
      nEstimators: parameters.n_estimators,
      maxSamples: share(parameters.max_samples),
      contamination: typeof contamination === 'object' ? contamination?.float : contamination,
      maxFeatures: share(parameters.max_features),
      bootstrap: parameters.bootstrap,
      randomState: parameters.random_state ?? 0,
      warmStart: parameters.warm_start,
      compatibility: undefined,
    },
  );
  assert.equal(warnings.length, parameters.random_state === null ? 1 : 0, warnings.join());
  assert.equal(forest.nFeaturesIn, expected.nFeaturesIn);
  assert.deepEqual(forest.featureNamesIn, expected.featureNamesIn ?? undefined);
  assert.equal(forest.offset, expected.offset);
  assert.equal(forest.maxSamples, expected.maxSamples);
  assert.equal(forest.nSamples, expected.nSamples);
  assert.equal(forest.maxFeatures, expected.maxFeatures);
  assert.deepEqual(
    forest.estimatorsFeatures.map((columns) => [...columns]),
    expected.columns,
  );
  assert.deepEqual(
    forest.estimators.map((tree) => tree.randomState),
    expected.randomStates,
  );
  assert.equal(digestOf(forest.estimators), expected.digest);
  const narrowed = rows.map((row) => row.slice(0, expected.nFeaturesIn));
  IsolationForest.fromState(forest)
    .scoreSamples(narrowed)
    .forEach((score, row) => {
      assert.ok(Math.abs(score - expected.scores[row]) <= SCORE_TOLERANCE, `row ${row}: ${score}`);
    });
}

/** Compressions that the platform does not undo. */
const UNREAD: ReadonlySet<string> = new Set(['bzip2', 'xz', 'lzma']);

async function assertRead(expected: GenuineFile): Promise<void> {
  if (UNREAD.has(expected.compression)) {
    await assert.rejects(readSklearnFile(expected.bytes), { code: 'UNSUPPORTED' });
    return;
  }
  const file = await readSklearnFile(expected.bytes);
  assert.equal(file.kind, expected.kind);
  assert.equal(file.sklearnVersion, expected.sklearnVersion);
  assert.equal(file.pickleProtocol, expected.pickleProtocol);
  assert.equal(file.compression, expected.compression);
  assert.equal(file.forest === undefined, expected.forest === null);
  if (expected.forest !== null) assertForest(file, expected.forest);
  if (expected.scaler === null) return;
  const { mean, scale } = expected.scaler;
  assert.deepEqual(file.scaler?.mean, mean === null ? undefined : Float64Array.from(mean));
  assert.deepEqual(file.scaler?.scale, scale === null ? undefined : Float64Array.from(scale));
}

const releases = Map.groupBy(files, ({ sklearnVersion }) => sklearnVersion);
for (const [release, ofRelease] of releases) {
  const [{ numpy, joblib }] = ofRelease;
  describe(`what scikit-learn ${release} wrote with numpy ${numpy} and joblib ${joblib}`, () => {
    for (const file of ofRelease) it(`is read as it was: ${file.name}`, () => assertRead(file));
  });
}
