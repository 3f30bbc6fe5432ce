/**
 * Writes Python's pickle format, protocol 4, as far as an estimator needs it.
 *
 * joblib puts an array's bytes straight behind the small object that stands for it. They are put on a multiple of 16 bytes
 * here, by operations that push and drop a value, since an attribute that says how far to skip cannot be read by joblib
 * before 1.2.
 */

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

/** Array data begins at a multiple of this, in bytes. */
const ALIGNMENT = 16;

const WRAPPER = new PickleGlobal('joblib.numpy_pickle', 'NumpyArrayWrapper');

/** The pickle stream of a value. An object that occurs twice (the same in JavaScript) is the same in Python. */
export function writePickle(value: PickleValue): Uint8Array {
  const writer = new PickleWriter();
  writer.write(value);
  return writer.finish();
}

class PickleWriter {
  #bytes = new Uint8Array(1 << 16);
  #length = 0;
  readonly #memo = new Map<unknown, number>();
  #memoSize = 0;

  constructor() {
    this.#op(OP.proto);
    this.#byte(4);
  }

  finish(): Uint8Array {
    this.#op(OP.stop);
    return this.#bytes.slice(0, this.#length);
  }

  write(value: PickleValue): void {
    if (value === null) this.#op(OP.none);
    else if (typeof value === 'boolean') this.#op(value ? OP.true : OP.false);
    else if (typeof value === 'number') this.#integer(value);
    else if (typeof value === 'string') this.#once(value, () => this.#text(value));
    else if (value instanceof PickleFloat) this.#float(value.value);
    else if (value instanceof PickleTuple) this.#tuple(value.items);
    else if (value instanceof PickleList) this.#list(value.items);
    else if (value instanceof PickleDict) this.#dict(value.entries);
    else if (value instanceof PickleGlobal) this.#once(value, () => this.#global(value));
    else if (value instanceof PickleObject) this.#object(value);
    else this.#array(value);
  }

  /** Writes a thing the first time and refers to it after that. */
  #once(key: unknown, write: () => void): void {
    const index = this.#memo.get(key);
    if (index !== undefined) {
      this.#recall(index);
      return;
    }
    write();
    this.#memoize(key);
  }

  #memoize(key: unknown): void {
    this.#op(OP.memoize);
    this.#memo.set(key, this.#memoSize++);
  }

  #recall(index: number): void {
    if (index < 256) {
      this.#op(OP.get1);
      this.#byte(index);
    } else {
      this.#op(OP.get4);
      this.#uint32(index);
    }
  }

  #object(value: PickleObject): void {
    const index = this.#memo.get(value);
    if (index !== undefined) {
      this.#recall(index);
      return;
    }
    this.write(value.make);
    if (value.args === undefined) {
      this.#op(OP.emptyTuple);
      this.#op(OP.newObject);
    } else {
      this.write(value.args);
      this.#op(OP.reduce);
    }
    this.#memoize(value);
    if (value.state === undefined) return;
    this.write(value.state);
    this.#op(OP.build);
  }

  #array({ shape, dtype, bytes }: PickleArray): void {
    this.write(WRAPPER);
    this.#op(OP.emptyTuple);
    this.#op(OP.newObject);
    this.#dict({ subclass: NDARRAY, shape: new PickleTuple(...shape), order: 'C', dtype, allow_mmap: true });
    this.#fill();
    this.#op(OP.build);
    this.#append(bytes);
  }

  /** Operations that do nothing, so many that the byte behind the next one is aligned. */
  #fill(): void {
    let missing = (ALIGNMENT - ((this.#length + 1) % ALIGNMENT)) % ALIGNMENT;
    if (missing === 1) missing += ALIGNMENT;
    if (missing % 2 === 1) {
      this.#integer(0);
      this.#op(OP.pop);
      missing -= 3;
    }
    for (; missing > 0; missing -= 2) {
      this.#op(OP.none);
      this.#op(OP.pop);
    }
  }

  #global({ module, name }: PickleGlobal): void {
    this.write(module);
    this.write(name);
    this.#op(OP.stackGlobal);
  }

  #tuple(items: readonly PickleValue[]): void {
    const short = [OP.emptyTuple, OP.tuple1, OP.tuple2, OP.tuple3][items.length];
    if (short === undefined) this.#op(OP.mark);
    for (const item of items) this.write(item);
    this.#op(short ?? OP.tuple);
  }

  #list(items: readonly PickleValue[]): void {
    this.#op(OP.emptyList);
    this.#op(OP.mark);
    for (const item of items) this.write(item);
    this.#op(OP.appends);
  }

  #dict(entries: Readonly<Record<string, PickleValue>>): void {
    this.#op(OP.emptyDict);
    this.#op(OP.mark);
    for (const [key, value] of Object.entries(entries)) {
      this.write(key);
      this.write(value);
    }
    this.#op(OP.setItems);
  }

  #integer(value: number): void {
    if (value >= 0 && value < 1 << 8) {
      this.#op(OP.int1);
      this.#byte(value);
    } else if (value >= 0 && value < 1 << 16) {
      this.#op(OP.int2);
      this.#byte(value & 0xff);
      this.#byte(value >> 8);
    } else if (value < 2 ** 31) {
      this.#op(OP.int4);
      this.#uint32(value >>> 0);
    } else this.#long(value);
  }

  /** A whole number from 2^31 to 2^53, in as many bytes as its sign allows. */
  #long(value: number): void {
    const bytes: number[] = [];
    for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) bytes.push(rest % 256);
    if ((bytes.at(-1) ?? 0) >= 128) bytes.push(0);
    this.#op(0x8a);
    this.#byte(bytes.length);
    this.#append(Uint8Array.from(bytes));
  }

  #float(value: number): void {
    this.#op(OP.float);
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setFloat64(0, value, false);
    this.#append(bytes);
  }

  #text(text: string): void {
    const bytes = new TextEncoder().encode(text);
    if (bytes.length < 256) {
      this.#op(OP.text1);
      this.#byte(bytes.length);
    } else {
      this.#op(OP.text4);
      this.#uint32(bytes.length);
    }
    this.#append(bytes);
  }

  #op(op: number): void {
    this.#byte(op);
  }

  #uint32(value: number): void {
    for (let shift = 0; shift < 32; shift += 8) this.#byte((value >>> shift) & 0xff);
  }

  #byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  #append(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + count));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}
