import { ForestError } from '../errors.ts';
import type { ForestState } from '../forest-state.ts';
import { attributesOf, sequenceOf } from './attributes.ts';
import { ByteReader } from './byte-reader.ts';
import { type Compression, unwrap } from './container.ts';
import { readPickle } from './pickle-reader.ts';
import { PyObject, PySequence, type PyValue } from './pickle-values.ts';
import { type ReadForest, readForest } from './read-forest.ts';
import { readScaler, type ScalerState } from './read-scaler.ts';
import { FOREST, PIPELINE, SCALER } from './sklearn-names.ts';

export type { ScalerState } from './read-scaler.ts';

/** What a file is of: one object, or a dictionary, list or tuple with one in it. */
export type SklearnFileKind = 'IsolationForest' | 'StandardScaler' | 'Pipeline' | 'collection';

/** What is in a file; a forest, a scaler, or both. */
export interface SklearnFile {
  readonly kind: SklearnFileKind;
  /** The release that wrote the forest, or the scaler if that is all there is. */
  readonly sklearnVersion: string;
  readonly forest: ForestState | undefined;
  /** To be applied to samples before the forest, if there are both. */
  readonly scaler: ScalerState | undefined;
  /** 0 to 5; also 0 for 1, which a stream does not tell apart. */
  readonly pickleProtocol: number;
  readonly compression: Compression;
  /** What deserves attention; a sentence each. */
  readonly warnings: readonly string[];
}

/**
 * Reads a file that `joblib.dump` or `pickle.dump` wrote of scikit-learn 1.0 or newer: an IsolationForest, a
 * StandardScaler, a Pipeline of the two, or a dictionary, list or tuple that has one of each at most.
 *
 * Nothing in the file is run, whatever it holds, and time and memory are bounded (see `pickle-reader.ts`, `container.ts`).
 * What is returned has been checked as a whole: its trees are trees, and score as scikit-learn would.
 *
 * @param bytes of the file; not kept.
 * @throws {ForestError} any code but `BAD_INPUT` and `NOT_FITTED`, with the offset in the uncompressed stream; what
 *   concerns the file as a whole is at 0.
 */
export async function readSklearnFile(bytes: Uint8Array): Promise<SklearnFile> {
  try {
    return await readWhole(bytes);
  } catch (error) {
    if (!(error instanceof ForestError) || error.offset !== undefined) throw error;
    throw new ForestError(error.code, error.message, { offset: 0, cause: error.cause });
  }
}

async function readWhole(bytes: Uint8Array): Promise<SklearnFile> {
  const { stream, compression } = await unwrap(bytes);
  const reader = new ByteReader(stream);
  const { value, protocol } = readPickle(reader);
  if (reader.left > 0) {
    const { left, offset } = reader;
    throw new ForestError('MALFORMED', `${left} bytes follow the end of the pickle at byte ${offset}`, { offset });
  }
  const { kind, members } = membersOf(value);
  const read = onlyOf(members, FOREST, readForest);
  const scaler = onlyOf(members, SCALER, readScaler);
  if (read === undefined && scaler === undefined)
    throw new ForestError('UNSUPPORTED', 'the file holds no IsolationForest');
  checkWidths(read, scaler);
  return {
    kind,
    sklearnVersion: (read ?? scaler)!.sklearnVersion,
    forest: read?.state,
    scaler,
    pickleProtocol: protocol,
    compression,
    warnings: read?.warnings ?? [],
  };
}

/** What is at the root of a file, or one level below it; nothing deeper is looked at. */
function membersOf(value: PyValue): { kind: SklearnFileKind; members: readonly PyValue[] } {
  if (isInstance(value, FOREST)) return { kind: 'IsolationForest', members: [value] };
  if (isInstance(value, SCALER)) return { kind: 'StandardScaler', members: [value] };
  if (isInstance(value, PIPELINE)) return { kind: 'Pipeline', members: stepsOf(value) };
  if (value instanceof Map) return { kind: 'collection', members: [...value.values()] };
  if (value instanceof PySequence) return { kind: 'collection', members: value.items };
  throw new ForestError('UNSUPPORTED', 'the file holds no IsolationForest');
}

/** A pipeline scales and then isolates, or only isolates; another step would change the samples. */
function stepsOf(pipeline: PyObject): readonly PyValue[] {
  const steps = sequenceOf(attributesOf(pipeline, 'the pipeline'), 'steps', 'list').map((step) =>
    step instanceof PySequence ? step.items[1] : null,
  );
  const [last, ...before] = steps.toReversed();
  const isReadable = isInstance(last, FOREST) && before.length <= 1 && before.every((step) => isInstance(step, SCALER));
  if (isReadable) return steps;
  throw new ForestError('UNSUPPORTED', 'the pipeline is not a StandardScaler and then an IsolationForest', {
    offset: pipeline.offset,
  });
}

/** Reads the one object of the class among the members; undefined if there is none. */
function onlyOf<Read>(members: readonly PyValue[], className: string, read: (object: PyObject) => Read) {
  const [first, second] = members.filter((member) => isInstance(member, className));
  if (second !== undefined) {
    const [, name] = className.split(' ');
    throw new ForestError('UNSUPPORTED', `the file holds more than one ${name}`, { offset: second.offset });
  }
  return first === undefined ? undefined : read(first);
}

function isInstance(value: PyValue | undefined, className: string): value is PyObject {
  return value instanceof PyObject && value.className === className;
}

function checkWidths(read: ReadForest | undefined, scaler: ScalerState | undefined): void {
  if (read === undefined || scaler === undefined || read.state.nFeaturesIn === scaler.nFeaturesIn) return;
  throw new ForestError(
    'BAD_MODEL',
    `the scaler takes ${scaler.nFeaturesIn} features and the forest ${read.state.nFeaturesIn}`,
  );
}
