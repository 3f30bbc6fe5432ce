/**
 * Arrays as joblib stores them: a small object in the pickle says what the array is, and the array itself follows in the
 * stream, straight behind the operation that gives that object its state.
 *
 *     … BUILD | [padding length, padding] elements … | further operations
 *     … BUILD | a pickle of its own, for an array of objects | further operations
 */
import { NumpyArray, shapeOf } from './ndarray.ts';
import { NumpyDtype } from './numpy-dtype.ts';
import type { PickleMachine } from './pickle-machine.ts';
import { PyGlobal, type PyValue } from './pickle-values.ts';
import { NDARRAY } from './sklearn-names.ts';

/**
 * Reads the array that follows.
 *
 * @param state of joblib's `NumpyArrayWrapper`.
 * @param readNested reads the pickle that follows.
 * @throws {ForestError} `MALFORMED` if the state describes no array or the array is another one; `TRUNCATED`, `LIMIT`.
 */
export function readWrappedArray(machine: PickleMachine, state: PyValue, readNested: () => PyValue): NumpyArray {
  if (machine.isNested) throw machine.malformed('puts an array into the pickle of an array of objects');
  if (!(state instanceof Map)) throw machine.malformed('describes an array by what is no dictionary');
  const [dtype, subclass, order] = [state.get('dtype'), state.get('subclass'), state.get('order')];
  if (!(subclass instanceof PyGlobal) || subclass.name !== NDARRAY || !(dtype instanceof NumpyDtype)) {
    throw machine.malformed('describes no plain array');
  }
  if (order !== 'C' && order !== 'F') throw machine.malformed('describes an array of no known order');
  const shape = shapeOf(state.get('shape'), machine.offset);
  machine.count('arrays');
  machine.expectNoFrame();
  if (dtype.kind === 'O') return readObjectArray(machine, shape, readNested);
  skipPadding(machine, state.get('numpy_array_alignment_bytes') ?? null);
  const size = shape.reduce((product, length) => product * length, dtype.itemSize);
  return new NumpyArray(dtype, shape, order, machine.reader.take(size));
}

function readObjectArray(machine: PickleMachine, shape: readonly number[], readNested: () => PyValue): NumpyArray {
  machine.count('nestedPickles');
  const array = readNested();
  if (array instanceof NumpyArray && array.items !== undefined && array.shape.join() === shape.join()) return array;
  throw machine.malformed('describes an array of objects, and another thing follows');
}

/** Since joblib 1.2: a byte, then as many as it says, so that the elements begin at a multiple of the alignment. */
function skipPadding(machine: PickleMachine, alignmentBytes: PyValue): void {
  if (alignmentBytes === null) return;
  const paddingBytes = machine.reader.readUint8();
  if (typeof alignmentBytes !== 'number' || paddingBytes < 1 || paddingBytes > alignmentBytes) {
    throw machine.malformed('describes an array whose padding is wrong');
  }
  machine.reader.skip(paddingBytes);
}
