import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ForestState } from '../forest-state.ts';
import { IsolationForest } from '../isolation-forest.ts';
import type { IsolationForestParameters } from '../parameters.ts';
import { bellSamples } from '../testing/synthetic-samples.ts';
import { readSklearnFile } from './read-sklearn-file.ts';
import { SKLEARN_VERSIONS } from './sklearn-versions.ts';
import { readGenuineFiles } from './testing/genuine-files.ts';
import { writeSklearnForest } from './write-forest.ts';

const SAMPLES = bellSamples(300, 5, 11);

function fitted(parameters: Partial<IsolationForestParameters> = {}, featureNames?: readonly string[]): ForestState {
  const forest = new IsolationForest({ nEstimators: 6, maxSamples: 32, randomState: 4, ...parameters });
  return forest.fit(SAMPLES, featureNames === undefined ? {} : { featureNames }).state;
}

async function readBack(state: ForestState, sklearnVersion?: string) {
  const { forest, ...file } = await readSklearnFile(writeSklearnForest(state, { sklearnVersion }));
  return { ...file, forest: forest! };
}

/** The state without what a release before may not keep, or has computed. */
function lasting({ parameters, estimators, averagePathLengths, ...state }: ForestState) {
  return {
    ...state,
    parameters: { ...parameters, compatibility: undefined },
    estimators: estimators.map((tree) => ({ ...tree, missingGoToLeft: undefined })),
  };
}

describe('a forest that is written and read again', () => {
  for (const { minor, defaultRelease, experimental } of SKLEARN_VERSIONS) {
    it(`is the same for scikit-learn ${minor} (${defaultRelease}), and so are its scores`, async () => {
      const state = fitted();
      const { forest, sklearnVersion, warnings } = await readBack(state, defaultRelease);
      assert.equal(sklearnVersion, defaultRelease);
      assert.equal(warnings.length, experimental ? 1 : 0);
      assert.deepEqual(lasting(forest), lasting(state));
      assert.deepEqual(
        IsolationForest.fromState(forest).scoreSamples(SAMPLES),
        IsolationForest.fromState(state).scoreSamples(SAMPLES),
      );
    });
  }

  const kinds: Readonly<Record<string, Partial<IsolationForestParameters>>> = {
    'columns drawn by a share': { maxFeatures: { fraction: 0.6 } },
    'one column a tree': { maxFeatures: 1 },
    'all columns, by a count': { maxFeatures: 5 },
    'one row a tree': { maxSamples: 1 },
    'all rows, by a share': { maxSamples: { fraction: 1 } },
    'rows drawn with replacement': { bootstrap: true },
    'a contamination': { contamination: 0.05 },
    'the largest seed': { randomState: 2 ** 32 - 1 },
    'a warm start': { warmStart: true },
    'the classic rules': { compatibility: 'classic' },
    'more trees than a byte counts': { nEstimators: 300, maxSamples: 4 },
  };
  for (const [kind, parameters] of Object.entries(kinds)) {
    it(`is the same with ${kind}`, async () => {
      const state = fitted(parameters);
      assert.deepEqual(lasting((await readBack(state)).forest), lasting(state));
    });
  }

  it('keeps the names of its columns, whatever their script', async () => {
    const names = ['entries', 'Größe', '日志', '😀', 'x'.repeat(300)];
    assert.deepEqual((await readBack(fitted({}, names))).forest.featureNamesIn, names);
  });

  it('keeps where missing values go, for releases that take them', async () => {
    const data = SAMPLES.data.map((value, index) => (index % 9 === 0 ? Number.NaN : value));
    const { state } = new IsolationForest({ nEstimators: 5 }).fit({ ...SAMPLES, data });
    assert.deepEqual((await readBack(state, '1.9')).forest.estimators, state.estimators);
  });

  it('sends missing values after most rows if its rules never say where, for releases that take them', async () => {
    const state = fitted({ compatibility: 'classic' });
    const modern = fitted({ compatibility: '1.6' });
    assert.deepEqual((await readBack(state, '1.5')).forest.estimators, state.estimators);
    assert.deepEqual((await readBack(state, '1.6')).forest.estimators, modern.estimators);
    assert.deepEqual((await readBack(modern, '1.5')).forest.estimators, state.estimators);
  });

  it('is what scikit-learn itself dumped, in the words of any other release', async () => {
    for (const { bytes, name, sklearnVersion, forest: expected } of readGenuineFiles().files) {
      if (expected === null || !/^(defaults|warm_start|bootstrap|named|max_features_float)$/.test(name)) continue;
      const { forest } = await readSklearnFile(bytes);
      for (const { defaultRelease } of SKLEARN_VERSIONS) {
        const again = (await readBack(forest!, defaultRelease)).forest;
        assert.deepEqual(lasting(again), lasting(forest!), `${sklearnVersion} to ${defaultRelease}`);
      }
    }
  });
});

describe('a forest that is written', () => {
  it('has its arrays at multiples of 16 bytes', () => {
    const bytes = writeSklearnForest(fitted(), { sklearnVersion: '1.9' });
    const roots = [...bytes.keys()].filter((at) => isRootOfTree(bytes, at));
    assert.equal(roots.length, 6);
    assert.ok(roots.every((at) => at % 16 === 0));
  });

  it('is the same bytes for the same forest', () => {
    assert.deepEqual(writeSklearnForest(fitted()), writeSklearnForest(fitted()));
  });

  it('cannot have a name that is no text', () => {
    assert.throws(() => writeSklearnForest(fitted({}, ['a', 'b', 'c', 'd', '\ud800'])), { code: 'BAD_INPUT' });
  });

  it('cannot be for a release that nobody knows', () => {
    assert.throws(() => writeSklearnForest(fitted(), { sklearnVersion: '0.24' }), { code: 'UNSUPPORTED' });
  });
});

/** Whether the node of 32 rows begins here whose left child is 1: the root of a tree. */
function isRootOfTree(bytes: Uint8Array, at: number): boolean {
  if (bytes[at] !== 1 || at + 64 > bytes.length) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, 64);
  return view.getBigInt64(0, true) === 1n && view.getBigInt64(40, true) === 32n && view.getFloat64(48, true) === 32;
}
