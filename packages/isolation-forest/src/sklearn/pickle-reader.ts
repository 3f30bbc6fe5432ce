/**
 * Reads a pickle stream, with the arrays that joblib puts between its operations, into inert data.
 *
 * Pickle is the program of a stack machine. This machine has the operations that make data and none that act: a class or
 * function is only a name, and only a name of the allow-list in `pickle-calls.ts`.
 */
import { ForestError } from '../errors.ts';
import type { ByteReader } from './byte-reader.ts';
import { buildDtype, NumpyArray, NumpyDtype, shapeOf } from './ndarray.ts';
import { ARRAY_WRAPPER, dictOf, instanceOf, permittedGlobal, resultOf } from './pickle-calls.ts';
import { parseFloatText, parseIntegerText, rawUnicode, signedInteger } from './pickle-text.ts';
import { type PyDict, PyFloat, PyGlobal, PyObject, PySequence, type PyValue } from './pickle-values.ts';

/** Far more than any model needs, and little enough to be read in a second. */
export const PICKLE_LIMITS = {
  /** So many, and one more for every so many bytes: a model is mostly arrays, some 40 bytes an operation. */
  operations: 100_000,
  bytesAnOperation: 16,
  memoEntries: 500_000,
  stackValues: 500_000,
  openMarks: 64,
  /** Pickles inside the stream, for arrays of objects, and how deep in each other. */
  nestedPickles: 64,
  nestedDepth: 2,
  textLineBytes: 4_096,
  unicodeLineBytes: 8 * 1024 * 1024,
  integerBytes: 32,
  arrays: 200_000,
} as const;

function operationsAllowed({ bytes }: ByteReader): number {
  return PICKLE_LIMITS.operations + Math.floor(bytes.length / PICKLE_LIMITS.bytesAnOperation);
}

/** What the pickles of one file have left, or have used up together. */
interface Budget {
  /** Left. */
  operations: number;
  nested: number;
  arrays: number;
}

/** Reads one pickle and stops behind its STOP. */
export function readPickle(reader: ByteReader): { readonly value: PyValue; readonly protocol: number } {
  return new PickleMachine(reader, { operations: operationsAllowed(reader), nested: 0, arrays: 0 }, 0).run();
}

class PickleMachine {
  readonly reader: ByteReader;
  readonly #budget: Budget;
  readonly #depth: number;
  #stack: PyValue[] = [];
  readonly #marks: PyValue[][] = [];
  readonly #memo = new Map<number, PyValue>();
  #frameEnd: number | undefined;
  /** Offset of the operation under way. */
  offset = 0;
  protocol = 0;

  constructor(reader: ByteReader, budget: Budget, depth: number) {
    this.reader = reader;
    this.#budget = budget;
    this.#depth = depth;
  }

