import { closeSync, openSync, readSync } from 'node:fs';

/**
 * The text of a file that should be small; no more than `mostBytes` of it are read, whatever it is.
 *
 * @throws as the file system does; an `Error` if the file is longer or is not UTF-8. Both messages name the file.
 */
export function readSmallFile(path: string, mostBytes: number): string {
  const bytes = Buffer.alloc(mostBytes + 1);
  const length = readInto(bytes, path);
  if (length > mostBytes) throw new Error(`${path} is longer than ${mostBytes} bytes`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, length));
  } catch (cause) {
    throw new Error(`${path} is not UTF-8`, { cause });
  }
}

function readInto(bytes: Buffer, path: string): number {
  const file = openSync(path, 'r');
  try {
    let length = 0;
    for (let more = -1; more !== 0 && length < bytes.length; length += more) {
      more = readSync(file, bytes, length, bytes.length - length, null);
    }
    return length;
  } finally {
    closeSync(file);
  }
}
