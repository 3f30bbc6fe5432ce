/**
 * A tree out of a file. Whoever follows its children follows indices that a stranger wrote, so they are proven to be a tree
 * here, once: then no walk can leave the arrays or run in circles.
 */
import { averagePathLengths } from '../average-path-length.ts';
import { ForestError } from '../errors.ts';
import type { IsolationTree } from '../isolation-tree.ts';
import {
  type Attributes,
  arrayOf,
  attributeOf,
  attributesOf,
  badModel,
  countOf,
  numbersIn,
  wrongType,
} from './attributes.ts';
import { NumpyArray, numbersOf } from './ndarray.ts';
import { PyObject, type PyValue } from './pickle-values.ts';
import { TREE, TREE_ESTIMATOR } from './sklearn-names.ts';

/** Deepest tree that is read; scikit-learn grows to the logarithm of the rows that a tree sees. */
export const MAX_TREE_DEPTH = 64;

/** Most nodes of all trees of a forest: the records of so many fill the largest file. */
export const MAX_NODES = 5_000_000;

/** Fields of a node, and whether they are integers or floats. */
const FIELDS: ReadonlyMap<string, 'i' | 'f'> = new Map([
  ['left_child', 'i'],
  ['right_child', 'i'],
  ['feature', 'i'],
  ['threshold', 'f'],
  ['impurity', 'f'],
  ['n_node_samples', 'i'],
  ['weighted_n_node_samples', 'f'],
]);

/** Fields that newer releases add. Sets of categories are empty in isolation trees, and not looked at. */
const NEWER_FIELDS: ReadonlySet<string> = new Set(['missing_go_to_left', 'left_cat_bitset']);

/** A tree, and how deep its nodes are. */
export interface ReadTree {
  readonly tree: IsolationTree;
  /** Of each node; the root has 0. */
  readonly depths: Int32Array;
}

/**
 * What the trees of a forest take up together. No two trees share anything, or a small file could hold a forest of any
 * size.
 */
export interface TreeUsage {
  /** Estimators, and the bytes of their nodes. */
  readonly parts: Set<object>;
  nNodes: number;
}

/**
 * @param estimator one of the forest's `estimators_`.
 * @param owner for messages: `tree 3`.
 * @param usage of the trees before; added to.
 * @throws {ForestError} `BAD_MODEL` if it is no tree or shares something with another, `LIMIT` if it is deeper than
 *   {@link MAX_TREE_DEPTH} or there are more than {@link MAX_NODES} by now.
 */
export function readTree(estimator: PyValue, owner: string, usage: TreeUsage): ReadTree {
  if (!(estimator instanceof PyObject) || estimator.className !== TREE_ESTIMATOR) {
    throw new ForestError('BAD_MODEL', `${owner} is no ExtraTreeRegressor`);
  }
  const parameters = attributesOf(estimator, owner);
  if (usage.parts.has(estimator)) throw badModel(parameters, 'is another tree as well');
  usage.parts.add(estimator);
  const inner = attributeOf(parameters, 'tree_');
  if (!(inner instanceof PyObject) || inner.className !== TREE) throw badModel(parameters, 'has a tree_ that is none');
  const attributes = attributesOf(inner, owner);
  const nodes = readNodes(attributes, usage);
  const depths = depthsOf(attributes, nodes);
  const tree = {
    nFeatures: readArguments(attributes, inner.args),
    maxDepth: depths.reduce((deepest, depth) => Math.max(deepest, depth), 0),
    randomState: readRandomState(parameters),
    ...nodes,
    value: numbersIn(attributes, 'values', nodes.feature.length),
  };
  if (attributeOf(attributes, 'max_depth') !== tree.maxDepth) {
    throw badModel(attributes, `says another max_depth than ${tree.maxDepth}, which it has`);
  }
  checkNodes(attributes, tree);
  return { tree, depths };
}

type Nodes = Omit<IsolationTree, 'nFeatures' | 'maxDepth' | 'randomState' | 'value'>;

/**
 * The number of features, from the arguments of a tree with one output and no classes. scikit-learn 1.10 adds the number of
 * categories of each feature, which is -1 for plain numbers.
 */
function readArguments(attributes: Attributes, args: readonly PyValue[]): number {
  const [nFeatures, classes, outputs, categories, ...others] = args;
  const isRegression = areAll(classes, 1, 1) && outputs === 1;
  const isNumeric = categories === undefined || (typeof nFeatures === 'number' && areAll(categories, nFeatures, -1));
  if (!isRegression || !isNumeric || others.length > 0) {
    throw badModel(attributes, 'is not a regression tree of plain numbers with one output');
  }
  return countOf({ ...attributes, values: new Map([['n_features', nFeatures]]) }, 'n_features');
}

/** Whether it is an array of `length` numbers, each of them `number`. */
function areAll(array: PyValue | undefined, length: number, number: number): boolean {
  return array instanceof NumpyArray && array.size === length && numbersOf(array).every((value) => value === number);
}

function readRandomState(parameters: Attributes): number {
  const value = attributeOf(parameters, 'random_state');
  if (typeof value === 'number' && value >= 0 && value < 2 ** 31 - 1) return value;
  throw wrongType(parameters, 'random_state', 'an integer in [0, 2147483647)', value);
}

