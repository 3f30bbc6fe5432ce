/**
 * The nodes of a tree as scikit-learn keeps them: an array of records, whose layout has grown twice. Offsets in bytes:
 *
 *                                1.0    1.3   1.10
 *     left_child       int64       0      0      0
 *     right_child      int64       8      8      8
 *     feature          int64      16     16     16
 *     threshold        float64    24     24     24
 *     left_cat_bitset  uint32 x8   -      -     32
 *     impurity         float64    32     32     64
 *     n_node_samples   int64      40     40     72
 *     weighted_n_…     float64    48     48     80
 *     missing_go_…     uint8       -     56     88
 *     record                      56     64     96
 *
 * The bytes behind the last field are left zero, as are the sets of categories, which isolation trees do not have.
 */
import type { IsolationTree } from '../isolation-tree.ts';
import { CATEGORY_SET, FLOAT64, INT64, recordDtype, setInt64, UINT8 } from './numpy-values.ts';
import { PickleArray, type PickleObject } from './python-objects.ts';

/** Size of a record. */
export type NodeBytes = 56 | 64 | 96;

interface NodeField {
  readonly name: string;
  readonly dtype: PickleObject;
  readonly sizeBytes: number;
  /** Undefined: left zero. */
  readonly valuesOf: ((tree: IsolationTree) => ArrayLike<number>) | undefined;
}

const CATEGORIES: NodeField = { name: 'left_cat_bitset', dtype: CATEGORY_SET, sizeBytes: 32, valuesOf: undefined };
const MISSING = field('missing_go_to_left', UINT8, (tree) => tree.missingGoToLeft);

const SPLIT = [
  field('left_child', INT64, (tree) => tree.leftChild),
  field('right_child', INT64, (tree) => tree.rightChild),
  field('feature', INT64, (tree) => tree.feature),
  field('threshold', FLOAT64, (tree) => tree.threshold),
];

const SAMPLES = [
  field('impurity', FLOAT64, (tree) => tree.impurity),
  field('n_node_samples', INT64, (tree) => tree.nNodeSamples),
  field('weighted_n_node_samples', FLOAT64, (tree) => tree.weightedNNodeSamples),
];

const RECORDS = {
  56: recordOf(56, [...SPLIT, ...SAMPLES]),
  64: recordOf(64, [...SPLIT, ...SAMPLES, MISSING]),
  96: recordOf(96, [...SPLIT, CATEGORIES, ...SAMPLES, MISSING]),
};

/** The array `nodes` of a tree's state, shape `(nNodes,)`. */
export function nodeRecords(tree: IsolationTree, nodeBytes: NodeBytes): PickleArray {
  const { dtype, fields } = RECORDS[nodeBytes];
  const nNodes = tree.leftChild.length;
  const bytes = new Uint8Array(nNodes * nodeBytes);
  const view = new DataView(bytes.buffer);
  for (const { dtype, offset, valuesOf } of fields) {
    if (valuesOf === undefined) continue;
    const values = valuesOf(tree);
    for (let node = 0; node < nNodes; node++) setNumber(view, node * nodeBytes + offset, dtype, values[node]);
  }
  return new PickleArray([nNodes], dtype, bytes);
}

function setNumber(view: DataView, offset: number, dtype: PickleObject, value: number): void {
  if (dtype === FLOAT64) view.setFloat64(offset, value, true);
  else if (dtype === INT64) setInt64(view, offset, value);
  else view.setUint8(offset, value);
}

function field(name: string, dtype: PickleObject, valuesOf: NodeField['valuesOf']): NodeField {
  return { name, dtype, sizeBytes: dtype === UINT8 ? 1 : 8, valuesOf };
}

/** The fields one behind the other. */
function recordOf(nodeBytes: NodeBytes, fields: readonly NodeField[]) {
  let end = 0;
  const placed = fields.map((each) => {
    const offset = end;
    end += each.sizeBytes;
    return { ...each, offset };
  });
  return { dtype: recordDtype(nodeBytes, placed), fields: placed };
}
