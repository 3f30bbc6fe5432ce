/**
 * What a pickle stream is made of, as inert data. Nothing here can be called, and nothing refers to anything outside the
 * stream. Python's ints are numbers (bigint beyond 2^53), its floats are {@link PyFloat}, since 1 and 1.0 mean different
 * things as parameters; None is null.
 */
import type { NumpyArray, NumpyDtype } from './ndarray.ts';

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

/** Only text keys; a Map, so that no key means anything to JavaScript. */
export type PyDict = Map<string, PyValue>;

/** The name of a class or function that the allow-list permits. */
export class PyGlobal {
  /** Module and name, apart by a space: `sklearn.tree._tree Tree`. */
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** An instance of a permitted class: the class's name, its arguments, and the state it was given. */
export class PyObject {
  readonly className: string;
  readonly args: readonly PyValue[];
  /** Where it was made, for messages. */
  readonly offset: number;
  state: PyValue | undefined;

  constructor(className: string, args: readonly PyValue[], offset: number) {
    this.className = className;
    this.args = args;
    this.offset = offset;
  }
}
