/** What the names of the allow-list mean where a stream calls them. Nothing is called: the result is described as data. */
import { ForestError } from '../errors.ts';
import { NumpyArray, scalarOf, shapeOf, sizeOf } from './ndarray.ts';
import { NumpyDtype } from './numpy-dtype.ts';
import { PyGlobal, PyObject, PySequence, type PyValue } from './pickle-values.ts';
import * as names from './sklearn-names.ts';

/** Classes of which a stream may make instances without arguments. */
const INSTANTIABLE: ReadonlySet<string> = new Set([
  names.FOREST,
  names.TREE_ESTIMATOR,
  names.SCALER,
  names.PIPELINE,
  names.ARRAY_WRAPPER,
]);

type Call = (args: readonly PyValue[], offset: number) => PyValue;

const CALLS: ReadonlyMap<string, Call> = new Map<string, Call>([
  [names.TREE, (args, offset) => new PyObject(names.TREE, args, offset)],
  [names.GENERATOR, (args, offset) => new PyObject(names.GENERATOR, args, offset)],
  [names.DTYPE, dtypeOf],
  [names.RECONSTRUCT_ARRAY, reconstructArray],
  [names.NDARRAY, (_, offset) => NumpyArray.unbuilt(offset)],
  [names.SCALAR, numberOf],
  [names.FROM_BUFFER, arrayFromBuffer],
  [names.ENCODE, encode],
  [names.BYTES, emptyBytes],
  [names.RECONSTRUCT_OBJECT, reconstructObject],
]);

/** @throws {ForestError} `FORBIDDEN` for what is not on the allow-list. */
export function permittedGlobal(module: string, name: string, offset: number): PyGlobal {
  const permitted = names.permittedName(module, name);
  if (permitted !== undefined) return new PyGlobal(permitted);
  const shown = JSON.stringify(`${module}.${name}`.slice(0, 120));
  throw new ForestError(
    'FORBIDDEN',
    `the file names ${shown} at byte ${offset}, which no model needs; nothing was run`,
    {
      offset,
    },
  );
}

/**
 * What `NEWOBJ` makes: an object without a state yet.
 *
 * @throws {ForestError} `FORBIDDEN` unless a class that models have is given no arguments.
 */
export function instanceOf(target: PyValue, args: PyValue, offset: number): PyObject {
  const hasNoArguments = args instanceof PySequence && args.kind === 'tuple' && args.items.length === 0;
  if (target instanceof PyGlobal && INSTANTIABLE.has(target.name) && hasNoArguments) {
    return new PyObject(target.name, [], offset);
  }
  throw forbiddenCall(target, offset);
}

/**
 * What `REDUCE` makes: the value of a call, as data.
 *
 * @throws {ForestError} `FORBIDDEN` for a call that models do not need, `MALFORMED` for one with other arguments.
 */
export function resultOf(target: PyValue, args: PyValue, offset: number): PyValue {
  const call = target instanceof PyGlobal ? CALLS.get(target.name) : undefined;
  if (call === undefined || !(args instanceof PySequence) || args.kind !== 'tuple') throw forbiddenCall(target, offset);
  return call(args.items, offset);
}

function dtypeOf([code]: readonly PyValue[], offset: number): PyValue {
  if (typeof code !== 'string') throw badArguments('numpy.dtype', offset);
  return NumpyDtype.of(code, offset);
}

function reconstructArray([type]: readonly PyValue[], offset: number): PyValue {
  if (!isGlobal(type, names.NDARRAY)) throw badArguments('numpy _reconstruct', offset);
  return NumpyArray.unbuilt(offset);
}

function numberOf([dtype, bytes]: readonly PyValue[], offset: number): PyValue {
  if (!(dtype instanceof NumpyDtype) || !(bytes instanceof Uint8Array)) throw badArguments('numpy scalar', offset);
  return scalarOf(dtype, bytes, offset);
}

function arrayFromBuffer([bytes, dtype, lengths, order]: readonly PyValue[], offset: number): PyValue {
  const shape = shapeOf(lengths, offset);
  if (
    !(bytes instanceof Uint8Array) ||
    !(dtype instanceof NumpyDtype) ||
    dtype.kind === 'O' ||
    (order !== 'C' && order !== 'F') ||
    bytes.length !== sizeOf(shape) * dtype.itemSize
  ) {
    throw badArguments('numpy _frombuffer', offset);
  }
  return new NumpyArray(dtype, shape, order, bytes);
}

function encode([text, encoding]: readonly PyValue[], offset: number): PyValue {
  if (typeof text !== 'string' || encoding !== 'latin1') throw badArguments('_codecs.encode', offset);
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code > 0xff) throw badArguments('_codecs.encode', offset);
    bytes[index] = code;
  }
  return bytes;
}

function emptyBytes(args: readonly PyValue[], offset: number): PyValue {
  if (args.length > 0) throw badArguments('bytes', offset);
  return new Uint8Array(0);
}

function reconstructObject([type, base, state]: readonly PyValue[], offset: number): PyValue {
  if (type === undefined || !isGlobal(base, names.OBJECT) || state !== null)
    throw badArguments('_reconstructor', offset);
  return instanceOf(type, new PySequence('tuple', []), offset);
}

function isGlobal(value: PyValue | undefined, name: string): boolean {
  return value instanceof PyGlobal && value.name === name;
}

function badArguments(call: string, offset: number): ForestError {
  const what = `the arguments of ${call} at byte ${offset} are not those that it has in models`;
  return new ForestError('MALFORMED', what, { offset });
}

function forbiddenCall(target: PyValue, offset: number): ForestError {
  const shown = target instanceof PyGlobal ? target.name.replace(' ', '.') : 'what is no function';
  const what = `the file calls ${shown} at byte ${offset} as no model does; nothing was run`;
  return new ForestError('FORBIDDEN', what, { offset });
}
