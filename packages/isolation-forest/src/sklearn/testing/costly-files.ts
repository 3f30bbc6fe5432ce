/**
 * Files that are small, or no larger than they may be, and would take minutes, gigabytes or the whole process to read if
 * their parts were believed one by one. They are made where they are needed: written out they would be large.
 */
import { gzipSync } from 'node:zlib';
import type { ForestErrorCode } from '../../errors.ts';

/** One file, made when it is wanted, and the right outcome. */
export interface CostlyFile {
  readonly what: string;
  readonly code: ForestErrorCode;
  readonly make: () => Uint8Array;
}

type Piece = string | Uint8Array;

/** Texts are Latin-1. */
function join(...pieces: readonly Piece[]): Buffer {
  return Buffer.concat(pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece)));
}

function text(value: string): Buffer {
  return join('X', uint32(value.length), value);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function int(value: number): Buffer {
  return join('\x8a\x08', int64s(value));
}

function int64s(...values: number[]): Buffer {
  return Buffer.from(BigInt64Array.from(values, BigInt).buffer);
}

function bytes(value: Uint8Array): Buffer {
  return join('B', uint32(value.length), value);
}

function global(module: string, name: string): Buffer {
  return join(`c${module}\n${name}\n`);
}

function dict(entries: Readonly<Record<string, Piece>>): Buffer {
  return join('}(', ...Object.entries(entries).flatMap(([key, value]) => [text(key), value]), 'u');
}

const IMPLIED = '\xff\xff\xff\xff';

function dtype(code: string): Buffer {
  return join(global('numpy', 'dtype'), text(code), `\x85R(K\x03\x8c\x01<NNNJ${IMPLIED}J${IMPLIED}K\x00tb`);
}

function array(code: string | Uint8Array, length: number, data: Piece): Buffer {
  const type = typeof code === 'string' ? dtype(code) : code;
  return join(global('numpy.core.numeric', '_frombuffer'), '(', data, type, int(length), '\x85\x8c\x01CtR');
}

function remember(value: Piece, place: number): Buffer {
  return join(value, 'r', uint32(place));
}

function recall(place: number): Buffer {
  return join('j', uint32(place));
}

function times(count: number, value: string): Buffer {
  return Buffer.alloc(count * value.length, Buffer.from(value, 'latin1'));
}

const FIELDS = ['left_child', 'right_child', 'feature', 'threshold', 'impurity', 'n_node_samples'];
const FLOATS: ReadonlySet<string> = new Set(['threshold', 'impurity', 'weighted_n_node_samples']);

/** The record of scikit-learn 1.2's nodes. */
function nodeDtype(): Buffer {
  const names = [...FIELDS, 'weighted_n_node_samples'];
  const fields = names.flatMap((name, index) => [
    text(name),
    dtype(FLOATS.has(name) ? 'f8' : 'i8'),
    `K${String.fromCharCode(8 * index)}\x86`,
  ]);
  const state = join('(K\x03\x8c\x01|N(', ...names.map(text), 't}(', ...fields, 'uK\x38K\x01K\x10tb');
  return join(global('numpy', 'dtype'), text('V56'), '\x85R', state);
}

/** Nodes of a tree that splits `depth` times on every way. */
function fullTree(depth: number): Buffer {
  const records = Buffer.alloc(56 * (2 ** (depth + 1) - 1));
  const fill = (node: number, below: number) => {
    const isLeaf = below === 0;
    const [left, right] = isLeaf ? [-1, -1] : [node + 1, node + 2 ** below];
    records.set(int64s(left, right, isLeaf ? -2 : 0), 56 * node);
    records.set(int64s(2 ** below), 56 * node + 40);
    if (isLeaf) return;
    fill(left, below - 1);
    fill(right, below - 1);
  };
  fill(0, depth);
  return records;
}

/** The pieces of a tree of one leaf, any of which may be another. */
function tree(other: Readonly<Record<string, Piece>> = {}): Buffer {
  const { nFeatures = int(1), classes = array('i8', 1, bytes(int64s(1))), categories = '', ...state } = other;
  const all = {
    max_depth: int(0),
    node_count: int(1),
    nodes: array(nodeDtype(), 1, bytes(fullTree(0))),
    values: array('f8', 1, bytes(Buffer.alloc(8))),
    ...state,
  };
  const made = join(global('sklearn.tree._tree', 'Tree'), '(', nFeatures, classes, 'K\x01', categories, 'tR');
  const attributes = dict({ random_state: 'K\x01', tree_: join(made, dict(all), 'b') });
  return join(global('sklearn.tree._classes', 'ExtraTreeRegressor'), ')\x81', attributes, 'b');
}

/** A file with a forest of scikit-learn 1.2 that has these trees, any of whose attributes may be another. */
function forest(trees: readonly Piece[], other: Readonly<Record<string, Piece>> = {}): Buffer {
  const columns = remember(array('i8', 1, bytes(int64s(0))), 0);
  const attributes = dict({
    _sklearn_version: text('1.2.1'),
    n_estimators: 'K\x01',
    max_samples: text('auto'),
    contamination: text('auto'),
    max_features: 'K\x01',
    bootstrap: '\x89',
    random_state: 'K\x00',
    warm_start: '\x89',
    n_features_in_: 'K\x01',
    _max_features: 'K\x01',
    max_samples_: 'K\x02',
    _max_samples: 'K\x02',
    _n_samples: 'K\x02',
    offset_: 'G\xbf\xe0\0\0\0\0\0\0',
    _seeds: array('i8', 1, bytes(int64s(1))),
    estimators_: join('](', ...trees, 'e'),
    estimators_features_: join('](', columns, ...trees.slice(1).map(() => recall(0)), 'e'),
    ...other,
  });
  return join('\x80\x05', global('sklearn.ensemble._iforest', 'IsolationForest'), ')\x81', attributes, 'b.');
}

/** The same small forest, to see that it is read. */
export function cheapFile(): Uint8Array {
  return new Uint8Array(forest([tree(), tree()]));
}

/** Zeros, so that there may be more operations, of which a file has so many for its length. */
const ROOM = bytes(Buffer.alloc(10_000_000));

function stream(...pieces: readonly Piece[]): Buffer {
  return gzipSync(join('\x80\x04', ROOM, '0', ...pieces, '.'));
}

/** Trees of which each but the first has the node array of the first. */
function treesOfOneArray(depth: number, count: number): Buffer {
  const nNodes = 2 ** (depth + 1) - 1;
  const own = { max_depth: int(depth), node_count: int(nNodes) };
  const nodes = remember(array(nodeDtype(), nNodes, bytes(fullTree(depth))), 1);
  const values = remember(array('f8', nNodes, bytes(Buffer.alloc(8 * nNodes))), 2);
  const first = tree({ ...own, nodes, values });
  const other = tree({ ...own, nodes: recall(1), values: recall(2) });
  return forest([first, ...new Array<Piece>(count - 1).fill(other)]);
}

/** Trees with arrays of their own, all of the bytes of the first. */
function treesOfTheSameBytes(depth: number, count: number): Buffer {
  const nNodes = 2 ** (depth + 1) - 1;
  const own = { max_depth: int(depth), node_count: int(nNodes), values: array('f8', nNodes, recall(2)) };
  const trees = new Array<Piece>(count).fill(tree({ ...own, nodes: array(nodeDtype(), nNodes, recall(1)) }));
  const data = [remember(bytes(fullTree(depth)), 1), remember(bytes(Buffer.alloc(8 * nNodes)), 2)];
  const whole = forest(trees);
  return join(whole.subarray(0, 2), ...data.flatMap((piece) => [piece, '0']), whole.subarray(2));
}

/** Trees that all refer to the list of the first one's millions of categories. */
function treesOfManyCategories(): Buffer {
  const length = 2_000_000;
  const categories = remember(array('i1', length, bytes(Buffer.alloc(length, 0xff))), 1);
  const others = new Array<Piece>(2_999).fill(tree({ categories: recall(1) }));
  return forest([tree({ categories }), ...others]);
}

/** All of them. */
export const COSTLY_FILES: readonly CostlyFile[] = [
  {
    what: 'trees that are all of the nodes of the first',
    code: 'BAD_MODEL',
    make: () => gzipSync(treesOfOneArray(16, 300)),
  },
  {
    what: 'trees whose nodes are all of the same bytes',
    code: 'BAD_MODEL',
    make: () => gzipSync(treesOfTheSameBytes(16, 300)),
  },
  { what: 'trees that share two million categories', code: 'BAD_MODEL', make: treesOfManyCategories },
  {
    what: 'a tree of millions of classes',
    code: 'BAD_MODEL',
    make: () => gzipSync(forest([tree({ classes: array('f8', 1_800_000, bytes(Buffer.alloc(14_400_000, 0x3e))) })])),
  },
  {
    what: 'a number of nodes that is bytes, too many to be shown',
    code: 'BAD_MODEL',
    make: () => forest([tree({ node_count: bytes(Buffer.alloc(150_000_000, 0xff)) })]),
  },
  {
    what: 'fifty million columns, and no array of them',
    code: 'LIMIT',
    make: () => forest([tree({ nFeatures: int(5e7) })], { n_features_in_: int(5e7), _max_features: int(5e7) }),
  },
  {
    what: 'fourteen million seeds of one byte',
    code: 'LIMIT',
    make: () => gzipSync(forest([tree()], { _seeds: array('u1', 14_000_000, bytes(Buffer.alloc(14_000_000))) })),
  },
  { what: 'two million dictionaries', code: 'LIMIT', make: () => stream(']', times(2_000_000, '}a')) },
  { what: 'two million byte strings', code: 'LIMIT', make: () => stream(']', times(2_000_000, 'C\x00a')) },
  {
    what: 'a million arrays without contents',
    code: 'LIMIT',
    make: () => stream(global('numpy', 'ndarray'), 'q\x00)q\x01]', times(1_000_000, 'h\x00h\x01Ra')),
  },
  {
    what: 'six million operations, in a file that is long enough for them',
    code: 'LIMIT',
    make: () => join('\x80\x04', bytes(Buffer.alloc(30_000_000)), '0', times(3_000_000, 'N0'), 'N.'),
  },
  {
    what: 'a field whose name is millions of letters',
    code: 'MALFORMED',
    make: () => {
      const name = remember(text('x'.repeat(5_000_000)), 1);
      const state = join('(K\x03\x8c\x01|N(', name, 't}(', recall(1), dtype('f8'), 'K\x04\x86uK\x08K\x01K\x10tb');
      return join('\x80\x04', global('numpy', 'dtype'), text('V8'), '\x85R', state, '.');
    },
  },
];
