import type { AnomalyStore } from './anomaly-store.ts';
import { SqlAnomalyStore } from './sql-anomaly-store.ts';
import { SqliteDatabase } from './sqlite-database.ts';

/**
 * Opens the store in a SQLite file, which is made if it is not there, readable for its owner only. A file that is damaged,
 * or none of ours, is set aside as `<file>.corrupt-YYYYMMDDTHHMMSSZ`, and a new one begun. If that shows only later, the
 * call that meets it fails with `STORE_FAILED`, and all later ones work on the new file: agents have no progress in it.
 *
 * @param onSetAside is told where a damaged file is now, also when that shows later.
 * @param nowMs now, Unix milliseconds, for that name.
 * @throws {ServiceError} `STORE_FAILED`, also for a file of a newer release.
 */
export function openSqliteAnomalyStore(
  file: string,
  onSetAside: (setAside: string) => void = () => {},
  nowMs: () => number = Date.now,
): AnomalyStore {
  return new SqlAnomalyStore(new SqliteDatabase({ file, onSetAside, nowMs }));
}