function readNodes(attributes: Attributes, usage: TreeUsage): Nodes {
  const records = arrayOf(attributes, 'nodes');
  if (records.shape.length !== 1 || records.size < 1) throw badModel(attributes, 'has no nodes');
  if (countOf(attributes, 'node_count') !== records.size) {
    throw badModel(attributes, `has ${records.size} nodes and another number as node_count`);
  }
  if (usage.parts.has(records.bytes)) throw badModel(attributes, 'has the nodes of another tree');
  usage.parts.add(records.bytes);
  usage.nNodes += records.size;
  if (usage.nNodes > MAX_NODES) {
    const { owner, offset } = attributes;
    throw new ForestError('LIMIT', `the trees up to ${owner} have more than ${MAX_NODES} nodes`, { offset });
  }
  checkFields(attributes, records);
  const integers = (field: string) => {
    const numbers = numbersOf(records, field);
    if (numbers.some((number) => number < -2 || number >= 2 ** 31)) {
      throw badModel(attributes, `has a ${field} outside [-2, 2147483648)`);
    }
    return Int32Array.from(numbers);
  };
  const leftChild = integers('left_child');
  return {
    leftChild,
    rightChild: integers('right_child'),
    feature: integers('feature'),
    threshold: numbersOf(records, 'threshold'),
    impurity: numbersOf(records, 'impurity'),
    nNodeSamples: integers('n_node_samples'),
    weightedNNodeSamples: numbersOf(records, 'weighted_n_node_samples'),
    missingGoToLeft: readMissingGoToLeft(records, leftChild),
  };
}

function checkFields(attributes: Attributes, { dtype }: NumpyArray): void {
  const fields = dtype.fields ?? new Map();
  for (const [name, kind] of FIELDS) {
    const field = fields.get(name)?.dtype;
    const isWide = field?.itemSize === 8 || (kind === 'i' && field?.itemSize === 4);
    if (field?.kind !== kind || !isWide) throw badModel(attributes, `has nodes without a proper field '${name}'`);
  }
  for (const name of fields.keys()) {
    if (!FIELDS.has(name) && !NEWER_FIELDS.has(name)) {
      throw badModel(attributes, `has nodes with a field ${JSON.stringify(name.slice(0, 40))}, which is unknown`);
    }
  }
}

/** Releases before 1.3 do not store it, as they take no missing values; at leaves, the later ones store what was there. */
function readMissingGoToLeft(records: NumpyArray, leftChild: Int32Array): Uint8Array {
  if (!records.dtype.fields?.has('missing_go_to_left')) return new Uint8Array(leftChild.length);
  const flags = numbersOf(records, 'missing_go_to_left');
  return Uint8Array.from(leftChild, (child, node) => (child >= 0 && flags[node] !== 0 ? 1 : 0));
}

/** Depth of each node. Proves that each comes after its parent and has one, and that the root reaches all. */
function depthsOf(attributes: Attributes, { leftChild, rightChild }: Nodes): Int32Array {
  const nNodes = leftChild.length;
  const depths = new Int32Array(nNodes).fill(-1);
  depths[0] = 0;
  for (let node = 0; node < nNodes; node++) {
    if (depths[node] < 0) throw badModel(attributes, `has a node ${node} that nothing leads to`);
    if (depths[node] > MAX_TREE_DEPTH) {
      const { owner, offset } = attributes;
      throw new ForestError('LIMIT', `${owner} is deeper than ${MAX_TREE_DEPTH}`, { offset });
    }
    const children = [leftChild[node], rightChild[node]];
    if (children.every((child) => child === -1)) continue;
    for (const child of children) {
      if (child <= node || child >= nNodes || depths[child] >= 0) {
        throw badModel(attributes, `has a node ${node} with a child ${child}`);
      }
      depths[child] = depths[node] + 1;
    }
  }
  return depths;
}

function checkNodes(attributes: Attributes, tree: IsolationTree): void {
  const { leftChild, rightChild, feature, threshold, nNodeSamples, nFeatures } = tree;
  for (let node = 0; node < leftChild.length; node++) {
    if (nNodeSamples[node] < 1) throw badModel(attributes, `has a node ${node} of ${nNodeSamples[node]} rows`);
    if (leftChild[node] < 0) {
      if (feature[node] !== -2) throw badModel(attributes, `has a leaf ${node} that splits feature ${feature[node]}`);
      continue;
    }
    if (feature[node] < 0 || feature[node] >= nFeatures) {
      throw badModel(attributes, `splits feature ${feature[node]} of ${nFeatures} at node ${node}`);
    }
    if (Number.isNaN(threshold[node])) throw badModel(attributes, `has no threshold at node ${node}`);
    if (nNodeSamples[leftChild[node]] + nNodeSamples[rightChild[node]] !== nNodeSamples[node]) {
      throw badModel(attributes, `has a node ${node} whose children do not have its rows`);
    }
  }
}

/** How far a stored path length may be from the formula: releases differ in the last bits of the logarithm. */
const PATH_LENGTH_TOLERANCE = 1e-9;

/**
 * Checks what releases from 1.3 on store of each node, because they score with it: its depth and the average path length
 * of its rows.
 *
 * @param storedDepths count from 1 at the root.
 * @throws {ForestError} `BAD_MODEL` if they are not those of the tree: then Python and we would give different scores.
 */
export function checkPathLengths(
  forest: Attributes,
  index: number,
  { tree, depths }: ReadTree,
  storedDepths: Float64Array,
  storedLengths: Float64Array,
): void {
  const lengths = averagePathLengths(tree.nNodeSamples);
  if (storedDepths.length !== depths.length || storedLengths.length !== depths.length) {
    throw badModel(forest, `has not as many path lengths as nodes in tree ${index}`);
  }
  for (let node = 0; node < depths.length; node++) {
    if (storedDepths[node] !== depths[node] + 1) {
      throw badModel(forest, `says that node ${node} of tree ${index} has the depth ${storedDepths[node] - 1}`);
    }
    if (!(Math.abs(storedLengths[node] - lengths[node]) <= PATH_LENGTH_TOLERANCE)) {
      throw badModel(forest, `says that node ${node} of tree ${index} has the path length ${storedLengths[node]}`);
    }
  }
}
