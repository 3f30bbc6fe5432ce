/** numpy's dtypes and arrays, as far as estimators have them: plain numbers, records of plain numbers, text, objects. */
import { ForestError } from '../errors.ts';
import { PyFloat, PySequence, type PyValue } from './pickle-values.ts';

/** Kind and size of an element: `i8` is a signed integer of 8 bytes; O objects, U text in UTF-32, V a record. */
const CODE = /^([<>|=]?)(?:(b1|[iu][1248]|f[48])|(O)8?|([UV])(\d{1,6}))$/;

export class NumpyDtype {
  /** `b`, `i`, `u`, `f`, `O`, `U` or `V`. */
  readonly kind: string;
  /** Bytes of an element. */
  readonly itemSize: number;
  littleEndian = true;
  /** Of a record: name → type and place in bytes. */
  fields: ReadonlyMap<string, { readonly dtype: NumpyDtype; readonly at: number }> | undefined;
  /** Of a sub-array: how many elements of the plain type one item has. */
  built = false;

  constructor(code: string, offset: number) {
    const [, order, plain, object, sized, size] = CODE.exec(code) ?? [];
    if (plain === undefined && object === undefined && sized === undefined) {
      throw new ForestError('UNSUPPORTED', `arrays of dtype '${code.slice(0, 40)}' do not occur in models`, { offset });
    }
    this.kind = plain?.[0] ?? object ?? sized;
    this.itemSize =
      plain !== undefined ? Number(plain.slice(1)) : object !== undefined ? 8 : Number(size) * (sized === 'U' ? 4 : 1);
    if (order === '>') this.littleEndian = false;
  }

  get isNumber(): boolean {
    return 'biuf'.includes(this.kind);
  }
}

/** Largest number of dimensions, and of elements of an array. */
const LARGEST = { dimensions: 4, elements: 100_000_000 };

export class NumpyArray {
  dtype: NumpyDtype;
  shape: readonly number[];
  /** Column-major, which matters for two dimensions and more. */
  fortran = false;
  /** Elements of a plain type or of records, one after another. */
  bytes: Uint8Array | undefined;
  /** Elements of an object array. */
  items: readonly PyValue[] | undefined;
  built: boolean;

  constructor(dtype: NumpyDtype, shape: readonly number[], bytes?: Uint8Array) {
    this.dtype = dtype;
    this.shape = shape;
    this.bytes = bytes;
    this.built = bytes !== undefined;
  }

  get size(): number {
    return sizeOf(this.shape);
  }
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, dimension) => size * dimension, 1);
}

/** @throws {ForestError} `MALFORMED` or `LIMIT` unless the value is a tuple of a few lengths. */
export function shapeOf(value: PyValue | undefined, offset: number): number[] {
  const items =
    value instanceof PySequence && value.kind === 'tuple'
      ? value.items
      : typeof value === 'number'
        ? [value]
        : undefined;
  if (
    items === undefined ||
    !items.every((item) => typeof item === 'number' && Number.isSafeInteger(item) && item >= 0)
  ) {
    throw new ForestError('MALFORMED', 'the shape of an array must be a tuple of lengths', { offset });
  }
  if (items.length > LARGEST.dimensions || sizeOf(items as number[]) > LARGEST.elements) {
    throw new ForestError(
      'LIMIT',
      `an array may have ${LARGEST.dimensions} dimensions and ${LARGEST.elements} elements`,
      { offset },
    );
  }
  return items as number[];
}

/** Sets what a dtype's state tuple says: `(3, byte order, sub-array, names, fields, size, alignment, flags)`. */
export function buildDtype(dtype: NumpyDtype, state: PyValue, offset: number): void {
  const malformed = (what: string) => new ForestError('MALFORMED', `the dtype at byte ${offset} ${what}`, { offset });
  if (dtype.built) throw malformed('is set twice');
  if (!(state instanceof PySequence) || state.kind !== 'tuple' || state.items.length < 8)
    throw malformed('has no proper state');
  const [version, order, subarray, names, fields, size] = state.items;
  if (typeof version !== 'number' || version > 4) throw malformed(`has a state of version ${String(version)}`);
  if (order !== '<' && order !== '>' && order !== '|' && order !== '=') throw malformed('has no byte order');
  if (order !== '|') dtype.littleEndian = order !== '>';
  dtype.built = true;
  if (dtype.kind !== 'V') {
    if (names !== null || fields !== null || subarray !== null) throw malformed('is plain but has fields');
    return;
  }
  if (subarray !== null) {
    checkSubarray(dtype, subarray, malformed);
    return;
  }
  if (!(names instanceof PySequence) || !(fields instanceof Map) || size !== dtype.itemSize)
    throw malformed('is no proper record');
  const entries = names.items.map((name) => {
    const field = typeof name === 'string' ? fields.get(name) : undefined;
    if (typeof name !== 'string' || !(field instanceof PySequence)) throw malformed('lacks one of its fields');
    const [type, at] = field.items;
    const inside =
      type instanceof NumpyDtype && typeof at === 'number' && at >= 0 && at + type.itemSize <= dtype.itemSize;
    if (!inside || type.kind === 'O' || type.kind === 'U')
      throw malformed(`has a field '${name}' that is not inside it`);
    return [name, { dtype: type, at }] as const;
  });
  dtype.fields = new Map(entries);
  if (dtype.fields.size !== entries.length || fields.size !== entries.length) throw malformed('has a field twice');
}

