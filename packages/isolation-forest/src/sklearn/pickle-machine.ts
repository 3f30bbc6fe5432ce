/**
 * The stack machine whose programs are pickle streams: a stack, marks on it, a memo of values that are referred to again,
 * and frames, which are stretches of the stream that no operation may cross. It only moves values about and counts; what
 * the operations are is told in `pickle-operations.ts`.
 */
import { ForestError } from '../errors.ts';
import type { ByteReader } from './byte-reader.ts';
import type { PyValue } from './pickle-values.ts';

/** What a stream may use up: far more than any model needs, and little enough to be read within seconds and 300 MB. */
export const PICKLE_LIMITS = {
  /** Operations of any stream; a longer one may have one more for each {@link PICKLE_LIMITS.bytesAnOperation}. */
  operations: 100_000,
  /** A model is mostly arrays: 40 bytes an operation where trees are large, 5 where they are as small as can be. */
  bytesAnOperation: 4,
  /** Operations of a stream of any length: 17,000 to 40,000 trees have as many. */
  mostOperations: 5_000_000,
  /** Lists, tuples, dictionaries, byte strings, names and instances, of which a tree has 22 to 48. */
  objects: 1_000_000,
  memoEntries: 500_000,
  stackValues: 500_000,
  openMarks: 64,
  /** Pickles within the stream, for arrays of objects. */
  nestedPickles: 64,
  arrays: 200_000,
} as const;

/** What the pickles of one file have used up together. */
export interface PickleUsage {
  operations: number;
  objects: number;
  nestedPickles: number;
  arrays: number;
}

/** A machine for one pickle. */
export class PickleMachine {
  readonly reader: ByteReader;
  /** Whether the pickle is one within another. */
  readonly isNested: boolean;
  /** Offset of the operation under way. */
  offset = 0;
  /** Pickle protocol that the stream says it has. */
  protocol = 0;
  readonly #usage: PickleUsage;
  readonly #mostOperations: number;
  #stack: PyValue[] = [];
  /** What is on the stack below each open mark. */
  readonly #below: PyValue[][] = [];
  readonly #memo = new Map<number, PyValue>();
  #frameEnd: number | undefined;

  /** @param usage shared by the pickles of a file; added to. */
  constructor(reader: ByteReader, usage: PickleUsage, isNested: boolean) {
    this.reader = reader;
    this.isNested = isNested;
    this.#usage = usage;
    const { operations, bytesAnOperation, mostOperations } = PICKLE_LIMITS;
    this.#mostOperations = Math.min(operations + Math.floor(reader.bytes.length / bytesAnOperation), mostOperations);
  }

  /** Goes on to the next operation and returns its code. */
  nextOperation(): number {
    this.leaveFrame();
    this.offset = this.reader.offset;
    this.count('operations', this.#mostOperations);
    return this.reader.readUint8();
  }

  /** Counts one more of what is limited for a file. */
  count(what: keyof PickleUsage, limit: number = PICKLE_LIMITS[what]): void {
    if (++this.#usage[what] > limit) throw this.limit(what, limit);
  }

  push(value: PyValue): void {
    if (this.#stack.length >= PICKLE_LIMITS.stackValues) throw this.limit('stackValues', PICKLE_LIMITS.stackValues);
    this.#stack.push(value);
  }

  /** Pushes a value that is an object of its own, and counts it. */
  pushNew(value: PyValue): void {
    this.count('objects');
    this.push(value);
  }

  /** Takes the value on top off the stack, down to the last mark. */
  pop(): PyValue {
    const value = this.#stack.pop();
    if (value === undefined) throw this.malformed('finds nothing on the stack');
    return value;
  }

  /** The value on top of the stack. */
  top(): PyValue {
    const value = this.#stack.at(-1);
    if (value === undefined) throw this.malformed('finds nothing on the stack');
    return value;
  }

  mark(): void {
    if (this.#below.length >= PICKLE_LIMITS.openMarks) throw this.limit('openMarks', PICKLE_LIMITS.openMarks);
    this.#below.push(this.#stack);
    this.#stack = [];
  }

  /** Takes all values above the last mark off the stack, and the mark. */
  popMark(): PyValue[] {
    const items = this.#stack;
    const below = this.#below.pop();
    if (below === undefined) throw this.malformed('finds no mark');
    this.#stack = below;
    return items;
  }

  /** Remembers the value on top, at the next free place unless told otherwise. */
  memoize(index = this.#memo.size): void {
    if (this.#memo.size >= PICKLE_LIMITS.memoEntries) throw this.limit('memoEntries', PICKLE_LIMITS.memoEntries);
    this.#memo.set(index, this.top());
  }

  /** Pushes what is remembered at a place. */
  recall(index: number): void {
    const value = this.#memo.get(index);
    if (value === undefined) throw this.malformed(`refers to place ${index}, at which nothing is remembered`);
    this.push(value);
  }

  /** Begins a frame of `length` bytes here. */
  enterFrame(length: number): void {
    if (this.#frameEnd !== undefined) throw this.malformed('begins a frame within a frame');
    const start = this.reader.offset;
    this.reader.skip(length);
    this.reader.offset = start;
    this.#frameEnd = start + length;
  }

  /** Leaves the frame if it ends here. */
  leaveFrame(): void {
    if (this.#frameEnd === undefined || this.reader.offset < this.#frameEnd) return;
    if (this.reader.offset > this.#frameEnd) throw this.malformed('crosses the end of its frame');
    this.#frameEnd = undefined;
  }

  /** Refuses to go on within a frame. */
  expectNoFrame(): void {
    this.leaveFrame();
    if (this.#frameEnd !== undefined) throw this.malformed('is not the last of its frame');
  }

  /** The value that the pickle is of. */
  finish(): PyValue {
    this.expectNoFrame();
    if (this.#below.length > 0 || this.#stack.length !== 1) throw this.malformed('ends with other than one value');
    return this.pop();
  }

  /** @param what goes on after "the operation at byte 7". */
  malformed(what: string): ForestError {
    return this.refusal('MALFORMED', what);
  }

  /** @param what goes on after "the operation at byte 7". */
  refusal(code: ForestError['code'], what: string): ForestError {
    return new ForestError(code, `the operation at byte ${this.offset} ${what}`, { offset: this.offset });
  }

  limit(what: keyof typeof PICKLE_LIMITS, limit: number): ForestError {
    const words = what.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
    return new ForestError('LIMIT', `more than ${limit} ${words} at byte ${this.offset}`, { offset: this.offset });
  }
}
