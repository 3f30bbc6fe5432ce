/**
 * Reads a pickle stream, with the arrays that joblib puts between its operations, into inert data.
 *
 * In Python, loading a pickle runs a program, which may name any function and call it. Here are the operations that make
 * data and none that act: a class or function is only a name, and only a name of the allow-list in `pickle-calls.ts`.
 */
import type { ByteReader } from './byte-reader.ts';
import { PickleMachine, type PickleUsage } from './pickle-machine.ts';
import { operationOf, STOP } from './pickle-operations.ts';
import type { PyValue } from './pickle-values.ts';

/** What a stream holds. */
export interface ReadPickle {
  readonly value: PyValue;
  /** 0 to 5; also 0 for 1, which a stream does not tell apart. */
  readonly protocol: number;
}

/**
 * Reads one pickle and stops behind its end.
 *
 * @throws {ForestError} `TRUNCATED`, `MALFORMED`, `FORBIDDEN`, `UNSUPPORTED`, `LIMIT`, with the offset in the stream.
 */
export function readPickle(reader: ByteReader): ReadPickle {
  return run(reader, { operations: 0, objects: 0, nestedPickles: 0, arrays: 0 }, false);
}

function run(reader: ByteReader, usage: PickleUsage, isNested: boolean): ReadPickle {
  const machine = new PickleMachine(reader, usage, isNested);
  const readNested = () => run(reader, usage, true).value;
  for (;;) {
    const code = machine.nextOperation();
    if (code === STOP) return { value: machine.finish(), protocol: machine.protocol };
    operationOf(code, machine)(machine, readNested);
  }
}
