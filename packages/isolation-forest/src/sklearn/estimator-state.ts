/**
 * From the inert objects of a file to a forest, a scaler, or both. Only named attributes are looked at, each with its type;
 * what contradicts itself is refused here, before anything scores with it.
 */
import { ForestError } from '../errors.ts';
import type { ForestState } from '../forest-state.ts';
import type { Compatibility, Fraction, IsolationForestParameters } from '../parameters.ts';
import { NumpyArray, numbersOf } from './ndarray.ts';
import { FOREST, GENERATOR, TREE_ESTIMATOR } from './pickle-calls.ts';
import { type PyDict, PyFloat, PyObject, PySequence, type PyValue } from './pickle-values.ts';
import { checkPathLengths, readTree } from './read-tree.ts';

/** Most trees of a forest, and most nodes of all its trees. */
export const FOREST_LIMITS = { trees: 100_000, nodes: 50_000_000 } as const;

/** A forest as read, with what deserves a word. */
export interface ReadForest {
  readonly state: ForestState;
  readonly sklearnVersion: string;
  readonly warnings: readonly string[];
}

/** @throws {ForestError} `BAD_MODEL`, `LIMIT`. */
export function forestOf(object: PyObject): ReadForest {
  const attributes = attributesOf(object, 'the forest');
  const warnings: string[] = [];
  const sklearnVersion = textOf(attributes, '_sklearn_version');
  const nFeaturesIn = countOf(attributes, 'n_features_in_');
  const maxSamples = countOf(attributes, 'max_samples_');
  const maxFeatures = countOf(attributes, '_max_features');
  if (attributes.has('_max_samples') && attributes.get('_max_samples') !== maxSamples)
    throw bad('max_samples_ and _max_samples differ');
  if (maxFeatures > nFeaturesIn) throw bad(`each tree sees ${maxFeatures} of ${nFeaturesIn} features`);
  const estimators = readTrees(attributes, maxFeatures);
  const state: ForestState = {
    parameters: parametersOf(attributes, sklearnVersion, warnings),
    nFeaturesIn,
    featureNamesIn: featureNamesOf(attributes, nFeaturesIn),
    offset: finiteOf(attributes, 'offset_'),
    maxSamples,
    nSamples: countOf(attributes, '_n_samples'),
    maxFeatures,
    seeds: Array.from(arrayOf(attributes, '_seeds')),
    estimators,
    estimatorsFeatures: featureListsOf(attributes, estimators.length, maxFeatures, nFeaturesIn),
    averagePathLengths: pathLengthsOf(attributes, estimators),
  };
  return { state, sklearnVersion, warnings };
}

function readTrees(attributes: PyDict, maxFeatures: number): ForestState['estimators'] {
  const list = sequenceOf(attributes, 'estimators_', 'list');
  if (list.length < 1) throw bad('it has no trees');
  if (list.length > FOREST_LIMITS.trees)
    throw new ForestError('LIMIT', `${list.length} trees; at most ${FOREST_LIMITS.trees} are read`);
  const seen = new Set<PyValue>();
  let nodes = 0;
  return list.map((item, index) => {
    const where = `tree ${index}`;
    if (!(item instanceof PyObject) || item.className !== TREE_ESTIMATOR)
      throw bad(`${where} is no ExtraTreeRegressor`);
    const of = attributesOf(item, where);
    const inner = of.get('tree_');
    if (inner === undefined || seen.has(inner)) throw bad(`${where} is missing or another tree again`);
    seen.add(inner);
    const seed = of.get('random_state');
    const tree = readTree(inner, typeof seed === 'number' ? seed : 0, where);
    if (tree.nFeatures !== maxFeatures) throw bad(`${where} sees ${tree.nFeatures} features instead of ${maxFeatures}`);
    nodes += tree.leftChild.length;
    if (nodes > FOREST_LIMITS.nodes) throw new ForestError('LIMIT', `more than ${FOREST_LIMITS.nodes} nodes`);
    return tree;
  });
}

function parametersOf(attributes: PyDict, sklearnVersion: string, warnings: string[]): IsolationForestParameters {
  const contamination = attributes.get('contamination');
  const maxSamples = attributes.get('max_samples');
  return {
    nEstimators: countOf(attributes, 'n_estimators'),
    maxSamples: maxSamples === 'auto' ? 'auto' : countOrShare(maxSamples, 'max_samples'),
    contamination: contamination === 'auto' ? 'auto' : finiteOf(attributes, 'contamination'),
    maxFeatures: countOrShare(attributes.get('max_features'), 'max_features'),
    bootstrap: attributes.get('bootstrap') === true,
    randomState: randomStateOf(attributes.get('random_state'), warnings),
    warmStart: attributes.get('warm_start') === true,
    compatibility: compatibilityOf(sklearnVersion),
  };
}

function randomStateOf(value: PyValue | undefined, warnings: string[]): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value < 2 ** 32) return value;
  const isGenerator = value instanceof PyObject && value.className === GENERATOR;
  if (value !== null && !isGenerator) throw bad('random_state is neither an integer, None, nor a generator');
  warnings.push(
    'it was not trained from a fixed seed: random_state is taken as 0, and training again gives other trees',
  );
  return 0;
}

