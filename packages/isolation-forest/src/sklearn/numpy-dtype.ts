/** numpy's element types, as far as estimators have them: plain numbers, records of plain numbers, text, objects. */
import { ForestError } from '../errors.ts';
import { PySequence, type PyValue } from './pickle-values.ts';

/** Byte order, then kind and size: `i8` is a signed integer of 8 bytes, `O` an object, `U` UTF-32 text, `V` a record. */
const CODE = /^([<>|=]?)(?:(b1|[iu][1248]|f[48])|(O)8?|([UV])(\d{1,6}))$/;

/** Kind of element: truth value, signed or unsigned integer, float, object, UTF-32 text, record (or other raw bytes). */
export type DtypeKind = 'b' | 'i' | 'u' | 'f' | 'O' | 'U' | 'V';

/** A field of a record. */
export interface RecordField {
  readonly dtype: NumpyDtype;
  /** Offset within the record, in bytes; the field ends within it as well. */
  readonly at: number;
}

/** The type of an array's elements. */
export class NumpyDtype {
  readonly kind: DtypeKind;
  /** Size of an element, in bytes. */
  readonly itemSize: number;
  littleEndian: boolean;
  /** Whether an element is an array of its own. */
  isSubarray = false;
  /** Fields of a record, by name. */
  fields: ReadonlyMap<string, RecordField> | undefined;
  /** Whether the stream has given it its state; that happens once. */
  isBuilt = false;

  private constructor(kind: DtypeKind, itemSize: number, littleEndian: boolean) {
    this.kind = kind;
    this.itemSize = itemSize;
    this.littleEndian = littleEndian;
  }

  /** @throws {ForestError} `UNSUPPORTED` for a code that no model has. */
  static of(code: string, offset: number): NumpyDtype {
    const [, order, plain, object, sized, size] = CODE.exec(code) ?? [];
    const littleEndian = order !== '>';
    if (plain !== undefined) return new NumpyDtype(plain[0] as DtypeKind, Number(plain.slice(1)), littleEndian);
    if (object !== undefined) return new NumpyDtype('O', 8, littleEndian);
    if (sized === 'U') return new NumpyDtype('U', 4 * Number(size), littleEndian);
    if (sized === 'V') return new NumpyDtype('V', Number(size), littleEndian);
    throw new ForestError('UNSUPPORTED', `an array of dtype ${shown(code)} does not occur in models`, { offset });
  }

  /** Whether an element is one number. */
  get isNumber(): boolean {
    return 'biuf'.includes(this.kind);
  }
}

/**
 * Gives a dtype its state: `(3, byte order, sub-array, names, fields, size, alignment, flags)`.
 *
 * @throws {ForestError} `MALFORMED` if it has one already, or the state is not one that models have.
 */
export function buildDtype(dtype: NumpyDtype, state: PyValue, offset: number): void {
  const malformed = (what: string) => new ForestError('MALFORMED', `the dtype at byte ${offset} ${what}`, { offset });
  if (dtype.isBuilt) throw malformed('gets a second state');
  if (!(state instanceof PySequence) || state.kind !== 'tuple' || state.items.length !== 8) {
    throw malformed('gets a state that is no tuple of 8');
  }
  const [version, order, subarray, names, fields, size] = state.items;
  if (version !== 3) throw malformed('gets a state of another version than 3');
  if (order !== '<' && order !== '>' && order !== '|' && order !== '=') throw malformed('has no byte order');
  if (order === '<' || order === '>') dtype.littleEndian = order === '<';
  dtype.isBuilt = true;
  if (subarray !== null) {
    if (!isCategoryBitset(dtype, subarray)) throw malformed('is a sub-array that models do not have');
    dtype.isSubarray = true;
  } else if (dtype.kind === 'V') {
    if (size !== dtype.itemSize) throw malformed('is a record of two sizes');
    dtype.fields = fieldsOf(names, fields, dtype.itemSize, malformed);
  } else if (names !== null || fields !== null) throw malformed('has fields without being a record');
}

function fieldsOf(
  names: PyValue | undefined,
  fields: PyValue | undefined,
  recordBytes: number,
  malformed: (what: string) => ForestError,
): ReadonlyMap<string, RecordField> {
  if (!(names instanceof PySequence) || !(fields instanceof Map)) throw malformed('is a record without fields');
  const read = new Map<string, RecordField>();
  for (const name of names.items) {
    const field = typeof name === 'string' ? fields.get(name) : undefined;
    const [dtype, at] = field instanceof PySequence ? field.items : [];
    if (typeof name !== 'string' || !(dtype instanceof NumpyDtype) || typeof at !== 'number') {
      throw malformed('is a record with a field that is none');
    }
    if (!dtype.isNumber && !dtype.isSubarray) throw malformed(`has a field ${shown(name)} that is no number`);
    if (!(at >= 0 && at + dtype.itemSize <= recordBytes))
      throw malformed(`has a field ${shown(name)} outside the record`);
    read.set(name, { dtype, at });
  }
  if (read.size !== names.items.length || read.size !== fields.size) throw malformed('has a field twice');
  return read;
}

function shown(name: string): string {
  return JSON.stringify(name.slice(0, 40));
}

/** The only sub-array in a model: the bitset of categories in the nodes of scikit-learn 1.10, eight times uint32. */
function isCategoryBitset(dtype: NumpyDtype, subarray: PyValue): boolean {
  const [type, shape] = subarray instanceof PySequence ? subarray.items : [];
  const lengths = shape instanceof PySequence ? shape.items : [shape];
  const isUint32 = type instanceof NumpyDtype && type.kind === 'u' && type.itemSize === 4;
  return isUint32 && lengths.length === 1 && lengths[0] === 8 && dtype.kind === 'V' && dtype.itemSize === 32;
}
