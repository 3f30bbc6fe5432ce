/**
 * What a pickle stream is made of, as inert data: nothing here can be called, and nothing refers to anything outside the
 * stream. None is null; texts, truth values and bytes are JavaScript's.
 */
import type { NumpyArray } from './ndarray.ts';
import type { NumpyDtype } from './numpy-dtype.ts';

/** A Python value. An int is a number, or a bigint beyond 2^53; a float is a {@link PyFloat}. */
export type PyValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PyFloat
  | PySequence
  | PyDict
  | PyGlobal
  | PyObject
  | NumpyDtype
  | NumpyArray;

/** A dictionary with texts as keys. It is a Map, so that no key means anything to JavaScript. */
export type PyDict = Map<string, PyValue>;

/** A float, apart from an int of the same value: as parameters, 1 and 1.0 mean different things. */
export class PyFloat {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** A list or a tuple. */
export class PySequence {
  readonly kind: 'list' | 'tuple';
  readonly items: PyValue[];

  constructor(kind: 'list' | 'tuple', items: PyValue[]) {
    this.kind = kind;
    this.items = items;
  }
}

/** A class or function, by its name in `sklearn-names.ts`. */
export class PyGlobal {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** An instance of a class: the class's name in `sklearn-names.ts`, the arguments and the state it was given. */
export class PyObject {
  readonly className: string;
  readonly args: readonly PyValue[];
  /** Where in the stream it was made. */
  readonly offset: number;
  /** Undefined until the stream sets it, which it may do once. */
  state: PyValue | undefined;

  constructor(className: string, args: readonly PyValue[], offset: number) {
    this.className = className;
    this.args = args;
    this.offset = offset;
  }
}
