/** A fitted forest becomes a file that scikit-learn's own `joblib.load` opens, as if it had been dumped there. */
import { averagePathLengths } from '../average-path-length.ts';
import type { ForestState } from '../forest-state.ts';
import type { IsolationTree } from '../isolation-tree.ts';
import type { Fraction } from '../parameters.ts';
import { writePickle } from './pickle-writer.ts';
import {
  NDARRAY,
  PickleArray,
  PickleDict,
  PickleFloat,
  PickleGlobal,
  PickleList,
  PickleObject,
  PickleTuple,
  type PickleValue,
} from './python-objects.ts';
import { type SklearnTarget, sklearnTarget, templateAttribute } from './sklearn-versions.ts';

const FOREST = new PickleGlobal('sklearn.ensemble._iforest', 'IsolationForest');
const TREE_ESTIMATOR = new PickleGlobal('sklearn.tree._classes', 'ExtraTreeRegressor');
const TREE = new PickleGlobal('sklearn.tree._tree', 'Tree');
const DTYPE = new PickleGlobal('numpy', 'dtype');

const INT64 = simpleDtype('i8', '<');
const FLOAT64 = simpleDtype('f8', '<');
const UINT8 = simpleDtype('u1', '|');
const OBJECT = new PickleObject(
  DTYPE,
  new PickleTuple('O8', false, true),
  new PickleTuple(3, '|', null, null, null, -1, -1, 63),
);

export interface WriteOptions {
  /** Release that shall load the file, `1.2` or `1.2.2`; default the newest that is known. */
  readonly sklearnVersion?: string | undefined;
}

/**
 * The bytes of a `.joblib` file, uncompressed: for Python a genuine fitted `IsolationForest` of that release, which loads
 * without a warning, predicts the same, and can be dumped, cloned and fitted again.
 *
 * @throws {ForestError} `UNSUPPORTED` for a release that is not in the table.
 */
export function writeSklearnForest(state: ForestState, { sklearnVersion }: WriteOptions = {}): Uint8Array {
  const target = sklearnTarget(sklearnVersion);
  return writePickle(new PickleObject(FOREST, undefined, new PickleDict(forestAttributes(state, target))));
}

function forestAttributes(state: ForestState, target: SklearnTarget): Record<string, PickleValue> {
  const { parameters, estimators } = state;
  const template = new PickleObject(
    TREE_ESTIMATOR,
    undefined,
    new PickleDict(treeParameters(state, target, parameters.randomState)),
  );
  return {
    ...forestParameters(state, target, template),
    n_features_in_: state.nFeaturesIn,
    ...(state.featureNamesIn === undefined ? {} : { feature_names_in_: textArray(state.featureNamesIn) }),
    max_samples_: state.maxSamples,
    _n_samples: state.nSamples,
    [templateAttribute(target)]: template,
    _max_samples: state.maxSamples,
    _max_features: state.maxFeatures,
    ...(target.layout.keepsSampleWeight ? { _sample_weight: null } : {}),
    estimators_: new PickleList(estimators.map((tree) => treeEstimator(state, target, tree))),
    estimators_features_: new PickleList(state.estimatorsFeatures.map(int64Array)),
    _seeds: int64Array(state.seeds),
    ...(target.layout.hasPathLengths ? pathLengths(state) : {}),
    offset_: new PickleFloat(state.offset),
    _sklearn_version: target.version,
  };
}

/** What scikit-learn's constructor was given, or would have set. */
function forestParameters(
  { parameters }: ForestState,
  { layout }: SklearnTarget,
  template: PickleObject,
): Record<string, PickleValue> {
  const names = {
    base_estimator: { base_estimator: template },
    'base_estimator deprecated': { base_estimator: 'deprecated' },
    none: {},
  };
  return {
    ...(layout.olderParameters === 'base_estimator' ? {} : { estimator: layout.estimatorIsTemplate ? template : null }),
    ...names[layout.olderParameters],
    n_estimators: parameters.nEstimators,
    estimator_params: new PickleTuple(),
    max_samples: parameters.maxSamples === 'auto' ? 'auto' : countOrShare(parameters.maxSamples),
    max_features: countOrShare(parameters.maxFeatures),
    bootstrap: parameters.bootstrap,
    bootstrap_features: false,
    oob_score: false,
    warm_start: parameters.warmStart,
    n_jobs: null,
    random_state: parameters.randomState,
    verbose: 0,
    contamination: parameters.contamination === 'auto' ? 'auto' : new PickleFloat(parameters.contamination),
  };
}

function countOrShare(value: number | Fraction): PickleValue {
  return typeof value === 'number' ? value : new PickleFloat(value.fraction);
}

function treeParameters(
  state: ForestState,
  { version, layout }: SklearnTarget,
  randomState: number,
): Record<string, PickleValue> {
  return {
    criterion: 'squared_error',
    splitter: 'random',
    max_depth: Math.ceil(Math.log2(Math.max(state.maxSamples, 2))),
    min_samples_split: 2,
    min_samples_leaf: 1,
    min_weight_fraction_leaf: new PickleFloat(0),
    max_features: 1,
    max_leaf_nodes: null,
    random_state: randomState,
    min_impurity_decrease: new PickleFloat(0),
    class_weight: null,
    ccp_alpha: new PickleFloat(0),
    ...(layout.hasMonotonicConstraint ? { monotonic_cst: null } : {}),
    _sklearn_version: version,
  };
}

