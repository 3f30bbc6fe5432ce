/**
 * A fitted forest becomes the object that scikit-learn would have made of it, attribute by attribute, as data:
 *
 *     IsolationForest ── estimator_ ──────── ExtraTreeRegressor (template, not fitted)
 *                     ├─ estimators_ ─────── ExtraTreeRegressor ── tree_ ── nodes, values     one a tree
 *                     ├─ _decision_path_lengths, _average_path_length_per_tree               since 1.3
 *                     └─ parameters, offset_, max_samples_, …
 */
import { averagePathLengths } from '../average-path-length.ts';
import { ForestError } from '../errors.ts';
import type { ForestState } from '../forest-state.ts';
import type { IsolationTree } from '../isolation-tree.ts';
import type { Fraction } from '../parameters.ts';
import { nodeRecords } from './node-records.ts';
import { float64Array, int64Array, textArray } from './numpy-values.ts';
import { writePickle } from './pickle-writer.ts';
import {
  PickleDict,
  PickleFloat,
  PickleGlobal,
  PickleList,
  PickleObject,
  PickleTuple,
  type PickleValue,
} from './python-objects.ts';
import { resolveSklearnVersion, type SklearnRelease } from './sklearn-versions.ts';

const FOREST = new PickleGlobal('sklearn.ensemble._iforest', 'IsolationForest');
const TREE_ESTIMATOR = new PickleGlobal('sklearn.tree._classes', 'ExtraTreeRegressor');
const TREE = new PickleGlobal('sklearn.tree._tree', 'Tree');

const LONE_SURROGATE = /\p{Surrogate}/u;

type Attributes = Record<string, PickleValue>;

export interface WriteOptions {
  /** Release that shall load the file, as for {@link resolveSklearnVersion}: `1.2`, `1.2.2`; default `newest`. */
  readonly sklearnVersion?: string | undefined;
}

/**
 * The bytes of a `.joblib` file, uncompressed: for Python a genuine fitted `IsolationForest` of that release, which loads
 * without a warning, scores and predicts as here, and can be dumped, cloned and fitted again. Fitted again on the same
 * data it grows the same trees if the forest's `compatibility` is that release's.
 *
 * Releases before 1.6 refuse missing values, so files for them do not say where those go. In files for later ones, a
 * `classic` forest sends them after the larger part of the training rows, as its trees would have if grown there.
 *
 * @throws {ForestError} `UNSUPPORTED` for a release that is not in the table; `BAD_INPUT` if a feature's name is not
 * well-formed Unicode, which Python cannot have in a file.
 */
export function writeSklearnForest(state: ForestState, { sklearnVersion }: WriteOptions = {}): Uint8Array {
  const release = resolveSklearnVersion(sklearnVersion);
  const wrong = state.featureNamesIn?.find((name) => LONE_SURROGATE.test(name));
  if (wrong !== undefined) {
    throw new ForestError('BAD_INPUT', `feature names must be well-formed Unicode, got ${JSON.stringify(wrong)}`);
  }
  return writePickle(objectOf(FOREST, forestAttributes(state, release)));
}

function objectOf(make: PickleGlobal, attributes: Attributes): PickleObject {
  return new PickleObject(make, undefined, new PickleDict(attributes));
}

function forestAttributes(state: ForestState, { release, version }: SklearnRelease): Attributes {
  const template = objectOf(TREE_ESTIMATOR, treeParameters(state, { release, version }, state.parameters.randomState));
  return {
    ...forestParameters(state),
    ...version.forestAttributes,
    ...Object.fromEntries(version.templateAttributes.map((name) => [name, template])),
    n_features_in_: state.nFeaturesIn,
    ...(state.featureNamesIn === undefined ? {} : { feature_names_in_: textArray(state.featureNamesIn) }),
    max_samples_: state.maxSamples,
    _max_samples: state.maxSamples,
    _n_samples: state.nSamples,
    _max_features: state.maxFeatures,
    _seeds: int64Array(state.seeds),
    estimators_: new PickleList(state.estimators.map((tree) => treeEstimator(tree, state, { release, version }))),
    estimators_features_: new PickleList(state.estimatorsFeatures.map(int64Array)),
    ...(version.hasPathLengths ? pathLengths(state) : {}),
    offset_: new PickleFloat(state.offset),
    _sklearn_version: release,
  };
}

