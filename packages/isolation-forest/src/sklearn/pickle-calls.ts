/**
 * The allow-list: what a model file may name, and what each name makes. Nothing is ever called; a name outside these
 * tables ends the reading.
 */
import { ForestError } from '../errors.ts';
import { NumpyArray, NumpyDtype, scalarOf, shapeOf } from './ndarray.ts';
import { type PyDict, PyGlobal, PyObject, PySequence, type PyValue } from './pickle-values.ts';

export const FOREST = 'sklearn.ensemble._iforest IsolationForest';
export const TREE_ESTIMATOR = 'sklearn.tree._classes ExtraTreeRegressor';
export const TREE = 'sklearn.tree._tree Tree';
export const SCALER = 'sklearn.preprocessing._data StandardScaler';
export const PIPELINE = 'sklearn.pipeline Pipeline';
export const ARRAY_WRAPPER = 'joblib.numpy_pickle NumpyArrayWrapper';
/** A generator as random_state: kept as a name, without its state. */
export const GENERATOR = 'numpy.random generator';
const NDARRAY = 'numpy ndarray';
const OBJECT = 'builtins object';

/** Names under which a class or function occurs, in any release of Python, numpy, joblib and scikit-learn. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  [FOREST, FOREST],
  ['sklearn.ensemble.iforest IsolationForest', FOREST],
  [TREE_ESTIMATOR, TREE_ESTIMATOR],
  ['sklearn.tree.tree ExtraTreeRegressor', TREE_ESTIMATOR],
  [TREE, TREE],
  [SCALER, SCALER],
  ['sklearn.preprocessing.data StandardScaler', SCALER],
  [PIPELINE, PIPELINE],
  [ARRAY_WRAPPER, ARRAY_WRAPPER],
  ['sklearn.externals.joblib.numpy_pickle NumpyArrayWrapper', ARRAY_WRAPPER],
  [NDARRAY, NDARRAY],
  ['numpy dtype', 'numpy dtype'],
  ['numpy.core.multiarray _reconstruct', 'numpy _reconstruct'],
  ['numpy._core.multiarray _reconstruct', 'numpy _reconstruct'],
  ['numpy.core.multiarray scalar', 'numpy scalar'],
  ['numpy._core.multiarray scalar', 'numpy scalar'],
  ['numpy.core.numeric _frombuffer', 'numpy _frombuffer'],
  ['numpy._core.numeric _frombuffer', 'numpy _frombuffer'],
  ['_codecs encode', '_codecs encode'],
  ['builtins bytes', 'builtins bytes'],
  ['__builtin__ bytes', 'builtins bytes'],
  [OBJECT, OBJECT],
  ['__builtin__ object', OBJECT],
  ['copyreg _reconstructor', 'copyreg _reconstructor'],
  ['copy_reg _reconstructor', 'copyreg _reconstructor'],
  ['numpy.random._pickle __randomstate_ctor', GENERATOR],
  ['numpy.random._pickle __bit_generator_ctor', GENERATOR],
  ['numpy.random._pickle __generator_ctor', GENERATOR],
  ['numpy.random._mt19937 MT19937', 'numpy.random MT19937'],
  ['numpy.random._pcg64 PCG64', 'numpy.random PCG64'],
]);

/** Classes that may be instantiated without arguments and given a state. */
const INSTANTIABLE: ReadonlySet<string> = new Set([FOREST, TREE_ESTIMATOR, SCALER, PIPELINE, ARRAY_WRAPPER]);

/** @throws {ForestError} `FORBIDDEN` for a name that is not in the table, matched as one exact pair. */
export function permittedGlobal(module: string, name: string, offset: number): PyGlobal {
  const known = ALIASES.get(`${module} ${name}`);
  if (known !== undefined && !module.includes(' ') && !name.includes(' ')) return new PyGlobal(known);
  const shown = `${module}.${name}`.slice(0, 120);
  throw new ForestError(
    'FORBIDDEN',
    `the file names ${JSON.stringify(shown)}, which no model needs; nothing of it was run`,
    { offset },
  );
}

/** What `class()` makes. */
export function instanceOf(target: PyValue | undefined, args: PyValue | undefined, offset: number): PyObject {
  const empty = args instanceof PySequence && args.kind === 'tuple' && args.items.length === 0;
  if (target instanceof PyGlobal && INSTANTIABLE.has(target.name) && empty)
    return new PyObject(target.name, [], offset);
  throw forbiddenCall(target, offset);
}

