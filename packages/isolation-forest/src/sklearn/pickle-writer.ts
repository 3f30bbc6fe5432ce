/**
 * Writes Python's pickle format, protocol 4, as far as an estimator needs it.
 *
 * joblib puts an array's bytes straight behind the small object that stands for it. They are put on a multiple of 16 bytes
 * here, by operations that push and drop a value, since an attribute that says how far to skip cannot be read by joblib
 * before 1.2; without it and unaligned, later ones warn when they map the file into memory.
 *
 *     array's description | none pop none pop … | build | bytes …
 *                                                       ^ a multiple of 16
 */

import { ByteWriter } from './byte-writer.ts';
import {
  NDARRAY,
  type PickleArray,
  PickleDict,
  PickleFloat,
  PickleGlobal,
  PickleList,
  PickleObject,
  PickleTuple,
  type PickleValue,
} from './python-objects.ts';

const OP = {
  proto: 0x80,
  stop: 0x2e,
  mark: 0x28,
  pop: 0x30,
  none: 0x4e,
  true: 0x88,
  false: 0x89,
  int4: 0x4a,
  int1: 0x4b,
  int2: 0x4d,
  long: 0x8a,
  float: 0x47,
  text1: 0x8c,
  text4: 0x58,
  emptyTuple: 0x29,
  tuple1: 0x85,
  tuple2: 0x86,
  tuple3: 0x87,
  tuple: 0x74,
  emptyList: 0x5d,
  appends: 0x65,
  emptyDict: 0x7d,
  setItems: 0x75,
  stackGlobal: 0x93,
  newObject: 0x81,
  reduce: 0x52,
  build: 0x62,
  memoize: 0x94,
  get1: 0x68,
  get4: 0x6a,
} as const;

const PROTOCOL = 4;

/** Arrays begin at a multiple of this. */
const ALIGNMENT_BYTES = 16;

const WRAPPER = new PickleGlobal('joblib.numpy_pickle', 'NumpyArrayWrapper');

/** The stream, and what it can refer back to. */
interface Pickle {
  readonly bytes: ByteWriter;
  /** Place of each text (by its characters), class and object (by identity) in Python's list of such. */
  readonly memo: Map<string | PickleGlobal | PickleObject, number>;
}

/**
 * The bytes of a file from which joblib, 0.10 or later, loads the value. A {@link PickleObject} that occurs twice is one
 * and the same in Python.
 *
 * @param value numbers and texts in it must be such as Python can have: whole numbers, well-formed Unicode.
 */
export function writePickle(value: PickleValue): Uint8Array {
  const pickle: Pickle = { bytes: new ByteWriter(), memo: new Map() };
  pickle.bytes.write([OP.proto, PROTOCOL]);
  writeValue(pickle, value);
  pickle.bytes.write([OP.stop]);
  return pickle.bytes.finish();
}

function writeValue(pickle: Pickle, value: PickleValue): void {
  const { bytes } = pickle;
  if (value === null) bytes.write([OP.none]);
  else if (typeof value === 'boolean') bytes.write([value ? OP.true : OP.false]);
  else if (typeof value === 'number') writeInteger(bytes, value);
  else if (typeof value === 'string') writeOnce(pickle, value, () => writeText(bytes, value));
  else if (value instanceof PickleFloat) writeFloat(bytes, value);
  else if (value instanceof PickleTuple) writeTuple(pickle, value);
  else if (value instanceof PickleList) writeList(pickle, value);
  else if (value instanceof PickleDict) writeDict(pickle, value);
  else if (value instanceof PickleGlobal) writeOnce(pickle, value, () => writeGlobal(pickle, value));
  else if (value instanceof PickleObject) writeObject(pickle, value);
  else writeArray(pickle, value);
}

/** Writes a thing the first time and refers to it after that; returns whether this was the first. */
function writeOnce({ bytes, memo }: Pickle, key: string | PickleGlobal | PickleObject, write: () => void): boolean {
  const index = memo.get(key);
  if (index === undefined) {
    write();
    bytes.write([OP.memoize]);
    memo.set(key, memo.size);
    return true;
  }
  if (index < 256) {
    bytes.write([OP.get1, index]);
  } else {
    bytes.write([OP.get4]);
    bytes.writeInteger(index, 4);
  }
  return false;
}

