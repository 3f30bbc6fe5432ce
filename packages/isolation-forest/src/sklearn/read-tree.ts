/** A tree's arrays come out of a file, and are checked so that no walk through them can go astray. */
import { averagePathLength } from '../average-path-length.ts';
import { ForestError } from '../errors.ts';
import type { IsolationTree } from '../isolation-tree.ts';
import { NumpyArray, numbersOf } from './ndarray.ts';
import { TREE } from './pickle-calls.ts';
import { type PyDict, PyObject, type PyValue } from './pickle-values.ts';

/** Deepest tree; scikit-learn grows to the logarithm of the rows that a tree sees. */
export const DEEPEST_TREE = 64;

/** Fields of a node's record and the kind of number each must be: any integer, or a float of 8 bytes. */
const FIELDS: Readonly<Record<string, 'integer' | 'float'>> = {
  left_child: 'integer',
  right_child: 'integer',
  feature: 'integer',
  threshold: 'float',
  impurity: 'float',
  n_node_samples: 'integer',
  weighted_n_node_samples: 'float',
};
/** Fields of newer releases; the bitset of categories is not read, since forests have none. */
const NEWER_FIELDS: ReadonlySet<string> = new Set(['missing_go_to_left', 'left_cat_bitset']);

/** @param where for messages: `tree 3`. */
export function readTree(value: PyValue | undefined, randomState: number, where: string): IsolationTree {
  if (!(value instanceof PyObject) || value.className !== TREE || !(value.state instanceof Map))
    throw bad(where, 'is no tree');
  const [nFeatures] = value.args;
  const { state } = value;
  const nodes = state.get('nodes');
  const nodeCount = state.get('node_count');
  if (!(nodes instanceof NumpyArray) || nodes.shape.length !== 1 || nodes.size < 1) throw bad(where, 'has no nodes');
  if (nodeCount !== nodes.size) throw bad(where, `has ${nodes.size} nodes, but says ${String(nodeCount)}`);
  checkFields(nodes, where);
  checkArguments(value.args, where);
  const tree = treeOf(nodes, state, positiveInteger(nFeatures, where, 'features'), randomState, where);
  checkStructure(tree, where);
  if (state.get('max_depth') !== tree.maxDepth)
    throw bad(where, `is ${tree.maxDepth} deep, but says ${String(state.get('max_depth'))}`);
  return tree;
}

function checkFields(nodes: NumpyArray, where: string): void {
  const fields = nodes.dtype.fields ?? new Map();
  for (const field of fields.keys()) {
    if (!Object.hasOwn(FIELDS, field) && !NEWER_FIELDS.has(field))
      throw bad(where, `has nodes with a field '${field}'`);
  }
  for (const [field, kind] of Object.entries(FIELDS)) {
    const dtype = fields.get(field)?.dtype;
    const fits =
      kind === 'float' ? dtype?.kind === 'f' && dtype.itemSize === 8 : dtype?.kind === 'i' && dtype.itemSize >= 4;
    if (!fits) throw bad(where, `has nodes whose ${field} is no ${kind}`);
  }
}

/** A regression tree of one output; from 1.10 on with the number of categories of each feature, -1 where it has none. */
function checkArguments([, classes, outputs, categories, ...more]: readonly PyValue[], where: string): void {
  const numbers = (value: PyValue | undefined) =>
    value instanceof NumpyArray ? Array.from(numbersOf(value)) : [Number.NaN];
  const plain = outputs === 1 && numbers(classes).join() === '1' && more.length === 0;
  const uncategorical = categories === undefined || numbers(categories).every((count) => count === -1);
  if (!plain || !uncategorical) throw bad(where, 'is not a regression tree of plain numbers with one output');
}

function treeOf(
  nodes: NumpyArray,
  state: PyDict,
  nFeatures: number,
  randomState: number,
  where: string,
): IsolationTree {
  const integers = (field: string) => {
    const numbers = numbersOf(nodes, field);
    if (numbers.some((number) => number < -2 || number >= 2 ** 31)) throw bad(where, `has a ${field} out of range`);
    return Int32Array.from(numbers);
  };
  const leftChild = integers('left_child');
  const nNodeSamples = integers('n_node_samples');
  const values = state.get('values');
  if (!(values instanceof NumpyArray) || values.size !== nodes.size) throw bad(where, 'has other values than nodes');
  return {
    nFeatures,
    maxDepth: depthOf(leftChild, integers('right_child'), where),
    randomState,
    leftChild,
    rightChild: integers('right_child'),
    feature: integers('feature'),
    threshold: numbersOf(nodes, 'threshold'),
    impurity: numbersOf(nodes, 'impurity'),
    nNodeSamples,
    weightedNNodeSamples: numbersOf(nodes, 'weighted_n_node_samples'),
    missingGoToLeft: missingDirections(nodes, leftChild, integers('right_child'), nNodeSamples),
    value: numbersOf(values),
  };
}

