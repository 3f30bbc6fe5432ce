/** Python values as plain data, where JavaScript has no counterpart to them or one for several. */

/** A value of Python's, to be written to a file. */
export type PickleValue =
  | null
  | boolean
  | string
  /** A Python int, a safe integer; {@link PickleFloat} is a float. */
  | number
  | PickleFloat
  | PickleTuple
  | PickleList
  | PickleDict
  | PickleGlobal
  | PickleObject
  | PickleArray;

/** A Python float, also where it is whole: `max_features=1` and `1.0` are different things. */
export class PickleFloat {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** A Python tuple. */
export class PickleTuple {
  readonly items: readonly PickleValue[];

  constructor(items: readonly PickleValue[]) {
    this.items = items;
  }
}

/** A Python list. */
export class PickleList {
  readonly items: readonly PickleValue[];

  constructor(items: readonly PickleValue[]) {
    this.items = items;
  }
}

/** A Python dict with text keys. */
export class PickleDict {
  readonly entries: Readonly<Record<string, PickleValue>>;

  constructor(entries: Readonly<Record<string, PickleValue>>) {
    this.entries = entries;
  }
}

/** A class or function, by its module and name. */
export class PickleGlobal {
  readonly module: string;
  readonly name: string;

  constructor(module: string, name: string) {
    this.module = module;
    this.name = name;
  }
}

/**
 * What a class makes of arguments (undefined: an empty instance, without running its constructor), and the state that it
 * is given then.
 */
export class PickleObject {
  readonly make: PickleGlobal;
  readonly args: PickleTuple | undefined;
  readonly state: PickleValue;

  constructor(make: PickleGlobal, args: PickleTuple | undefined, state: PickleValue) {
    this.make = make;
    this.args = args;
    this.state = state;
  }
}

/** A numpy array in C order; the bytes are what numpy holds in memory on a little-endian machine. */
export class PickleArray {
  readonly shape: readonly number[];
  readonly dtype: PickleObject;
  readonly bytes: Uint8Array;

  constructor(shape: readonly number[], dtype: PickleObject, bytes: Uint8Array) {
    this.shape = shape;
    this.dtype = dtype;
    this.bytes = bytes;
  }
}

/** The class of every numpy array. */
export const NDARRAY = new PickleGlobal('numpy', 'ndarray');