/** The only sub-array that models have is the category bitset of scikit-learn 1.10's nodes: 8 × uint32. */
function checkSubarray(dtype: NumpyDtype, subarray: PyValue, malformed: (what: string) => ForestError): void {
  const [type, shape] = subarray instanceof PySequence ? subarray.items : [];
  const length = shape instanceof PySequence ? shape.items[0] : shape;
  const bitset =
    type instanceof NumpyDtype && type.kind === 'u' && type.itemSize === 4 && length === 8 && dtype.itemSize === 32;
  if (!bitset) throw malformed('is a sub-array');
}

/**
 * The numbers of an array or of a record's field, in row-major order of one dimension.
 *
 * @throws {ForestError} `BAD_MODEL` if it has no plain numbers, `UNSUPPORTED` for integers beyond 2^53.
 */
export function numbersOf(array: NumpyArray, field?: string): Float64Array {
  const place = field === undefined ? { dtype: array.dtype, at: 0 } : array.dtype.fields?.get(field);
  if (place === undefined || !place.dtype.isNumber || array.bytes === undefined) {
    throw new ForestError(
      'BAD_MODEL',
      `an array${field === undefined ? '' : ` has no field '${field}', or it`} does not hold plain numbers`,
    );
  }
  if (array.fortran && array.shape.filter((dimension) => dimension > 1).length > 1) {
    throw new ForestError('UNSUPPORTED', 'column-major arrays of several dimensions do not occur in models');
  }
  const { size, bytes, dtype } = array;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read = numberReader(view, place.dtype);
  const numbers = new Float64Array(size);
  for (let index = 0; index < size; index++) numbers[index] = read(index * dtype.itemSize + place.at);
  return numbers;
}

/** Reads a number of a type at a byte of a view. */
function numberReader(view: DataView, { kind, itemSize, littleEndian: little }: NumpyDtype): (at: number) => number {
  if (kind === 'f') return itemSize === 8 ? (at) => view.getFloat64(at, little) : (at) => view.getFloat32(at, little);
  if (itemSize === 8) return (at) => int64(view, at, little, kind === 'i');
  if (itemSize === 4) return kind === 'i' ? (at) => view.getInt32(at, little) : (at) => view.getUint32(at, little);
  if (itemSize === 2) return kind === 'i' ? (at) => view.getInt16(at, little) : (at) => view.getUint16(at, little);
  return kind === 'i' ? (at) => view.getInt8(at) : (at) => view.getUint8(at);
}

function int64(view: DataView, at: number, little: boolean, signed: boolean): number {
  const low = view.getUint32(at + (little ? 0 : 4), little);
  const highAt = at + (little ? 4 : 0);
  const value = (signed ? view.getInt32(highAt, little) : view.getUint32(highAt, little)) * 2 ** 32 + low;
  if (!Number.isSafeInteger(value)) throw new ForestError('UNSUPPORTED', `an integer of ${value} is beyond 2^53`);
  return value;
}

/** The number that a numpy scalar is: its dtype and the bytes of one element. */
export function scalarOf(dtype: NumpyDtype, bytes: Uint8Array, offset: number): number | boolean | PyFloat {
  if (!dtype.isNumber || bytes.length !== dtype.itemSize) {
    throw new ForestError('MALFORMED', `the number at byte ${offset} is not one of its type`, { offset });
  }
  const [value] = numbersOf(new NumpyArray(dtype, [1], bytes));
  if (dtype.kind === 'f') return new PyFloat(value);
  return dtype.kind === 'b' ? value !== 0 : value;
}
