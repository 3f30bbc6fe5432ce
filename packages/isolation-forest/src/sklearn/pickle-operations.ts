/** What each operation of a pickle stream does, by its code; protocols 0 to 5. */
import { buildArray, NumpyArray } from './ndarray.ts';
import { buildDtype, NumpyDtype } from './numpy-dtype.ts';
import { instanceOf, permittedGlobal, resultOf } from './pickle-calls.ts';
import type { PickleMachine } from './pickle-machine.ts';
import { parseFloatText, parseIntegerText, parseRawUnicode, signedIntegerOf } from './pickle-text.ts';
import { PyFloat, PyObject, PySequence, type PyValue } from './pickle-values.ts';
import { ARRAY_WRAPPER } from './sklearn-names.ts';
import { readWrappedArray } from './wrapped-array.ts';

/** Sizes of single values, in bytes. */
const LONGEST = { line: 4096, unicodeLine: 8 * 1024 * 1024, integer: 32 } as const;

const NEWEST_PROTOCOL = 5;

/** Runs one operation, whose code has been read. */
export type Operation = (machine: PickleMachine, readNested: () => PyValue) => void;

/** The operation that ends a stream. */
export const STOP = 0x2e;

/** @throws {ForestError} `FORBIDDEN` for an operation that reaches outside the stream, `MALFORMED` for none at all. */
export function operationOf(code: number, machine: PickleMachine): Operation {
  const operation = OPERATIONS.get(code);
  if (operation !== undefined) return operation;
  const acting = ACTING.get(code);
  if (acting !== undefined) throw machine.refusal('FORBIDDEN', `is ${acting}, which no model needs; nothing was run`);
  throw machine.malformed(`is 0x${code.toString(16).padStart(2, '0')}, which models do not have`);
}

/** Operations that refer to the outside, or make objects in ways that models do not need. */
const ACTING: ReadonlyMap<number, string> = new Map([
  [0x50, 'PERSID'],
  [0x51, 'BINPERSID'],
  [0x69, 'INST'],
  [0x6f, 'OBJ'],
  [0x82, 'EXT1'],
  [0x83, 'EXT2'],
  [0x84, 'EXT4'],
  [0x8f, 'EMPTY_SET'],
  [0x90, 'ADDITEMS'],
  [0x91, 'FROZENSET'],
  [0x92, 'NEWOBJ_EX'],
  [0x97, 'NEXT_BUFFER'],
  [0x98, 'READONLY_BUFFER'],
]);

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function text(machine: PickleMachine, length: number): void {
  const bytes = machine.reader.take(length);
  let decoded: string;
  try {
    decoded = utf8.decode(bytes);
  } catch (error) {
    throw machine.malformed(`has text that is no UTF-8 (${String(error)})`);
  }
  machine.push(decoded);
}

function bytes(machine: PickleMachine, length: number): void {
  machine.pushNew(machine.reader.take(length));
}

function integer(machine: PickleMachine, length: number): void {
  if (length > LONGEST.integer) throw machine.refusal('LIMIT', `has an integer of more than ${LONGEST.integer} bytes`);
  machine.push(signedIntegerOf(machine.reader.take(length)));
}

function line(machine: PickleMachine): string {
  return machine.reader.readLine(LONGEST.line);
}

function parsed(machine: PickleMachine, value: PyValue | undefined): void {
  if (value === undefined) throw machine.malformed('has text that does not say what it should');
  machine.push(value);
}

function memoIndex(machine: PickleMachine): number {
  const index = parseIntegerText(line(machine));
  if (typeof index === 'number' && index >= 0) return index;
  throw machine.malformed('refers to a place that is no number');
}

function tuple(items: PyValue[]): PySequence {
  return new PySequence('tuple', items);
}

function list(items: PyValue[]): PySequence {
  return new PySequence('list', items);
}

function append(machine: PickleMachine, items: readonly PyValue[]): void {
  const target = machine.top();
  if (!(target instanceof PySequence) || target.kind !== 'list') {
    throw machine.malformed('appends to what is no list');
  }
  for (const item of items) target.items.push(item);
}

/** @param items keys and values in turn. */
function setItems(machine: PickleMachine, items: readonly PyValue[]): void {
  const target = machine.top();
  if (!(target instanceof Map)) throw machine.malformed('sets items of what is no dictionary');
  if (items.length % 2 === 1) throw machine.malformed('has a key without a value');
  for (let index = 0; index < items.length; index += 2) {
    const key = items[index];
    if (typeof key !== 'string' || key.startsWith('__')) {
      throw machine.malformed('has a key that is no plain text');
    }
    target.set(key, items[index + 1]);
  }
}

function dict(machine: PickleMachine, items: readonly PyValue[]): void {
  machine.pushNew(new Map());
  setItems(machine, items);
}

function global(machine: PickleMachine, module: PyValue, name: PyValue): void {
  if (typeof module !== 'string' || typeof name !== 'string') throw machine.malformed('has a name that is no text');
  machine.pushNew(permittedGlobal(module, name, machine.offset));
}

function begin(machine: PickleMachine): void {
  machine.protocol = machine.reader.readUint8();
  if (machine.protocol > NEWEST_PROTOCOL) {
    throw machine.refusal('UNSUPPORTED', `says protocol ${machine.protocol}; up to ${NEWEST_PROTOCOL} are read`);
  }
}

