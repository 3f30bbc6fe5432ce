/** numpy's arrays: views of the file's bytes, out of which the numbers are taken where a model needs them. */
import { ForestError } from '../errors.ts';
import { NumpyDtype } from './numpy-dtype.ts';
import { PyFloat, PySequence, type PyValue } from './pickle-values.ts';

/** Most dimensions of an array, and most elements. */
export const ARRAY_LIMITS = { dimensions: 4, elements: 50_000_000 } as const;

/**
 * An array: its elements are raw bytes, or Python objects if its dtype is `O`. Until the stream has given it its state it
 * is, as in Python, an empty array.
 */
export class NumpyArray {
  dtype: NumpyDtype;
  shape: readonly number[];
  /** Row-major (`C`) or column-major (`F`); matters from two dimensions on. */
  order: 'C' | 'F';
  /** As many elements as the shape says, one behind the other; none if they are objects. */
  bytes: Uint8Array;
  /** As many objects as the shape says; undefined for other dtypes. */
  items: readonly PyValue[] | undefined;
  /** Whether its contents are there; they are given once. */
  isBuilt: boolean;

  constructor(dtype: NumpyDtype, shape: readonly number[], order: 'C' | 'F', bytes: Uint8Array) {
    this.dtype = dtype;
    this.shape = shape;
    this.order = order;
    this.bytes = bytes;
    this.isBuilt = true;
  }

  /** An array whose contents follow. */
  static unbuilt(offset: number): NumpyArray {
    const array = new NumpyArray(NumpyDtype.of('i1', offset), [0], 'C', new Uint8Array(0));
    array.isBuilt = false;
    return array;
  }

  /** Number of elements. */
  get size(): number {
    return sizeOf(this.shape);
  }
}

/**
 * Gives an array its state `(1, shape, dtype, is column-major, bytes or list)`.
 *
 * @throws {ForestError} `MALFORMED` if it has one already or the state contradicts itself, `LIMIT`.
 */
export function buildArray(array: NumpyArray, state: PyValue, offset: number): void {
  const malformed = (what: string) => new ForestError('MALFORMED', `the array at byte ${offset} ${what}`, { offset });
  if (array.isBuilt) throw malformed('gets a second state');
  if (!(state instanceof PySequence) || state.kind !== 'tuple' || state.items.length !== 5) {
    throw malformed('gets a state that is no tuple of 5');
  }
  const [version, shape, dtype, isFortran, data] = state.items;
  if (version !== 1 || !(dtype instanceof NumpyDtype)) throw malformed('has no dtype');
  array.isBuilt = true;
  array.dtype = dtype;
  array.shape = shapeOf(shape, offset);
  array.order = isFortran === true ? 'F' : 'C';
  if (dtype.kind === 'O') {
    if (!(data instanceof PySequence) || data.items.length !== array.size) {
      throw malformed('has not as many objects as its shape says');
    }
    array.items = data.items;
  } else {
    if (!(data instanceof Uint8Array) || data.length !== array.size * dtype.itemSize) {
      throw malformed('has not as many bytes as its shape says');
    }
    array.bytes = data;
  }
}

/** Number of elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, length) => size * length, 1);
}

/** @throws {ForestError} `MALFORMED` unless the value is a tuple of lengths, `LIMIT` if they are too many or too large. */
export function shapeOf(value: PyValue | undefined, offset: number): readonly number[] {
  const items = value instanceof PySequence && value.kind === 'tuple' ? value.items : [null];
  const lengths = items.map((item) => (typeof item === 'number' && item >= 0 ? item : -1));
  if (lengths.includes(-1)) {
    throw new ForestError('MALFORMED', `the shape of the array at byte ${offset} is no tuple of lengths`, { offset });
  }
  const { dimensions, elements } = ARRAY_LIMITS;
  if (lengths.length > dimensions || sizeOf(lengths.map((length) => Math.max(length, 1))) > elements) {
    throw new ForestError(
      'LIMIT',
      `the array at byte ${offset} exceeds ${dimensions} dimensions or ${elements} elements`,
      { offset },
    );
  }
  return lengths;
}

/**
 * The numbers of an array, or of one field of its records, in the order of its bytes.
 *
 * @throws {ForestError} `BAD_MODEL` if they are no numbers, or integers beyond 2^53; `UNSUPPORTED` for several dimensions
 *   in column-major order.
 */
export function numbersOf(array: NumpyArray, field?: string): Float64Array {
  const place = field === undefined ? { dtype: array.dtype, at: 0 } : array.dtype.fields?.get(field);
  if (!place?.dtype.isNumber) {
    throw new ForestError('BAD_MODEL', field === undefined ? 'an array holds no numbers' : `no field '${field}'`);
  }
  if (array.order === 'F' && array.shape.filter((length) => length > 1).length > 1) {
    throw new ForestError('UNSUPPORTED', 'a column-major array of several dimensions does not occur in models');
  }
  const { size, bytes } = array;
  const stride = array.dtype.itemSize;
  const read = numberReader(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), place.dtype);
  const numbers = new Float64Array(size);
  for (let index = 0; index < size; index++) numbers[index] = read(index * stride + place.at);
  return numbers;
}

/** Reads one number of the type at a byte of the view. */
function numberReader(view: DataView, { kind, itemSize, littleEndian }: NumpyDtype): (at: number) => number {
  const isSigned = kind === 'i';
  switch (itemSize) {
    case 1:
      return isSigned ? (at) => view.getInt8(at) : (at) => view.getUint8(at);
    case 2:
      return isSigned ? (at) => view.getInt16(at, littleEndian) : (at) => view.getUint16(at, littleEndian);
    case 4:
      if (kind === 'f') return (at) => view.getFloat32(at, littleEndian);
      return isSigned ? (at) => view.getInt32(at, littleEndian) : (at) => view.getUint32(at, littleEndian);
    default:
      if (kind === 'f') return (at) => view.getFloat64(at, littleEndian);
      return (at) => integer64(view, at, littleEndian, isSigned);
  }
}

function integer64(view: DataView, at: number, littleEndian: boolean, isSigned: boolean): number {
  const [lowAt, highAt] = littleEndian ? [at, at + 4] : [at + 4, at];
  const high = isSigned ? view.getInt32(highAt, littleEndian) : view.getUint32(highAt, littleEndian);
  const value = high * 2 ** 32 + view.getUint32(lowAt, littleEndian);
  if (!Number.isSafeInteger(value)) throw new ForestError('BAD_MODEL', `an integer of ${value} is beyond 2^53`);
  return value;
}

/**
 * The Python number that a numpy scalar stands for.
 *
 * @param bytes one element of the type.
 * @throws {ForestError} `MALFORMED` if it is none.
 */
export function scalarOf(dtype: NumpyDtype, bytes: Uint8Array, offset: number): number | boolean | PyFloat {
  if (!dtype.isNumber || bytes.length !== dtype.itemSize) {
    throw new ForestError('MALFORMED', `the number at byte ${offset} is not one of its type`, { offset });
  }
  const [value] = numbersOf(new NumpyArray(dtype, [], 'C', bytes));
  if (dtype.kind === 'f') return new PyFloat(value);
  return dtype.kind === 'b' ? value !== 0 : value;
}
