import { writeLines } from '@edgewood/logs';
import type { FeatureRow } from './feature-rows.ts';

/**
 * Writes a feature table as CSV: `window_start,device_id,<features…>`, times in ISO 8601 UTC, the device empty where
 * windows hold all devices, numbers in the shortest form that reads back to the same double.
 *
 * The file appears under its name only when it is whole.
 *
 * @returns the number of rows.
 * @throws {LogError} `FILE_UNWRITABLE`.
 */
export async function writeFeatureCsv(
  path: string,
  names: readonly string[],
  rows: AsyncIterable<FeatureRow>,
): Promise<number> {
  let count = 0;
  const lines = (async function* () {
    yield ['window_start', 'device_id', ...names].join(',');
    for await (const { fromMs, deviceId, vector } of rows) {
      count += 1;
      yield `${new Date(fromMs).toISOString()},${quoted(deviceId ?? '')},${vector.join(',')}`;
    }
  })();
  await writeLines(path, lines);
  return count;
}

/** A cell as RFC 4180 has it. */
export function quoted(cell: string): string {
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
