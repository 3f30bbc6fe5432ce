/**
 * What a model file is wrapped in: nothing, or one of joblib's compressions. Only the first bytes tell; joblib does not
 * look at names either. Whatever the compression, no more is unpacked than a model can need.
 */
import { ForestError } from '../errors.ts';
import { inflate } from './inflate.ts';

/** How a file may be compressed. */
export type Compression = 'none' | 'zlib' | 'gzip';

const MIB = 1024 * 1024;

/** Largest file; largest content; and of a small file, how many times its size, though never less than the floor. */
export const CONTAINER_LIMITS = {
  fileBytes: 256 * MIB,
  contentBytes: 256 * MIB,
  /** Real models are compressed to a third or a fifth. */
  expansion: 50,
  expansionFloorBytes: 16 * MIB,
} as const;

/** What else joblib can compress with. */
const OTHER_COMPRESSIONS: ReadonlyMap<string, readonly number[]> = new Map([
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
  ['lzma', [0x5d, 0x00]],
  ['lz4', [0x04, 0x22, 0x4d, 0x18]],
]);

/** What people also save as a model, by mistake. */
const OTHER_FILES: ReadonlyMap<string, string> = new Map([
  ['version https://git-lfs', 'a Git LFS pointer instead of the model: `git lfs pull` brings the model'],
  ['<', 'a web page or XML'],
  ['{"', 'JSON'],
  ['PK\x03\x04', 'a zip file'],
  ['\x93NUMPY', 'an array of numpy.save'],
]);

/** What a pickle stream of protocols 0 to 5 begins with: PROTO, MARK, GLOBAL, an empty dictionary, list or tuple. */
const FIRST_OPERATIONS: ReadonlySet<number> = new Set([0x80, 0x28, 0x63, 0x7d, 0x5d, 0x29]);

const RESAVE = 'in Python, joblib.dump(joblib.load(path), path) makes a file that is';

/** A pickle stream, and how it was compressed. */
export interface Unwrapped {
  readonly stream: Uint8Array;
  readonly compression: Compression;
}

/**
 * The pickle stream in a file.
 *
 * @throws {ForestError} `NOT_JOBLIB`; `UNSUPPORTED` for a compression that is not undone here, or joblib before 0.10;
 *   `LIMIT`; `BAD_COMPRESSION` if the compressed stream is damaged or bytes follow it.
 */
export async function unwrap(bytes: Uint8Array): Promise<Unwrapped> {
  const { fileBytes, contentBytes, expansion, expansionFloorBytes } = CONTAINER_LIMITS;
  if (bytes.length > fileBytes) {
    throw new ForestError('LIMIT', `the file has ${bytes.length} bytes; ${fileBytes} are the limit`);
  }
  const compression = compressionOf(bytes);
  if (compression === 'none') return { stream: bytes, compression };
  const limitBytes = Math.min(contentBytes, Math.max(expansionFloorBytes, expansion * bytes.length));
  return { stream: await inflate(bytes, compression, limitBytes), compression };
}

function compressionOf(bytes: Uint8Array): Compression {
  if (bytes.length === 0) throw new ForestError('NOT_JOBLIB', 'the file is empty', { offset: 0 });
  if (bytes[0] === 0x78) return 'zlib';
  if (startsWith(bytes, [0x1f, 0x8b])) return 'gzip';
  for (const [name, start] of OTHER_COMPRESSIONS) {
    if (startsWith(bytes, start))
      throw unsupported(`the file is compressed with ${name}, which is not read; ${RESAVE}`);
  }
  if (startsWith(bytes, [0x5a, 0x46]))
    throw unsupported(`the file is of joblib before 0.10, which is not read; ${RESAVE}`);
  for (const [start, what] of OTHER_FILES) {
    const codes = Array.from(start, (character) => character.charCodeAt(0));
    if (startsWith(bytes, codes)) throw new ForestError('NOT_JOBLIB', `the file is ${what}`, { offset: 0 });
  }
  if (FIRST_OPERATIONS.has(bytes[0])) return 'none';
  const shown = `0x${bytes[0].toString(16).padStart(2, '0')}`;
  throw new ForestError('NOT_JOBLIB', `the file begins with ${shown}, as no joblib or pickle file does`, { offset: 0 });
}

function startsWith(bytes: Uint8Array, start: readonly number[]): boolean {
  return start.every((byte, index) => bytes[index] === byte);
}

function unsupported(what: string): ForestError {
  return new ForestError('UNSUPPORTED', what, { offset: 0 });
}
