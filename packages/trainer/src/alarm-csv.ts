import { writeLines } from '@edgewood/logs';
import type { Alarm } from './alarm.ts';
import { quoted } from './feature-csv.ts';

/** Decimals of a score: those of a surprise, and those of the forest behind them. */
const DECIMALS = 8;

/**
 * Writes alarms as CSV: `device_id,timestamp,score,window_s`, the time of the alarm in ISO 8601 UTC, a higher score is
 * worse. The file appears under its name only when it is whole.
 *
 * @throws {LogError} `FILE_UNWRITABLE`.
 */
export async function writeAlarmCsv(path: string, alarms: Iterable<Alarm>): Promise<void> {
  const lines = (async function* () {
    yield 'device_id,timestamp,score,window_s';
    for (const { deviceId, atMs, score, windowMs } of alarms) {
      yield `${quoted(deviceId)},${new Date(atMs).toISOString()},${Number(score.toFixed(DECIMALS))},${windowMs / 1000}`;
    }
  })();
  await writeLines(path, lines);
}