/**
 * Depth of the deepest node, while proving that the children make a tree: each later than its parent, each with one parent,
 * all reached. That rules out cycles and reads beyond the end.
 */
function depthOf(left: Int32Array, right: Int32Array, where: string): number {
  const depths = new Int32Array(left.length).fill(-1);
  depths[0] = 0;
  let deepest = 0;
  for (let node = 0; node < left.length; node++) {
    if (depths[node] < 0) throw bad(where, `has a node ${node} that nothing leads to`);
    deepest = Math.max(deepest, depths[node]);
    if (left[node] === -1 && right[node] === -1) continue;
    for (const child of [left[node], right[node]]) {
      if (!(child > node && child < left.length) || depths[child] >= 0)
        throw bad(where, `has a node ${node} with the child ${child}`);
      depths[child] = depths[node] + 1;
    }
  }
  if (deepest > DEEPEST_TREE)
    throw new ForestError('LIMIT', `${where} is ${deepest} deep; at most ${DEEPEST_TREE} is read`);
  return deepest;
}

function checkStructure(tree: IsolationTree, where: string): void {
  const { leftChild, rightChild, feature, threshold, nNodeSamples, nFeatures } = tree;
  for (let node = 0; node < leftChild.length; node++) {
    if (nNodeSamples[node] < 1) throw bad(where, `has a node ${node} of ${nNodeSamples[node]} rows`);
    if (leftChild[node] < 0) {
      if (feature[node] !== -2) throw bad(where, `has a leaf ${node} that splits on ${feature[node]}`);
      continue;
    }
    if (feature[node] < 0 || feature[node] >= nFeatures) {
      throw bad(where, `splits on feature ${feature[node]} of ${nFeatures} at node ${node}`);
    }
    if (Number.isNaN(threshold[node])) throw bad(where, `has no threshold at node ${node}`);
    if (nNodeSamples[leftChild[node]] + nNodeSamples[rightChild[node]] !== nNodeSamples[node]) {
      throw bad(where, `has a node ${node} whose children have not its rows`);
    }
  }
}

/** Releases before 1.3 do not store where a missing value goes; from 1.6 on an ordinary split sends it to the larger side. */
function missingDirections(nodes: NumpyArray, left: Int32Array, right: Int32Array, rows: Int32Array): Uint8Array {
  if (nodes.dtype.fields?.has('missing_go_to_left')) {
    return Uint8Array.from(numbersOf(nodes, 'missing_go_to_left'), (direction) => (direction === 0 ? 0 : 1));
  }
  return Uint8Array.from(left, (child, node) => (child >= 0 && rows[child] > rows[right[node]] ? 1 : 0));
}

/** How far a stored path length may be from the formula. */
const PATH_LENGTH_TOLERANCE = 1e-9;

/**
 * The path lengths that releases from 1.3 on store and score with. They must be those of the trees, since otherwise Python
 * and we would disagree.
 */
export function checkPathLengths(
  tree: IsolationTree,
  averages: Float64Array,
  depths: Float64Array,
  where: string,
): void {
  const { leftChild, rightChild, nNodeSamples } = tree;
  if (averages.length !== leftChild.length || depths.length !== leftChild.length)
    throw bad(where, 'has other path lengths than nodes');
  const expected = new Int32Array(leftChild.length).fill(1);
  for (let node = 0; node < leftChild.length; node++) {
    if (leftChild[node] >= 0) {
      expected[leftChild[node]] = expected[node] + 1;
      expected[rightChild[node]] = expected[node] + 1;
    }
    if (depths[node] !== expected[node])
      throw bad(where, `says that node ${node} is at depth ${depths[node]}, it is at ${expected[node]}`);
    if (!(Math.abs(averages[node] - averagePathLength(nNodeSamples[node])) <= PATH_LENGTH_TOLERANCE)) {
      throw bad(where, `has a wrong path length at node ${node}: ${averages[node]}`);
    }
  }
}

function positiveInteger(value: PyValue | undefined, where: string, what: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1) return value;
  throw bad(where, `has ${String(value)} ${what}`);
}

function bad(where: string, what: string): ForestError {
  return new ForestError('BAD_MODEL', `${where} ${what}`);
}