/** Gives what is on top its state. An array's stand-in becomes the array, whose bytes follow. */
function build(machine: PickleMachine, readNested: () => PyValue): void {
  const state = machine.pop();
  const target = machine.top();
  if (target instanceof NumpyDtype) buildDtype(target, state, machine.offset);
  else if (target instanceof NumpyArray) buildArray(target, state, machine.offset);
  else if (target instanceof PyObject && target.state === undefined) {
    target.state = state;
    if (target.className !== ARRAY_WRAPPER) return;
    machine.pop();
    machine.push(readWrappedArray(machine, state, readNested));
  } else throw machine.refusal('FORBIDDEN', 'sets the state of what takes none, or has one; nothing was run');
}

function call(machine: PickleMachine): void {
  const result = pair(machine, (target, args) => resultOf(target, args, machine.offset));
  if (result instanceof NumpyArray) machine.count('arrays');
  machine.pushNew(result);
}

/** Calls `use` with the value on top and, first, the one below it. */
function pair<Result>(machine: PickleMachine, use: (below: PyValue, top: PyValue) => Result): Result {
  const top = machine.pop();
  return use(machine.pop(), top);
}

const OPERATIONS: ReadonlyMap<number, Operation> = new Map<number, Operation>([
  [0x80, begin], // PROTO
  [0x95, (machine) => machine.enterFrame(machine.reader.readLength64())], // FRAME
  [0x28, (machine) => machine.mark()], // MARK
  [0x30, (machine) => machine.pop()], // POP
  [0x31, (machine) => machine.popMark()], // POP_MARK
  [0x32, (machine) => machine.push(machine.top())], // DUP
  [0x4e, (machine) => machine.push(null)], // NONE
  [0x88, (machine) => machine.push(true)], // NEWTRUE
  [0x89, (machine) => machine.push(false)], // NEWFALSE
  [0x49, (machine) => parsed(machine, parseIntegerText(line(machine), 'or boolean'))], // INT
  [0x4c, (machine) => parsed(machine, parseIntegerText(line(machine).replace(/L$/, '')))], // LONG
  [0x4a, (machine) => machine.push(machine.reader.readInt32())], // BININT
  [0x4b, (machine) => machine.push(machine.reader.readUint8())], // BININT1
  [0x4d, (machine) => machine.push(machine.reader.readUint16())], // BININT2
  [0x8a, (machine) => integer(machine, machine.reader.readUint8())], // LONG1
  [0x8b, (machine) => integer(machine, machine.reader.readUint32())], // LONG4
  [0x46, (machine) => parsed(machine, parseFloatText(line(machine)))], // FLOAT
  [0x47, (machine) => machine.push(new PyFloat(machine.reader.readFloat64()))], // BINFLOAT
  [0x56, (machine) => parsed(machine, parseRawUnicode(machine.reader.readLine(LONGEST.unicodeLine)))], // UNICODE
  [0x8c, (machine) => text(machine, machine.reader.readUint8())], // SHORT_BINUNICODE
  [0x58, (machine) => text(machine, machine.reader.readUint32())], // BINUNICODE
  [0x8d, (machine) => text(machine, machine.reader.readLength64())], // BINUNICODE8
  [0x43, (machine) => bytes(machine, machine.reader.readUint8())], // SHORT_BINBYTES
  [0x42, (machine) => bytes(machine, machine.reader.readUint32())], // BINBYTES
  [0x8e, (machine) => bytes(machine, machine.reader.readLength64())], // BINBYTES8
  [0x96, (machine) => bytes(machine, machine.reader.readLength64())], // BYTEARRAY8
  [0x5d, (machine) => machine.pushNew(list([]))], // EMPTY_LIST
  [0x7d, (machine) => machine.pushNew(new Map())], // EMPTY_DICT
  [0x29, (machine) => machine.pushNew(tuple([]))], // EMPTY_TUPLE
  [0x85, (machine) => machine.pushNew(tuple([machine.pop()]))], // TUPLE1
  [0x86, (machine) => machine.pushNew(pair(machine, (first, second) => tuple([first, second])))], // TUPLE2
  [0x87, (machine) => machine.pushNew(tuple([machine.pop(), machine.pop(), machine.pop()].reverse()))], // TUPLE3
  [0x74, (machine) => machine.pushNew(tuple(machine.popMark()))], // TUPLE
  [0x6c, (machine) => machine.pushNew(list(machine.popMark()))], // LIST
  [0x64, (machine) => dict(machine, machine.popMark())], // DICT
  [0x61, (machine) => append(machine, [machine.pop()])], // APPEND
  [0x65, (machine) => append(machine, machine.popMark())], // APPENDS
  [
    0x73,
    (machine) =>
      setItems(
        machine,
        pair(machine, (key, value) => [key, value]),
      ),
  ], // SETITEM
  [0x75, (machine) => setItems(machine, machine.popMark())], // SETITEMS
  [0x70, (machine) => machine.memoize(memoIndex(machine))], // PUT
  [0x71, (machine) => machine.memoize(machine.reader.readUint8())], // BINPUT
  [0x72, (machine) => machine.memoize(machine.reader.readUint32())], // LONG_BINPUT
  [0x94, (machine) => machine.memoize()], // MEMOIZE
  [0x67, (machine) => machine.recall(memoIndex(machine))], // GET
  [0x68, (machine) => machine.recall(machine.reader.readUint8())], // BINGET
  [0x6a, (machine) => machine.recall(machine.reader.readUint32())], // LONG_BINGET
  [0x63, (machine) => global(machine, line(machine), line(machine))], // GLOBAL
  [0x93, (machine) => pair(machine, (module, name) => global(machine, module, name))], // STACK_GLOBAL
  [0x52, call], // REDUCE
  [0x81, (machine) => machine.pushNew(pair(machine, (target, args) => instanceOf(target, args, machine.offset)))], // NEWOBJ
  [0x62, build], // BUILD
]);
