import { PendingFile } from './pending-file.ts';

/** Lines are handed to the disk in pieces of about this size, in characters. */
const PIECE_LENGTH = 1 << 16;

/**
 * Writes lines of text, each ended by a line feed. The file appears under its name only when it is whole; if anything fails
 * before, a file that has the name stays as it was.
 *
 * @throws {LogError} `FILE_UNWRITABLE`; whatever `lines` throws.
 */
export async function writeLines(path: string, lines: AsyncIterable<string>): Promise<void> {
  const file = await PendingFile.create(path);
  try {
    let text = '';
    for await (const line of lines) {
      text += `${line}\n`;
      if (text.length < PIECE_LENGTH) continue;
      await file.write(Buffer.from(text));
      text = '';
    }
    await file.write(Buffer.from(text));
    await file.complete();
    await file.commit();
  } finally {
    await file.discard();
  }
}
