import type { FileHandle } from 'node:fs/promises';
import { open, rename, rm } from 'node:fs/promises';
import { TrainingError } from './errors.ts';
import type { FeatureRow } from './feature-rows.ts';

/** Text is handed to the disk in pieces of about this size, in characters. */
const PIECE_LENGTH = 1 << 16;

/**
 * Writes a feature table as CSV: `window_start,device_id,<features…>`, times in ISO 8601 UTC, the device empty where
 * windows hold all devices, numbers in the shortest form that reads back to the same double.
 *
 * The file appears under its name only when it is whole.
 *
 * @returns the number of rows.
 * @throws {TrainingError} `FILE_UNWRITABLE`.
 */
export async function writeFeatureCsv(
  path: string,
  names: readonly string[],
  rows: AsyncIterable<FeatureRow>,
): Promise<number> {
  const temporary = `${path}.${process.pid}.tmp`;
  let file: FileHandle | undefined;
  try {
    file = await open(temporary, 'wx').catch(unwritable(path));
    const count = await writeRows(file, names, rows).catch(unwritable(path));
    await file.sync();
    await file.close();
    await rename(temporary, path).catch(unwritable(path));
    return count;
  } catch (error) {
    await file?.close().catch(() => undefined);
    await rm(temporary, { force: true });
    throw error;
  }
}

async function writeRows(file: FileHandle, names: readonly string[], rows: AsyncIterable<FeatureRow>): Promise<number> {
  let text = `${['window_start', 'device_id', ...names].join(',')}\n`;
  let count = 0;
  for await (const row of rows) {
    text += `${new Date(row.fromMs).toISOString()},${quoted(row.deviceId ?? '')},${row.vector.join(',')}\n`;
    count += 1;
    if (text.length < PIECE_LENGTH) continue;
    await file.write(text);
    text = '';
  }
  await file.write(text);
  return count;
}

function quoted(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

/** Errors of the file system become ours; any other error is passed on. */
function unwritable(path: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
    throw new TrainingError('FILE_UNWRITABLE', `cannot write ${path}: ${error.message}`, { cause: error });
  };
}
