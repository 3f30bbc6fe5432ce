/** What a model file is wrapped in: nothing, or one of joblib's compressions. The first bytes tell; names do not count. */
import { ForestError } from '../errors.ts';

export type Compression = 'none' | 'zlib' | 'gzip';

const MIB = 1024 * 1024;

/** Largest file, largest content, and how many times larger than the file the content may be (beyond the floor). */
export const CONTAINER_LIMITS = {
  fileBytes: 256 * MIB,
  contentBytes: 256 * MIB,
  expansion: 50,
  expansionFloorBytes: 16 * MIB,
} as const;

/** Compressions that joblib knows and that are not undone here. */
const OTHER_COMPRESSIONS: readonly { readonly name: string; readonly magic: readonly number[] }[] = [
  { name: 'bzip2', magic: [0x42, 0x5a, 0x68] },
  { name: 'xz', magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a] },
  { name: 'lzma', magic: [0x5d, 0x00] },
  { name: 'lz4', magic: [0x04, 0x22, 0x4d, 0x18] },
];

/**
 * The pickle stream in a file.
 *
 * @throws {ForestError} `NOT_JOBLIB`, `UNSUPPORTED` (a compression that is not undone here), `LIMIT`, `BAD_COMPRESSION`.
 */
export async function unwrap(
  bytes: Uint8Array,
): Promise<{ readonly stream: Uint8Array; readonly compression: Compression }> {
  if (bytes.length > CONTAINER_LIMITS.fileBytes) {
    throw new ForestError(
      'LIMIT',
      `the file has ${bytes.length} bytes; at most ${CONTAINER_LIMITS.fileBytes} are read`,
    );
  }
  const compression = compressionOf(bytes);
  if (compression === 'none') return { stream: bytes, compression };
  return { stream: await inflate(bytes, compression), compression };
}

function compressionOf(bytes: Uint8Array): Compression {
  const startsWith = (magic: ArrayLike<number>) => Array.from(magic).every((byte, index) => bytes[index] === byte);
  if (bytes.length === 0) throw new ForestError('NOT_JOBLIB', 'the file is empty', { offset: 0 });
  if (startsWith(new TextEncoder().encode('version https://git-lfs'))) {
    throw new ForestError(
      'NOT_JOBLIB',
      'the file is a Git LFS pointer, not the model itself; fetch it with git lfs pull',
      { offset: 0 },
    );
  }
  if (startsWith([0x5a, 0x46])) {
    throw new ForestError('UNSUPPORTED', 'the file is of joblib before 0.10; dump it again with a newer one', {
      offset: 0,
    });
  }
  const other = OTHER_COMPRESSIONS.find(({ magic }) => startsWith(magic));
  if (other !== undefined) {
    throw new ForestError(
      'UNSUPPORTED',
      `the file is compressed by ${other.name}, which is not undone here; dump it again with joblib.dump(model, path) or compress=('zlib', 3)`,
      { offset: 0 },
    );
  }
  if (startsWith([0x1f, 0x8b])) return 'gzip';
  if (bytes[0] === 0x78) return 'zlib';
  if (!FIRST_OPERATIONS.has(bytes[0])) {
    throw new ForestError(
      'NOT_JOBLIB',
      `the file begins with 0x${bytes[0].toString(16)}, as no joblib or pickle file does`,
      { offset: 0 },
    );
  }
  return 'none';
}

/** What a pickle stream of protocols 0 to 5 can begin with: PROTO, MARK, GLOBAL, an empty dict, list or tuple. */
const FIRST_OPERATIONS: ReadonlySet<number> = new Set([0x80, 0x28, 0x63, 0x7d, 0x5d, 0x29]);

async function inflate(bytes: Uint8Array, compression: 'zlib' | 'gzip'): Promise<Uint8Array> {
  const { contentBytes, expansion, expansionFloorBytes } = CONTAINER_LIMITS;
  const most = Math.min(contentBytes, Math.max(expansionFloorBytes, expansion * bytes.length));
  const source = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream();
  const reader = source.pipeThrough(new DecompressionStream(compression === 'zlib' ? 'deflate' : 'gzip')).getReader();
  const pieces: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read().catch((error: Error) => {
      throw new ForestError('BAD_COMPRESSION', `the ${compression} stream is damaged: ${error.message}`, {
        cause: error,
      });
    });
    if (done) return joined(pieces, length);
    length += value.length;
    if (length > most) {
      await reader.cancel().catch(() => undefined);
      throw new ForestError('LIMIT', `${bytes.length} bytes of ${compression} grow beyond ${most} bytes`);
    }
    pieces.push(value);
  }
}

function joined(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
