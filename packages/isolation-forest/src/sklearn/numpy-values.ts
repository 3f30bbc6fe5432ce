/** Numpy's types and arrays as Python objects to be written. */
import {
  NDARRAY,
  PickleArray,
  PickleDict,
  PickleGlobal,
  PickleList,
  PickleObject,
  PickleTuple,
} from './python-objects.ts';

const DTYPE = new PickleGlobal('numpy', 'dtype');

/** What numpy writes for the size and alignment of a type that needs no telling. */
const IMPLIED = -1;

/** Flags of a type that holds references to Python objects. */
const OBJECT_FLAGS = 63;

/** Flag of a record whose fields must be taken one at a time. */
const RECORD_FLAGS = 16;

/** `int64`. */
export const INT64 = numberDtype('i8', '<');
/** `float64`. */
export const FLOAT64 = numberDtype('f8', '<');
/** `uint8`. */
export const UINT8 = numberDtype('u1', '|');

const UINT32 = numberDtype('u4', '<');
const OBJECT = dtype('O8', ['|', null, null, null, IMPLIED, IMPLIED, OBJECT_FLAGS]);

/** Eight `uint32` in one field of a record: a set of up to 256 categories. */
export const CATEGORY_SET = dtype('V32', ['|', new PickleTuple([UINT32, new PickleTuple([8])]), null, null, 32, 4, 0]);

function numberDtype(code: string, byteOrder: '<' | '|'): PickleObject {
  return dtype(code, [byteOrder, null, null, null, IMPLIED, IMPLIED, 0]);
}

/** The type of a record of named fields, each with its offset in bytes. */
export function recordDtype(
  sizeBytes: number,
  fields: readonly { readonly name: string; readonly dtype: PickleObject; readonly offset: number }[],
): PickleObject {
  const names = new PickleTuple(fields.map(({ name }) => name));
  const places = Object.fromEntries(
    fields.map((field) => [field.name, new PickleTuple([field.dtype, field.offset])] as const),
  );
  return dtype(`V${sizeBytes}`, ['|', null, names, new PickleDict(places), sizeBytes, 1, RECORD_FLAGS]);
}

/** The state is numpy's, of version 3: byte order, sub-array, names, fields, size, alignment, flags. */
function dtype(code: string, state: PickleTuple['items']): PickleObject {
  return new PickleObject(DTYPE, new PickleTuple([code, false, true]), new PickleTuple([3, ...state]));
}

/** An `int64` array of safe integers. */
export function int64Array(values: ArrayLike<number>): PickleArray {
  const bytes = new Uint8Array(values.length * 8);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < values.length; i++) setInt64(view, 8 * i, values[i]);
  return new PickleArray([values.length], INT64, bytes);
}

/** Stores a safe integer as a little-endian `int64`. */
export function setInt64(view: DataView, offset: number, value: number): void {
  view.setUint32(offset, value, true);
  view.setInt32(offset + 4, Math.floor(value / 2 ** 32), true);
}

/** A `float64` array; its shape is that of `values` unless told otherwise. */
export function float64Array(values: Float64Array, shape: readonly number[] = [values.length]): PickleArray {
  const bytes = new Uint8Array(values.length * 8);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < values.length; i++) view.setFloat64(8 * i, values[i], true);
  return new PickleArray(shape, FLOAT64, bytes);
}

/**
 * An array of Python texts. `numpy.ndarray` itself makes it: the function that numpy names for this has moved, and files
 * with either of its names do not load everywhere.
 */
export function textArray(texts: readonly string[]): PickleObject {
  const shape = new PickleTuple([texts.length]);
  const state = new PickleTuple([1, shape, OBJECT, false, new PickleList(texts)]);
  return new PickleObject(NDARRAY, new PickleTuple([shape, OBJECT]), state);
}
