import { ForestError } from '../errors.ts';
import type { ForestState } from '../forest-state.ts';
import { ByteReader } from './byte-reader.ts';
import { type Compression, unwrap } from './container.ts';
import { arrayOf, attributesOf, countOf, forestOf, isForest, sequenceOf, textOf } from './estimator-state.ts';
import { PIPELINE, SCALER } from './pickle-calls.ts';
import { readPickle } from './pickle-reader.ts';
import { type PyDict, PyObject, PySequence, type PyValue } from './pickle-values.ts';

/** scikit-learn's fitted StandardScaler: `(x - mean) / scale`, feature by feature, in float64. */
export interface ScalerState {
  readonly sklearnVersion: string;
  readonly nFeaturesIn: number;
  /** Undefined if it does not centre. */
  readonly mean: Float64Array | undefined;
  /** All positive; undefined if it does not scale. */
  readonly scale: Float64Array | undefined;
}

/** What is in a file. */
export interface SklearnFile {
  /** Of the forest, or of the scaler if that is all there is. */
  readonly sklearnVersion: string;
  readonly kind: 'IsolationForest' | 'StandardScaler' | 'Pipeline' | 'collection';
  readonly forest: ForestState | undefined;
  /** To be applied before the forest, if there are both. */
  readonly scaler: ScalerState | undefined;
  /** Pickle protocol, 0 to 5. */
  readonly protocol: number;
  readonly compression: Compression;
  /** What deserves attention; a sentence each. */
  readonly warnings: readonly string[];
}

/**
 * Reads a `.joblib` or pickle file of scikit-learn 1.0 or newer: an IsolationForest, a StandardScaler, a Pipeline of both,
 * or one of them in a dictionary, list or tuple.
 *
 * Nothing in the file is run, whatever it holds: see `pickle-reader.ts`. The forest is checked as a whole.
 *
 * @throws {ForestError} any code but `BAD_INPUT` and `NOT_FITTED`, with the byte offset where there is one.
 */
export async function readSklearnFile(bytes: Uint8Array): Promise<SklearnFile> {
  const { stream, compression } = await unwrap(bytes);
  const reader = new ByteReader(stream);
  const { value, protocol } = readPickle(reader);
  if (reader.left > 0) {
    throw new ForestError('MALFORMED', `${reader.left} bytes follow the end at byte ${reader.at}`, {
      offset: reader.at,
    });
  }
  const { kind, members } = membersOf(value);
  const forests = members.filter(isForest);
  const scalers = members.filter(isScaler);
  if (forests.length > 1 || scalers.length > 1 || forests.length + scalers.length === 0) {
    throw new ForestError(
      'UNSUPPORTED',
      `the file holds ${forests.length} forests and ${scalers.length} scalers; one of each at most is read`,
    );
  }
  const read = forests.map(forestOf)[0];
  const scaler = scalers.map(scalerOf)[0];
  if (read !== undefined && scaler !== undefined && read.state.nFeaturesIn !== scaler.nFeaturesIn) {
    throw new ForestError(
      'BAD_MODEL',
      `the scaler takes ${scaler.nFeaturesIn} features, the forest ${read.state.nFeaturesIn}`,
    );
  }
  return {
    sklearnVersion: read?.sklearnVersion ?? scaler?.sklearnVersion ?? '',
    kind,
    forest: read?.state,
    scaler,
    protocol,
    compression,
    warnings: read?.warnings ?? [],
  };
}

/** The estimators at the root of a file or one level below it; nothing deeper is looked at. */
function membersOf(value: PyValue): { kind: SklearnFile['kind']; members: readonly PyValue[] } {
  if (isForest(value)) return { kind: 'IsolationForest', members: [value] };
  if (isScaler(value)) return { kind: 'StandardScaler', members: [value] };
  if (value instanceof PyObject && value.className === PIPELINE) return { kind: 'Pipeline', members: stepsOf(value) };
  if (value instanceof Map) return { kind: 'collection', members: [...value.values()] };
  if (value instanceof PySequence) return { kind: 'collection', members: value.items };
  throw new ForestError('UNSUPPORTED', 'the file holds no IsolationForest');
}

/** A pipeline is read if it scales and then isolates, or only isolates: another step would change the samples. */
function stepsOf(pipeline: PyObject): readonly PyValue[] {
  const steps = sequenceOf(attributesOf(pipeline, 'the pipeline'), 'steps').map((step) =>
    step instanceof PySequence ? step.items[1] : null,
  );
  const [last, ...before] = steps.toReversed();
  if (last !== undefined && isForest(last) && before.length <= 1 && before.every(isScaler)) return steps;
  throw new ForestError('UNSUPPORTED', 'the pipeline is not a StandardScaler followed by an IsolationForest');
}

function isScaler(value: PyValue): value is PyObject {
  return value instanceof PyObject && value.className === SCALER;
}

function scalerOf(object: PyObject): ScalerState {
  const attributes = attributesOf(object, 'the scaler');
  const nFeaturesIn = countOf(attributes, 'n_features_in_');
  const mean = attributes.get('with_mean') === true ? lengthChecked(attributes, 'mean_', nFeaturesIn) : undefined;
  const scale = attributes.get('with_std') === true ? lengthChecked(attributes, 'scale_', nFeaturesIn) : undefined;
  if (scale?.some((value) => !(value > 0)))
    throw new ForestError('BAD_MODEL', 'the scaler divides by something that is not positive');
  return { sklearnVersion: textOf(attributes, '_sklearn_version'), nFeaturesIn, mean, scale };
}

function lengthChecked(attributes: PyDict, name: string, length: number): Float64Array {
  const numbers = arrayOf(attributes, name);
  if (numbers.length === length && numbers.every(Number.isFinite)) return numbers;
  throw new ForestError('BAD_MODEL', `${name} of the scaler does not hold ${length} finite numbers`);
}