/** What calling a permitted function with these arguments means, as data. */
export function resultOf(target: PyValue | undefined, args: PyValue | undefined, offset: number): PyValue {
  if (!(target instanceof PyGlobal) || !(args instanceof PySequence) || args.kind !== 'tuple')
    throw forbiddenCall(target, offset);
  const call = CALLS.get(target.name);
  if (call === undefined) throw forbiddenCall(target, offset);
  return call(args.items, offset);
}

type Call = (args: readonly PyValue[], offset: number) => PyValue;

const CALLS: ReadonlyMap<string, Call> = new Map<string, Call>([
  [TREE, (args, offset) => new PyObject(TREE, args, offset)],
  [GENERATOR, (args, offset) => new PyObject(GENERATOR, args, offset)],
  [
    'numpy dtype',
    ([code], offset) => (typeof code === 'string' ? new NumpyDtype(code, offset) : badArguments('dtype', offset)),
  ],
  [
    'numpy _reconstruct',
    ([type], offset) => (isGlobal(type, NDARRAY) ? emptyArray() : badArguments('_reconstruct', offset)),
  ],
  ['numpy scalar', numpyScalar],
  ['numpy _frombuffer', fromBuffer],
  [NDARRAY, ([shape, dtype], offset) => arrayOf(shape, dtype, offset)],
  ['_codecs encode', encode],
  ['builtins bytes', (args, offset) => (args.length === 0 ? new Uint8Array(0) : badArguments('bytes', offset))],
  [
    'copyreg _reconstructor',
    ([type, base, state], offset) =>
      isGlobal(base, OBJECT) && state === null
        ? instanceOf(type, new PySequence('tuple', []), offset)
        : badArguments('_reconstructor', offset),
  ],
]);

function numpyScalar([dtype, bytes]: readonly PyValue[], offset: number): PyValue {
  if (!(dtype instanceof NumpyDtype) || !(bytes instanceof Uint8Array)) return badArguments('scalar', offset);
  return scalarOf(dtype, bytes, offset);
}

function fromBuffer([bytes, dtype, shape, order]: readonly PyValue[], offset: number): PyValue {
  if (!(bytes instanceof Uint8Array) || !(dtype instanceof NumpyDtype) || dtype.kind === 'O')
    return badArguments('_frombuffer', offset);
  const array = new NumpyArray(dtype, shapeOf(shape, offset), bytes);
  array.fortran = order === 'F';
  if (array.size * dtype.itemSize !== bytes.length) {
    throw new ForestError('MALFORMED', `the array at byte ${offset} has not as many bytes as its shape says`, {
      offset,
    });
  }
  return array;
}

function arrayOf(shape: PyValue | undefined, dtype: PyValue | undefined, offset: number): PyValue {
  if (dtype !== undefined && !(dtype instanceof NumpyDtype)) return badArguments('ndarray', offset);
  return new NumpyArray(dtype ?? new NumpyDtype('f8', offset), shapeOf(shape, offset));
}

function emptyArray(): NumpyArray {
  return new NumpyArray(new NumpyDtype('i1', 0), [0]);
}

function encode([text, encoding]: readonly PyValue[], offset: number): PyValue {
  if (typeof text !== 'string' || encoding !== 'latin1') return badArguments('encode', offset);
  return Uint8Array.from(text, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (code > 0xff) throw new ForestError('MALFORMED', `the bytes at ${offset} are not Latin-1`, { offset });
    return code;
  });
}

function isGlobal(value: PyValue | undefined, name: string): boolean {
  return value instanceof PyGlobal && value.name === name;
}

function badArguments(call: string, offset: number): never {
  throw new ForestError('MALFORMED', `the arguments of ${call} at byte ${offset} are not those that models have`, {
    offset,
  });
}

function forbiddenCall(target: PyValue | undefined, offset: number): ForestError {
  const shown = target instanceof PyGlobal ? target.name.replace(' ', '.') : 'something that is no function';
  return new ForestError(
    'FORBIDDEN',
    `the file wants to call ${shown} at byte ${offset}; models do not, and nothing was called`,
    { offset },
  );
}

/** @throws {ForestError} `MALFORMED` unless a state is a dictionary. */
export function dictOf(state: PyValue, offset: number): PyDict {
  if (state instanceof Map) return state;
  throw new ForestError('MALFORMED', `the state at byte ${offset} must be a dictionary`, { offset });
}