  run(): { value: PyValue; protocol: number } {
    for (;;) {
      this.#leaveFrame();
      this.offset = this.reader.at;
      if (--this.#budget.operations < 0) throw this.over('operations', operationsAllowed(this.reader));
      const code = this.reader.uint8();
      if (code === STOP) return { value: this.#finish(), protocol: this.protocol };
      const operation = OPERATIONS.get(code);
      if (operation === undefined) throw this.#refused(code);
      operation(this);
      if (this.#frameEnd !== undefined && this.reader.at > this.#frameEnd)
        throw this.malformed('crosses the end of its frame');
    }
  }

  push(value: PyValue): void {
    if (this.#stack.length >= PICKLE_LIMITS.stackValues)
      throw this.over('values on the stack', PICKLE_LIMITS.stackValues);
    this.#stack.push(value);
  }

  pop(): PyValue {
    const value = this.#stack.pop();
    if (value === undefined) throw this.malformed('finds nothing on the stack');
    return value;
  }

  top(): PyValue {
    const value = this.#stack.at(-1);
    if (value === undefined) throw this.malformed('finds nothing on the stack');
    return value;
  }

  mark(): void {
    if (this.#marks.length >= PICKLE_LIMITS.openMarks) throw this.over('open marks', PICKLE_LIMITS.openMarks);
    this.#marks.push(this.#stack);
    this.#stack = [];
  }

  /** Everything since the last mark. */
  popMark(): PyValue[] {
    const items = this.#stack;
    const below = this.#marks.pop();
    if (below === undefined) throw this.malformed('finds no mark');
    this.#stack = below;
    return items;
  }

  memoize(index = this.#memo.size): void {
    if (this.#memo.size >= PICKLE_LIMITS.memoEntries) throw this.over('memo entries', PICKLE_LIMITS.memoEntries);
    this.#memo.set(index, this.top());
  }

  recall(index: number): void {
    const value = this.#memo.get(index);
    if (value === undefined) throw this.malformed(`refers to ${index}, which is not remembered`);
    this.push(value);
  }

  beginFrame(): void {
    const length = this.reader.length64();
    if (this.#frameEnd !== undefined) throw this.malformed('begins a frame inside a frame');
    if (length > this.reader.left) {
      throw new ForestError(
        'TRUNCATED',
        `a frame of ${length} bytes is announced at byte ${this.offset}, ${this.reader.left} are left`,
        {
          offset: this.offset,
        },
      );
    }
    this.#frameEnd = this.reader.at + length;
  }

  #leaveFrame(): void {
    if (this.reader.at === this.#frameEnd) this.#frameEnd = undefined;
  }

  /** BUILD: gives the thing below its state. An array's stand-in becomes the array, whose bytes follow here. */
  build(): void {
    const state = this.pop();
    const target = this.top();
    if (target instanceof NumpyDtype) buildDtype(target, state, this.offset);
    else if (target instanceof NumpyArray) this.#buildArray(target, state);
    else if (target instanceof PyObject && target.state === undefined) {
      target.state = state;
      if (target.className !== ARRAY_WRAPPER) return;
      this.pop();
      this.push(this.#wrappedArray(dictOf(state, this.offset)));
    } else
      throw new ForestError(
        'FORBIDDEN',
        `a state at byte ${this.offset} is for something that takes none, or has one`,
        { offset: this.offset },
      );
  }

  #buildArray(array: NumpyArray, state: PyValue): void {
    const [, shape, dtype, fortran, data] = state instanceof PySequence && state.kind === 'tuple' ? state.items : [];
    if (array.built || !(dtype instanceof NumpyDtype)) throw this.malformed('gives an array no proper state');
    this.#countArray();
    array.built = true;
    array.dtype = dtype;
    array.shape = shapeOf(shape, this.offset);
    array.fortran = fortran === true;
    if (dtype.kind === 'O' && data instanceof PySequence && data.items.length === array.size) array.items = data.items;
    else if (dtype.kind !== 'O' && data instanceof Uint8Array && data.length === array.size * dtype.itemSize)
      array.bytes = data;
    else throw this.malformed('gives an array other data than its shape says');
  }

  #wrappedArray(wrapper: PyDict): NumpyArray {
    const dtype = wrapper.get('dtype');
    const subclass = wrapper.get('subclass');
    if (!(dtype instanceof NumpyDtype) || !(subclass instanceof PyGlobal) || subclass.name !== 'numpy ndarray') {
      throw this.malformed('describes no plain array');
    }
    this.#leaveFrame();
    if (this.#frameEnd !== undefined) throw this.malformed('puts array data inside a frame');
    this.#countArray();
    const array = new NumpyArray(dtype, shapeOf(wrapper.get('shape'), this.offset));
    array.fortran = wrapper.get('order') === 'F';
    if (dtype.kind === 'O') return this.#nestedArray(array);
    const alignment = wrapper.get('numpy_array_alignment_bytes') ?? null;
    if (alignment !== null) this.#skipPadding(alignment);
    array.bytes = this.reader.take(array.size * dtype.itemSize);
    array.built = true;
    return array;
  }

  #skipPadding(alignment: PyValue): void {
    const padding = this.reader.uint8();
    if (typeof alignment !== 'number' || padding < 1 || padding > alignment)
      throw this.malformed('pads an array wrongly');
    this.reader.skip(padding);
  }

  /** An array of objects is a whole pickle of its own. */
  #nestedArray(array: NumpyArray): NumpyArray {
    if (++this.#budget.nested > PICKLE_LIMITS.nestedPickles)
      throw this.over('nested pickles', PICKLE_LIMITS.nestedPickles);
    if (this.#depth >= PICKLE_LIMITS.nestedDepth) throw this.over('pickles in each other', PICKLE_LIMITS.nestedDepth);
    const { value } = new PickleMachine(this.reader, this.#budget, this.#depth + 1).run();
    if (value instanceof NumpyArray && value.dtype.kind === 'O' && value.size === array.size) return value;
    throw this.malformed('announces an array of objects and holds something else');
  }

  #countArray(): void {
    if (++this.#budget.arrays > PICKLE_LIMITS.arrays) throw this.over('arrays', PICKLE_LIMITS.arrays);
  }

  #finish(): PyValue {
    if (this.#marks.length > 0 || this.#stack.length !== 1) throw this.malformed('stops with other than one value');
    return this.pop();
  }

  malformed(what: string): ForestError {
    return new ForestError('MALFORMED', `the operation at byte ${this.offset} ${what}`, { offset: this.offset });
  }

  over(what: string, limit: number): ForestError {
    return new ForestError('LIMIT', `more than ${limit} ${what} at byte ${this.offset}`, { offset: this.offset });
  }

  #refused(code: number): ForestError {
    const hex = `0x${code.toString(16).padStart(2, '0')}`;
    if (ACTING.has(code)) {
      return new ForestError(
        'FORBIDDEN',
        `the operation ${hex} at byte ${this.offset} reaches outside the file; models do not`,
        {
          offset: this.offset,
        },
      );
    }
    return new ForestError('MALFORMED', `${hex} at byte ${this.offset} is no operation that models use`, {
      offset: this.offset,
    });
  }
}

const STOP = 0x2e;

/** Operations by which a pickle refers to the outside, or makes objects in ways that estimators do not. */
const ACTING: ReadonlySet<number> = new Set([
  0x50, 0x51, 0x82, 0x83, 0x84, 0x69, 0x6f, 0x92, 0x8f, 0x90, 0x91, 0x97, 0x98,
]);

type Operation = (machine: PickleMachine) => void;

function global(machine: PickleMachine, module: PyValue, name: PyValue): void {
  if (typeof module !== 'string' || typeof name !== 'string')
    throw machine.malformed('names a thing by something other than text');
  machine.push(permittedGlobal(module, name, machine.offset));
}

function text(machine: PickleMachine, length: number): void {
  const bytes = machine.reader.take(length);
  try {
    machine.push(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    throw machine.malformed('is text, but no UTF-8');
  }
}

function append(machine: PickleMachine, items: readonly PyValue[]): void {
  const list = machine.top();
  if (!(list instanceof PySequence) || list.kind !== 'list')
    throw machine.malformed('appends to something that is no list');
  for (const item of items) list.items.push(item);
}

function setItems(machine: PickleMachine, items: readonly PyValue[]): void {
  const dict = machine.top();
  if (!(dict instanceof Map) || items.length % 2 === 1)
    throw machine.malformed('sets items of something that is no dictionary');
  for (let index = 0; index < items.length; index += 2) {
    const key = items[index];
    if (typeof key !== 'string' || key.startsWith('__'))
      throw machine.malformed('has a key that attributes do not have');
    dict.set(key, items[index + 1]);
  }
}

function dictFrom(machine: PickleMachine, items: readonly PyValue[]): void {
  machine.push(new Map());
  setItems(machine, items);
}

function tuple(count: number): Operation {
  return (machine) => {
    const items = Array.from({ length: count }, () => machine.pop()).reverse();
    machine.push(new PySequence('tuple', items));
  };
}

function integer(machine: PickleMachine, length: number): void {
  if (length > PICKLE_LIMITS.integerBytes) throw machine.over('bytes of an integer', PICKLE_LIMITS.integerBytes);
  machine.push(signedInteger(machine.reader.take(length)));
}

function line(machine: PickleMachine): string {
  return machine.reader.line(PICKLE_LIMITS.textLineBytes);
}

function parsed<Value extends PyValue>(machine: PickleMachine, value: Value | undefined): void {
  if (value === undefined) throw machine.malformed('has a number that is none');
  machine.push(value);
}

function memoIndex(machine: PickleMachine): number {
  const index = parseIntegerText(line(machine));
  if (typeof index !== 'number' || index < 0) throw machine.malformed('refers to no place');
  return index;
}

function protocol(machine: PickleMachine): void {
  machine.protocol = machine.reader.uint8();
  if (machine.protocol > 5) {
    throw new ForestError('UNSUPPORTED', `pickle protocol ${machine.protocol}; up to 5 are read`, {
      offset: machine.offset,
    });
  }
}

const OPERATIONS: ReadonlyMap<number, Operation> = new Map<number, Operation>([
  [0x80, protocol],
  [0x95, (machine) => machine.beginFrame()],
  [0x28, (machine) => machine.mark()],
  [0x30, (machine) => machine.pop()],
  [0x31, (machine) => machine.popMark()],
  [0x32, (machine) => machine.push(machine.top())],
  [0x4e, (machine) => machine.push(null)],
  [0x88, (machine) => machine.push(true)],
  [0x89, (machine) => machine.push(false)],
  [0x49, (machine) => parsed(machine, parseIntegerText(line(machine), 'booleans'))],
  [0x4c, (machine) => parsed(machine, parseIntegerText(line(machine).replace(/L$/, '')))],
  [0x4a, (machine) => machine.push(machine.reader.int32())],
  [0x4b, (machine) => machine.push(machine.reader.uint8())],
  [0x4d, (machine) => machine.push(machine.reader.uint16())],
  [0x8a, (machine) => integer(machine, machine.reader.uint8())],
  [0x8b, (machine) => integer(machine, machine.reader.uint32())],
  [0x46, (machine) => parsed(machine, parseFloatText(line(machine)))],
  [0x47, (machine) => machine.push(new PyFloat(machine.reader.float64()))],
  [0x56, (machine) => machine.push(rawUnicode(machine.reader.line(PICKLE_LIMITS.unicodeLineBytes), machine.offset))],
  [0x8c, (machine) => text(machine, machine.reader.uint8())],
  [0x58, (machine) => text(machine, machine.reader.uint32())],
  [0x8d, (machine) => text(machine, machine.reader.length64())],
  [0x43, (machine) => machine.push(machine.reader.take(machine.reader.uint8()))],
  [0x42, (machine) => machine.push(machine.reader.take(machine.reader.uint32()))],
  [0x8e, (machine) => machine.push(machine.reader.take(machine.reader.length64()))],
  [0x96, (machine) => machine.push(machine.reader.take(machine.reader.length64()))],
  [0x5d, (machine) => machine.push(new PySequence('list', []))],
  [0x7d, (machine) => machine.push(new Map())],
  [0x29, tuple(0)],
  [0x85, tuple(1)],
  [0x86, tuple(2)],
  [0x87, tuple(3)],
  [0x74, (machine) => machine.push(new PySequence('tuple', machine.popMark()))],
  [0x6c, (machine) => machine.push(new PySequence('list', machine.popMark()))],
  [0x64, (machine) => dictFrom(machine, machine.popMark())],
  [0x61, (machine) => append(machine, [machine.pop()])],
  [0x65, (machine) => append(machine, machine.popMark())],
  [0x73, (machine) => setItems(machine, [machine.pop(), machine.pop()].reverse())],
  [0x75, (machine) => setItems(machine, machine.popMark())],
  [0x70, (machine) => machine.memoize(memoIndex(machine))],
  [0x71, (machine) => machine.memoize(machine.reader.uint8())],
  [0x72, (machine) => machine.memoize(machine.reader.uint32())],
  [0x94, (machine) => machine.memoize()],
  [0x67, (machine) => machine.recall(memoIndex(machine))],
  [0x68, (machine) => machine.recall(machine.reader.uint8())],
  [0x6a, (machine) => machine.recall(machine.reader.uint32())],
  [0x63, (machine) => global(machine, line(machine), line(machine))],
  [
    0x93,
    (machine) => {
      const name = machine.pop();
      global(machine, machine.pop(), name);
    },
  ],
  [
    0x52,
    (machine) => {
      const args = machine.pop();
      machine.push(resultOf(machine.pop(), args, machine.offset));
    },
  ],
  [
    0x81,
    (machine) => {
      const args = machine.pop();
      machine.push(instanceOf(machine.pop(), args, machine.offset));
    },
  ],
  [0x62, (machine) => machine.build()],
]);
