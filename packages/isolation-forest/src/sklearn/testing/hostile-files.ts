/**
 * Files that must not be read: 238 ways to run code, to exhaust memory or time, to be damaged, or to hold a forest that
 * contradicts itself. All derive from one small forest of scikit-learn 1.2.1.
 *
 * Their payloads are real, though harmless: where one were run, it would make {@link MARKER} in the working directory, and
 * plain `joblib.load` does run 18 of them. They are kept compressed, one behind the other, in the order of the index, so
 * that nothing on disk can be loaded by mistake and no scanner of pickles is alarmed.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync, deflateSync } from 'node:zlib';
import type { ForestErrorCode } from '../../errors.ts';

/** The directory that a payload would make if it were run. */
export const MARKER = 'edgewood-hostile-marker';

/** One file and the right outcome. */
export interface HostileFile {
  /** The letter is the kind: a runs code, b exhausts, c is damaged, d is about arrays, e about trees, f about forests. */
  readonly name: string;
  /** What is wrong with it. */
  readonly what: string;
  readonly code: ForestErrorCode;
  readonly bytes: Uint8Array;
}

interface IndexEntry {
  readonly name: string;
  readonly what: string;
  readonly code: ForestErrorCode;
  readonly sizeBytes: number;
}

/** All hostile files, in the order of their names. */
export function readHostileFiles(): readonly HostileFile[] {
  const index: readonly IndexEntry[] = JSON.parse(
    readFileSync(join(import.meta.dirname, 'hostile-files.json'), 'utf8'),
  );
  const all = new Uint8Array(brotliDecompressSync(readFileSync(join(import.meta.dirname, 'hostile-files.br'))));
  let end = 0;
  const stored = index.map(({ name, what, code, sizeBytes }) => {
    end += sizeBytes;
    return { name, what, code, bytes: all.slice(end - sizeBytes, end) };
  });
  return [...stored, operationFlood()];
}

/** Random bytes keep the compressed file so large that its operations stay within the limit on expansion. */
function operationFlood(): HostileFile {
  const nRandom = 2_000_000;
  const nPairs = 9_000_000;
  const stream = Buffer.alloc(7 + nRandom + 1 + 2 * nPairs + 2);
  stream.set([0x80, 4, 0x42]);
  stream.writeUInt32LE(nRandom, 3);
  let state = 1;
  for (let index = 0; index < nRandom; index++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    stream[7 + index] = state >>> 24;
  }
  stream.write('0', 7 + nRandom);
  stream.fill('N0', 8 + nRandom, 8 + nRandom + 2 * nPairs);
  stream.write('N.', 8 + nRandom + 2 * nPairs);
  const what = 'eighteen million operations, within the limits on size';
  return { name: 'b33_op_flood', what, code: 'LIMIT', bytes: new Uint8Array(deflateSync(stream, { level: 1 })) };
}
