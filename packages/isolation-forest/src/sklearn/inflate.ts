import { ForestError } from '../errors.ts';

/**
 * Undoes zlib or gzip by the platform's own `DecompressionStream`, which browsers, Deno and Bun have as well as Node.
 *
 * @param limitBytes most that is unpacked; it is checked while unpacking, piece by piece.
 * @throws {ForestError} `LIMIT`; `BAD_COMPRESSION` if the stream is damaged, ends early, or bytes follow it.
 */
export async function inflate(bytes: Uint8Array, format: 'zlib' | 'gzip', limitBytes: number): Promise<Uint8Array> {
  const source = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream();
  const reader = source.pipeThrough(new DecompressionStream(format === 'zlib' ? 'deflate' : 'gzip')).getReader();
  const pieces: Uint8Array[] = [];
  let sizeBytes = 0;
  for (;;) {
    const { done, value } = await reader.read().catch((cause: unknown) => {
      throw new ForestError('BAD_COMPRESSION', `the ${format} stream is damaged, ends early, or bytes follow it`, {
        cause,
      });
    });
    if (done) return joined(pieces, sizeBytes);
    sizeBytes += value.length;
    if (sizeBytes > limitBytes) {
      await reader.cancel().catch(() => undefined); // the error that counts is ours
      throw new ForestError('LIMIT', `${bytes.length} bytes of ${format} unpack to more than ${limitBytes} bytes`);
    }
    pieces.push(value);
  }
}

function joined(pieces: readonly Uint8Array[], sizeBytes: number): Uint8Array {
  const whole = new Uint8Array(sizeBytes);
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.length;
  }
  return whole;
}
