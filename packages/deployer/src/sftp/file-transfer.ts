import { fstatOf, type Handle, readAt, writeAt } from './sftp-requests.ts';
import type { SftpSession } from './sftp-session.ts';

/** So much is asked for or sent at once: what every server takes. */
export const CHUNK_BYTES = 32 * 1024;
/** So many requests are under way at once, so that a line of long delay is filled: 2 MiB. */
const MAX_UNDER_WAY = 64;
/** A server may give less than it was asked for, but not in ever smaller pieces. */
const MAX_PIECES_OF_A_CHUNK = 64;

/**
 * Writes an open file, from its beginning.
 *
 * @param onProgress how many of the bytes the other side has taken so far: rising, the last time with all of them. What it
 *   throws ends the transfer.
 */
export async function writeAll(
  session: SftpSession,
  handle: Handle,
  bytes: Uint8Array,
  onProgress: (sentBytes: number) => void,
): Promise<void> {
  let sentBytes = 0;
  if (bytes.length === 0) onProgress(0);
  await inLanes(bytes.length, async (offset) => {
    const chunk = bytes.subarray(offset, offset + CHUNK_BYTES);
    await writeAt(session, handle, offset, chunk);
    sentBytes += chunk.length;
    onProgress(sentBytes);
  });
}

/** The first bytes of an open file: as many as asked for, or fewer if it ends before. */
export async function readUpTo(session: SftpSession, handle: Handle, sizeBytes: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(sizeBytes);
  let endAt = sizeBytes;
  await inLanes(sizeBytes, async (offset) => {
    const wanted = Math.min(CHUNK_BYTES, sizeBytes - offset);
    const read = await readChunk(session, handle, offset, wanted, (data, at) => bytes.set(data, at));
    if (read < wanted) endAt = Math.min(endAt, offset + read);
  });
  return bytes.subarray(0, endAt);
}

/** Whether an open file holds these bytes and no others; each piece is compared as it comes. */
export async function holdsExactly(session: SftpSession, handle: Handle, bytes: Uint8Array): Promise<boolean> {
  if ((await fstatOf(session, handle)).sizeBytes !== bytes.length) return false;
  let isSame = true;
  await inLanes(bytes.length, async (offset) => {
    const wanted = Math.min(CHUNK_BYTES, bytes.length - offset);
    const read = await readChunk(session, handle, offset, wanted, (data, at) => {
      if (Buffer.compare(data, bytes.subarray(at, at + data.length)) !== 0) isSame = false;
    });
    if (read < wanted) isSame = false;
  });
  return isSame;
}

/** Reads until a chunk is whole or the file has ended; says how much there was. */
async function readChunk(
  session: SftpSession,
  handle: Handle,
  offset: number,
  wantedBytes: number,
  take: (data: Uint8Array, at: number) => void,
): Promise<number> {
  let readBytes = 0;
  for (let piece = 0; readBytes < wantedBytes; piece++) {
    if (piece === MAX_PIECES_OF_A_CHUNK) throw session.refuse('a file in pieces of a few bytes');
    const data = await readAt(session, handle, offset + readBytes, wantedBytes - readBytes);
    if (data === undefined) break;
    take(data, offset + readBytes);
    readBytes += data.length;
  }
  return readBytes;
}

/**
 * Does the work for each chunk of so many bytes, in order and many at once. After the first error no further is begun, and
 * it is thrown when those under way have ended.
 */
async function inLanes(sizeBytes: number, work: (offset: number) => Promise<void>): Promise<void> {
  const errors: unknown[] = [];
  let next = 0;
  const lane = async () => {
    while (next < sizeBytes && errors.length === 0) {
      const offset = next;
      next += CHUNK_BYTES;
      await work(offset).catch((error: unknown) => errors.push(error));
    }
  };
  const lanes = Math.min(MAX_UNDER_WAY, Math.ceil(sizeBytes / CHUNK_BYTES));
  await Promise.all(Array.from({ length: lanes }, lane));
  if (errors.length > 0) throw errors[0];
}
