/** From the inert objects of a file to a forest that does not contradict itself. */
import { ForestError } from '../errors.ts';
import type { ForestState } from '../forest-state.ts';
import {
  type Attributes,
  arrayOf,
  attributeOf,
  attributesOf,
  badModel,
  countOf,
  numberOf,
  sequenceOf,
  textOf,
} from './attributes.ts';
import { NumpyArray, numbersOf } from './ndarray.ts';
import type { PyObject, PyValue } from './pickle-values.ts';
import { readParameters } from './read-parameters.ts';
import { checkPathLengths, type ReadTree, readTree } from './read-tree.ts';

/** Most trees of a forest, seeds of trees, and columns that all trees list. */
export const FOREST_LIMITS = { trees: 100_000, seeds: 100_000, listedColumns: 10_000_000 } as const;

/** A forest, and what to say about it. */
export interface ReadForest {
  readonly state: ForestState;
  readonly sklearnVersion: string;
  readonly warnings: readonly string[];
}

/** @throws {ForestError} `BAD_MODEL` if it is not fitted or contradicts itself, `LIMIT` if it is too large. */
export function readForest(object: PyObject): ReadForest {
  const attributes = attributesOf(object, 'the forest');
  const sklearnVersion = textOf(attributes, '_sklearn_version');
  const { parameters, warnings } = readParameters(attributes, sklearnVersion);
  const nFeaturesIn = countOf(attributes, 'n_features_in_');
  const maxFeatures = countOf(attributes, '_max_features');
  const maxSamples = countOf(attributes, 'max_samples_');
  if (maxFeatures > nFeaturesIn) throw badModel(attributes, `has trees of ${maxFeatures} features of ${nFeaturesIn}`);
  if (attributeOf(attributes, '_max_samples') !== maxSamples) {
    throw badModel(attributes, `has ${maxSamples} as max_samples_ and another number as _max_samples`);
  }
  const trees = readTrees(attributes, maxFeatures);
  const state: ForestState = {
    parameters,
    nFeaturesIn,
    featureNamesIn: readFeatureNames(attributes, nFeaturesIn),
    offset: numberOf(attributes, 'offset_'),
    maxSamples,
    nSamples: countOf(attributes, '_n_samples'),
    maxFeatures,
    seeds: readSeeds(attributes),
    estimators: trees.map(({ tree }) => tree),
    estimatorsFeatures: readColumnLists(attributes, trees.length, maxFeatures, nFeaturesIn),
    averagePathLengths: readPathLengths(attributes, trees),
  };
  return { state, sklearnVersion, warnings: [...versionWarnings(sklearnVersion), ...warnings] };
}

/** Releases whose own files have been read, and compared with what they themselves say of them. */
const TESTED_RELEASES = { pattern: /^1\.[0-9](\D|$)/, text: '1.0 to 1.9' };

function versionWarnings(sklearnVersion: string): readonly string[] {
  const { pattern, text } = TESTED_RELEASES;
  return pattern.test(sklearnVersion) ? [] : [`it is of scikit-learn ${sklearnVersion}; ${text} have been tested`];
}

function readTrees(attributes: Attributes, maxFeatures: number): readonly ReadTree[] {
  const estimators = sequenceOf(attributes, 'estimators_', 'list');
  if (estimators.length === 0) throw badModel(attributes, 'has no trees');
  checkLimit(attributes, 'trees', estimators.length);
  checkLimit(attributes, 'listedColumns', estimators.length * maxFeatures);
  const usage = { parts: new Set<object>(), nNodes: 0 };
  return estimators.map((estimator, index) => {
    const read = readTree(estimator, `tree ${index}`, usage);
    const { nFeatures } = read.tree;
    if (nFeatures !== maxFeatures) {
      throw badModel(attributes, `has trees of ${maxFeatures} features, but tree ${index} has ${nFeatures}`);
    }
    return read;
  });
}

function checkLimit({ owner, offset }: Attributes, what: keyof typeof FOREST_LIMITS, count: number): void {
  const limit = FOREST_LIMITS[what];
  if (count <= limit) return;
  const words = what === 'listedColumns' ? 'listed columns' : what;
  throw new ForestError('LIMIT', `${owner} has more than ${limit} ${words}`, { offset });
}

function readFeatureNames(attributes: Attributes, nFeaturesIn: number): readonly string[] | undefined {
  if (!attributes.values.has('feature_names_in_')) return undefined;
  const { items = [] } = arrayOf(attributes, 'feature_names_in_');
  const names = items.filter((item) => typeof item === 'string');
  if (names.length === items.length && names.length === nFeaturesIn) return names;
  throw badModel(attributes, `has feature_names_in_ that are not ${nFeaturesIn} texts`);
}

function readSeeds(attributes: Attributes): readonly number[] {
  const array = arrayOf(attributes, '_seeds');
  checkLimit(attributes, 'seeds', array.size);
  const seeds = integersOf(array);
  if (seeds?.every((seed) => seed >= 0 && seed < 2 ** 31 - 1)) return Array.from(seeds);
  throw badModel(attributes, 'has _seeds that are not integers in [0, 2147483647)');
}

/** The numbers of an array if they are integers of 4 or 8 bytes, as numpy's are unless told otherwise. */
function integersOf(array: NumpyArray): Float64Array | undefined {
  const { kind, itemSize } = array.dtype;
  return kind === 'i' && itemSize >= 4 ? numbersOf(array) : undefined;
}

/** For each tree the columns that its features are. scikit-learn ignores the lists if the trees see all columns. */
function readColumnLists(
  attributes: Attributes,
  nTrees: number,
  maxFeatures: number,
  nFeaturesIn: number,
): readonly Int32Array[] {
  const lists = sequenceOf(attributes, 'estimators_features_', 'list');
  if (lists.length !== nTrees) throw badModel(attributes, `has ${lists.length} estimators_features_, not ${nTrees}`);
  const all = maxFeatures === nFeaturesIn ? Int32Array.from({ length: nFeaturesIn }, (_, column) => column) : undefined;
  return lists.map((list, index) => {
    const columns = list instanceof NumpyArray && list.size === maxFeatures ? integersOf(list) : undefined;
    if (columns?.every((column) => column >= 0 && column < nFeaturesIn)) return all ?? Int32Array.from(columns);
    throw badModel(attributes, `has columns of tree ${index} that are not ${maxFeatures} of ${nFeaturesIn}`);
  });
}

/** What releases from 1.3 on score with, checked; undefined for files that do not have it. */
function readPathLengths(attributes: Attributes, trees: readonly ReadTree[]): readonly Float64Array[] | undefined {
  const { values } = attributes;
  if (!values.has('_average_path_length_per_tree') && !values.has('_decision_path_lengths')) return undefined;
  const depths = sequenceOf(attributes, '_decision_path_lengths', 'tuple');
  const lengths = sequenceOf(attributes, '_average_path_length_per_tree', 'tuple');
  if (depths.length !== trees.length || lengths.length !== trees.length) {
    throw badModel(attributes, `has not as many path lengths as trees`);
  }
  return trees.map((tree, index) => {
    const treeLengths = nodeNumbers(attributes, lengths[index], tree, index);
    checkPathLengths(attributes, index, tree, nodeNumbers(attributes, depths[index], tree, index), treeLengths);
    return treeLengths;
  });
}

function nodeNumbers(attributes: Attributes, value: PyValue, { depths }: ReadTree, index: number): Float64Array {
  if (value instanceof NumpyArray && value.size === depths.length) return numbersOf(value);
  throw badModel(attributes, `has not as many path lengths as nodes in tree ${index}`);
}
