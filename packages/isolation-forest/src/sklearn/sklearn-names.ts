/**
 * The allow-list: every class and function that a model file may name, under all the names that they have had in Python,
 * numpy, joblib and scikit-learn. A name is a module and what is in it, apart by a space.
 */

export const FOREST = 'sklearn.ensemble._iforest IsolationForest';
export const TREE_ESTIMATOR = 'sklearn.tree._classes ExtraTreeRegressor';
export const TREE = 'sklearn.tree._tree Tree';
export const SCALER = 'sklearn.preprocessing._data StandardScaler';
export const PIPELINE = 'sklearn.pipeline Pipeline';
/** Stands for an array in joblib's files, whose bytes follow. */
export const ARRAY_WRAPPER = 'joblib.numpy_pickle NumpyArrayWrapper';
export const NDARRAY = 'numpy ndarray';
export const DTYPE = 'numpy dtype';
export const RECONSTRUCT_ARRAY = 'numpy.core.multiarray _reconstruct';
export const SCALAR = 'numpy.core.multiarray scalar';
export const FROM_BUFFER = 'numpy.core.numeric _frombuffer';
export const ENCODE = '_codecs encode';
export const BYTES = 'builtins bytes';
export const OBJECT = 'builtins object';
export const RECONSTRUCT_OBJECT = 'copyreg _reconstructor';
/** Makes numpy's random generators, which occur as `random_state`. */
export const GENERATOR = 'numpy.random._pickle __randomstate_ctor';

const OTHER_NAMES: ReadonlyMap<string, string> = new Map([
  ['sklearn.ensemble.iforest IsolationForest', FOREST],
  ['sklearn.tree.tree ExtraTreeRegressor', TREE_ESTIMATOR],
  ['sklearn.preprocessing.data StandardScaler', SCALER],
  ['sklearn.externals.joblib.numpy_pickle NumpyArrayWrapper', ARRAY_WRAPPER],
  ['numpy._core.multiarray _reconstruct', RECONSTRUCT_ARRAY],
  ['numpy._core.multiarray scalar', SCALAR],
  ['numpy._core.numeric _frombuffer', FROM_BUFFER],
  ['__builtin__ bytes', BYTES],
  ['__builtin__ object', OBJECT],
  ['copy_reg _reconstructor', RECONSTRUCT_OBJECT],
  ['numpy.random._pickle __bit_generator_ctor', GENERATOR],
  ['numpy.random._pickle __generator_ctor', GENERATOR],
]);

/** Only ever arguments, never called here: the kinds of generators. */
const ARGUMENTS = ['numpy.random._mt19937 MT19937', 'numpy.random._pcg64 PCG64'];

const NAMES: ReadonlyMap<string, string> = new Map([
  ...OTHER_NAMES,
  ...[FOREST, TREE_ESTIMATOR, TREE, SCALER, PIPELINE, ARRAY_WRAPPER].map((name) => [name, name] as const),
  ...[NDARRAY, DTYPE, RECONSTRUCT_ARRAY, SCALAR, FROM_BUFFER].map((name) => [name, name] as const),
  ...[ENCODE, BYTES, OBJECT, RECONSTRUCT_OBJECT, GENERATOR, ...ARGUMENTS].map((name) => [name, name] as const),
]);

/** The one name of what a file names so; undefined for what no model needs. Compared whole: no path leads out of it. */
export function permittedName(module: string, name: string): string | undefined {
  return module.includes(' ') ? undefined : NAMES.get(`${module} ${name}`);
}