function treeEstimator(state: ForestState, target: SklearnTarget, tree: IsolationTree): PickleObject {
  const attributes = {
    ...treeParameters(state, target, tree.randomState),
    n_features_in_: tree.nFeatures,
    n_outputs_: 1,
    max_features_: 1,
    tree_: new PickleObject(TREE, new PickleTuple(tree.nFeatures, int64Array([1]), 1), treeState(tree, target)),
  };
  return new PickleObject(TREE_ESTIMATOR, undefined, new PickleDict(attributes));
}

function treeState(tree: IsolationTree, { layout }: SklearnTarget): PickleDict {
  const nodeCount = tree.leftChild.length;
  const nodes = new PickleArray(
    [nodeCount],
    layout.nodeBytes === 56 ? NODE_56 : NODE_64,
    nodeRecords(tree, layout.nodeBytes),
  );
  const values = new PickleArray([nodeCount, 1, 1], FLOAT64, float64Bytes(tree.value));
  return new PickleDict({ max_depth: tree.maxDepth, node_count: nodeCount, nodes, values });
}

/** Fields of a node's record in their order, each 8 bytes; the direction of missing values is a single byte. */
const NODE_FIELDS = [
  ['left_child', INT64],
  ['right_child', INT64],
  ['feature', INT64],
  ['threshold', FLOAT64],
  ['impurity', FLOAT64],
  ['n_node_samples', INT64],
  ['weighted_n_node_samples', FLOAT64],
  ['missing_go_to_left', UINT8],
] as const;

const NODE_56 = recordDtype(56);
const NODE_64 = recordDtype(64);

function recordDtype(bytes: 56 | 64): PickleObject {
  const fields = NODE_FIELDS.slice(0, bytes === 56 ? 7 : 8);
  const names = new PickleTuple(...fields.map(([name]) => name));
  const places = Object.fromEntries(fields.map(([name, dtype], index) => [name, new PickleTuple(dtype, index * 8)]));
  const state = new PickleTuple(3, '|', null, names, new PickleDict(places), bytes, 1, 16);
  return new PickleObject(DTYPE, new PickleTuple(`V${bytes}`, false, true), state);
}

function nodeRecords(tree: IsolationTree, nodeBytes: 56 | 64): Uint8Array {
  const nodeCount = tree.leftChild.length;
  const bytes = new Uint8Array(nodeCount * nodeBytes);
  const view = new DataView(bytes.buffer);
  for (let node = 0; node < nodeCount; node++) {
    const at = node * nodeBytes;
    setInt64(view, at, tree.leftChild[node]);
    setInt64(view, at + 8, tree.rightChild[node]);
    setInt64(view, at + 16, tree.feature[node]);
    view.setFloat64(at + 24, tree.threshold[node], true);
    view.setFloat64(at + 32, tree.impurity[node], true);
    setInt64(view, at + 40, tree.nNodeSamples[node]);
    view.setFloat64(at + 48, tree.weightedNNodeSamples[node], true);
    if (nodeBytes === 64) view.setUint8(at + 56, tree.missingGoToLeft[node]);
  }
  return bytes;
}

/** Path lengths of every node, by which releases from 1.3 on score: that to the node, the root counted, and what c(n) adds. */
function pathLengths({ estimators, averagePathLengths: known }: ForestState): Record<string, PickleValue> {
  const averages = estimators.map((tree, index) => known?.[index] ?? averagePathLengths(tree.nNodeSamples));
  return {
    _average_path_length_per_tree: new PickleTuple(
      ...averages.map((lengths) => new PickleArray([lengths.length], FLOAT64, float64Bytes(lengths))),
    ),
    _decision_path_lengths: new PickleTuple(...estimators.map((tree) => int64Array(nodeDepths(tree)))),
  };
}

/** Depth of every node; the root has 1. */
function nodeDepths({ leftChild, rightChild }: IsolationTree): Int32Array {
  const depths = new Int32Array(leftChild.length).fill(1);
  for (let node = 0; node < leftChild.length; node++) {
    if (leftChild[node] < 0) continue;
    depths[leftChild[node]] = depths[node] + 1;
    depths[rightChild[node]] = depths[node] + 1;
  }
  return depths;
}

function simpleDtype(code: string, byteOrder: '<' | '|'): PickleObject {
  return new PickleObject(
    DTYPE,
    new PickleTuple(code, false, true),
    new PickleTuple(3, byteOrder, null, null, null, -1, -1, 0),
  );
}

function int64Array(values: ArrayLike<number>): PickleArray {
  const bytes = new Uint8Array(values.length * 8);
  const view = new DataView(bytes.buffer);
  for (let index = 0; index < values.length; index++) setInt64(view, index * 8, values[index]);
  return new PickleArray([values.length], INT64, bytes);
}

function setInt64(view: DataView, at: number, value: number): void {
  view.setInt32(at, value | 0, true);
  view.setInt32(at + 4, Math.floor(value / 2 ** 32), true);
}

function float64Bytes(values: Float64Array): Uint8Array {
  const bytes = new Uint8Array(values.length * 8);
  const view = new DataView(bytes.buffer);
  for (let index = 0; index < values.length; index++) view.setFloat64(index * 8, values[index], true);
  return bytes;
}

/** An array of Python strings; made by `numpy.ndarray` itself, whose name is the same in every numpy. */
function textArray(texts: readonly string[]): PickleObject {
  const shape = new PickleTuple(texts.length);
  const state = new PickleTuple(1, shape, OBJECT, false, new PickleList(texts));
  return new PickleObject(NDARRAY, new PickleTuple(shape, OBJECT), state);
}