/** Whose rules a forest of that release follows for missing values. */
function compatibilityOf(sklearnVersion: string): Compatibility {
  const [major = 0, minor = 0] = sklearnVersion.split('.').map(Number);
  if (major < 1 || minor < 6) return 'classic';
  return minor < 8 ? '1.6' : '1.9';
}

function countOrShare(value: PyValue | undefined, name: string): number | Fraction {
  if (typeof value === 'number' && value >= 1) return value;
  if (value instanceof PyFloat && value.value > 0 && value.value <= 1) return { fraction: value.value };
  throw bad(`${name} is neither a count nor a share`);
}

function featureNamesOf(attributes: PyDict, nFeaturesIn: number): readonly string[] | undefined {
  const names = attributes.get('feature_names_in_');
  if (names === undefined) return undefined;
  if (!(names instanceof NumpyArray) || names.items === undefined) throw bad('feature_names_in_ is no array of text');
  const { items } = names;
  if (items.length !== nFeaturesIn || !items.every((item) => typeof item === 'string')) {
    throw bad(`feature_names_in_ does not hold ${nFeaturesIn} names`);
  }
  return items as string[];
}

function featureListsOf(
  attributes: PyDict,
  trees: number,
  maxFeatures: number,
  nFeaturesIn: number,
): readonly Int32Array[] {
  const lists = sequenceOf(attributes, 'estimators_features_');
  if (lists.length !== trees) throw bad(`${lists.length} lists of features for ${trees} trees`);
  return lists.map((list, index) => {
    if (!(list instanceof NumpyArray) || !'iu'.includes(list.dtype.kind)) {
      throw bad(`the feature list of tree ${index} is no array of integers`);
    }
    const numbers = numbersOf(list);
    if (
      numbers.length !== maxFeatures ||
      !numbers.every((feature) => Number.isInteger(feature) && feature >= 0 && feature < nFeaturesIn)
    ) {
      throw bad(`the feature list of tree ${index} does not name ${maxFeatures} of ${nFeaturesIn} features`);
    }
    return Int32Array.from(numbers);
  });
}

function pathLengthsOf(attributes: PyDict, estimators: ForestState['estimators']): readonly Float64Array[] | undefined {
  if (!attributes.has('_average_path_length_per_tree') && !attributes.has('_decision_path_lengths')) return undefined;
  const averages = sequenceOf(attributes, '_average_path_length_per_tree');
  const depths = sequenceOf(attributes, '_decision_path_lengths');
  if (averages.length !== estimators.length || depths.length !== estimators.length)
    throw bad('it has other path lengths than trees');
  return estimators.map((tree, index) => {
    const [average, depth] = [averages[index], depths[index]];
    if (!(average instanceof NumpyArray) || !(depth instanceof NumpyArray))
      throw bad(`the path lengths of tree ${index} are no arrays`);
    const lengths = numbersOf(average);
    checkPathLengths(tree, lengths, numbersOf(depth), `tree ${index}`);
    return lengths;
  });
}

/** The state of an estimator. */
export function attributesOf(object: PyObject, what: string): PyDict {
  if (object.state instanceof Map) return object.state;
  throw new ForestError('BAD_MODEL', `${what} has no attributes`, { offset: object.offset });
}

/** Whether a value is an IsolationForest. */
export function isForest(value: PyValue): value is PyObject {
  return value instanceof PyObject && value.className === FOREST;
}

export function textOf(attributes: PyDict, name: string): string {
  const value = attributes.get(name);
  if (typeof value === 'string' && value.length <= 200) return value;
  throw bad(`${name} is no text`);
}

export function countOf(attributes: PyDict, name: string): number {
  const value = attributes.get(name);
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1) return value;
  throw bad(`${name} must be a positive integer, got ${shown(value)}`);
}

export function finiteOf(attributes: PyDict, name: string): number {
  const value = attributes.get(name);
  const number = value instanceof PyFloat ? value.value : value;
  if (typeof number === 'number' && Number.isFinite(number)) return number;
  throw bad(`${name} must be a finite number, got ${shown(value)}`);
}

export function arrayOf(attributes: PyDict, name: string): Float64Array {
  const value = attributes.get(name);
  if (value instanceof NumpyArray) return numbersOf(value);
  throw bad(`${name} is no array`);
}

export function sequenceOf(attributes: PyDict, name: string, kind?: PySequence['kind']): readonly PyValue[] {
  const value = attributes.get(name);
  if (value instanceof PySequence && (kind === undefined || value.kind === kind)) return value.items;
  throw bad(`${name} is no list`);
}

function shown(value: PyValue | undefined): string {
  if (value instanceof PyFloat) return String(value.value);
  return value === null || ['number', 'string', 'boolean', 'undefined'].includes(typeof value)
    ? (JSON.stringify(value) ?? 'nothing')
    : 'an object';
}

function bad(what: string): ForestError {
  return new ForestError('BAD_MODEL', `the forest contradicts itself: ${what}`);
}