/** What the constructor was given, or sets itself. */
function forestParameters({ parameters }: ForestState): Attributes {
  const { maxSamples, maxFeatures, contamination } = parameters;
  return {
    n_estimators: parameters.nEstimators,
    max_samples: maxSamples === 'auto' ? 'auto' : countOrShare(maxSamples),
    contamination: contamination === 'auto' ? 'auto' : new PickleFloat(contamination),
    max_features: countOrShare(maxFeatures),
    bootstrap: parameters.bootstrap,
    n_jobs: null,
    random_state: parameters.randomState,
    verbose: 0,
    warm_start: parameters.warmStart,
    estimator_params: new PickleTuple([]),
    bootstrap_features: false,
    oob_score: false,
  };
}

function countOrShare(value: number | Fraction): PickleValue {
  return typeof value === 'number' ? value : new PickleFloat(value.fraction);
}

function treeParameters(state: ForestState, { release, version }: SklearnRelease, randomState: number): Attributes {
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
    ...version.treeParameters,
    _sklearn_version: release,
  };
}

function treeEstimator(tree: IsolationTree, state: ForestState, release: SklearnRelease): PickleObject {
  const { version } = release;
  const nNodes = tree.leftChild.length;
  const missingGoToLeft = missingDirections(tree, state, release);
  const treeState = {
    max_depth: tree.maxDepth,
    node_count: nNodes,
    nodes: nodeRecords({ ...tree, missingGoToLeft }, version.nodeBytes),
    values: float64Array(tree.value, [nNodes, 1, 1]),
  };
  const categoryCounts = version.treeCountsCategories ? [int64Array(new Int32Array(tree.nFeatures).fill(-1))] : [];
  const treeArguments = new PickleTuple([tree.nFeatures, int64Array([1]), 1, ...categoryCounts]);
  return objectOf(TREE_ESTIMATOR, {
    ...treeParameters(state, release, tree.randomState),
    ...version.treeAttributes,
    n_features_in_: tree.nFeatures,
    n_outputs_: 1,
    max_features_: 1,
    tree_: new PickleObject(TREE, treeArguments, new PickleDict(treeState)),
  });
}

/** Where missing values go at each node, as trees of that release say it. */
function missingDirections(tree: IsolationTree, { parameters }: ForestState, { version }: SklearnRelease): Uint8Array {
  const { leftChild, rightChild, nNodeSamples } = tree;
  if (!version.acceptsMissing) return new Uint8Array(leftChild.length);
  if (parameters.compatibility !== 'classic') return tree.missingGoToLeft;
  const followMost = (left: number, node: number) => left >= 0 && nNodeSamples[left] > nNodeSamples[rightChild[node]];
  return Uint8Array.from(leftChild, (left, node) => Number(followMost(left, node)));
}

/** What releases from 1.3 on score with: the depth of every node, and what c(n) adds to it. */
function pathLengths({ estimators, averagePathLengths: fromFile }: ForestState): Attributes {
  const known = new Map<number, number>();
  const averages = estimators.map((tree, i) => fromFile?.[i] ?? averagePathLengths(tree.nNodeSamples, known));
  return {
    _decision_path_lengths: new PickleTuple(estimators.map((tree) => int64Array(nodeDepths(tree)))),
    _average_path_length_per_tree: new PickleTuple(averages.map((lengths) => float64Array(lengths))),
  };
}

/** The root has 1. Children come after their parent. */
function nodeDepths({ leftChild, rightChild }: IsolationTree): Int32Array {
  const depths = new Int32Array(leftChild.length).fill(1);
  for (let node = 0; node < leftChild.length; node++) {
    if (leftChild[node] < 0) continue;
    depths[leftChild[node]] = depths[node] + 1;
    depths[rightChild[node]] = depths[node] + 1;
  }
  return depths;
}