function writeObject(pickle: Pickle, object: PickleObject): void {
  const isNew = writeOnce(pickle, object, () => {
    writeValue(pickle, object.make);
    writeValue(pickle, object.args ?? new PickleTuple([]));
    pickle.bytes.write([object.args === undefined ? OP.newObject : OP.reduce]);
  });
  if (!isNew) return;
  writeValue(pickle, object.state);
  pickle.bytes.write([OP.build]);
}

/** What joblib puts in the place of an array, and the array's bytes. */
function writeArray(pickle: Pickle, { shape, dtype, bytes }: PickleArray): void {
  writeValue(pickle, WRAPPER);
  pickle.bytes.write([OP.emptyTuple, OP.newObject]);
  const description = { subclass: NDARRAY, shape: new PickleTuple(shape), order: 'C', dtype, allow_mmap: true };
  writeValue(pickle, new PickleDict(description));
  fill(pickle.bytes);
  pickle.bytes.write([OP.build]);
  pickle.bytes.write(bytes);
}

/** Operations that do nothing, of two and three bytes, so many that the byte behind the next one is aligned. */
function fill(bytes: ByteWriter): void {
  let missing = (ALIGNMENT_BYTES - ((bytes.length + 1) % ALIGNMENT_BYTES)) % ALIGNMENT_BYTES;
  if (missing === 1) missing += ALIGNMENT_BYTES;
  if (missing % 2 === 1) {
    bytes.write([OP.int1, 0, OP.pop]);
    missing -= 3;
  }
  for (; missing > 0; missing -= 2) bytes.write([OP.none, OP.pop]);
}

function writeGlobal(pickle: Pickle, { module, name }: PickleGlobal): void {
  writeValue(pickle, module);
  writeValue(pickle, name);
  pickle.bytes.write([OP.stackGlobal]);
}

function writeTuple(pickle: Pickle, { items }: PickleTuple): void {
  const short = [OP.emptyTuple, OP.tuple1, OP.tuple2, OP.tuple3][items.length];
  if (short === undefined) pickle.bytes.write([OP.mark]);
  for (const item of items) writeValue(pickle, item);
  pickle.bytes.write([short ?? OP.tuple]);
}

function writeList(pickle: Pickle, { items }: PickleList): void {
  pickle.bytes.write([OP.emptyList, OP.mark]);
  for (const item of items) writeValue(pickle, item);
  pickle.bytes.write([OP.appends]);
}

function writeDict(pickle: Pickle, { entries }: PickleDict): void {
  pickle.bytes.write([OP.emptyDict, OP.mark]);
  for (const [key, value] of Object.entries(entries)) {
    writeValue(pickle, key);
    writeValue(pickle, value);
  }
  pickle.bytes.write([OP.setItems]);
}

function writeInteger(bytes: ByteWriter, value: number): void {
  if (value >= 0 && value < 2 ** 8) {
    bytes.write([OP.int1, value]);
  } else if (value >= 0 && value < 2 ** 16) {
    bytes.write([OP.int2]);
    bytes.writeInteger(value, 2);
  } else if (value >= -(2 ** 31) && value < 2 ** 31) {
    bytes.write([OP.int4]);
    bytes.writeInteger(value, 4);
  } else {
    bytes.write([OP.long, 8]);
    bytes.writeInteger(value % 2 ** 32, 4);
    bytes.writeInteger(Math.floor(value / 2 ** 32), 4);
  }
}

function writeFloat(bytes: ByteWriter, { value }: PickleFloat): void {
  bytes.write([OP.float]);
  bytes.writeFloat64BigEndian(value);
}

function writeText(bytes: ByteWriter, text: string): void {
  const encoded = new TextEncoder().encode(text);
  if (encoded.length < 256) {
    bytes.write([OP.text1, encoded.length]);
  } else {
    bytes.write([OP.text4]);
    bytes.writeInteger(encoded.length, 4);
  }
  bytes.write(encoded);
}
