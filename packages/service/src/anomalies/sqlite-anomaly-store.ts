import type { DatabaseSync } from 'node:sqlite';
import type { Anomaly } from './anomaly.ts';
import type { AnomalyStore } from './anomaly-store.ts';
import type { Review } from './review.ts';
import { SqlAnomalyStore } from './sql-anomaly-store.ts';
import { SqliteDatabase } from './sqlite-database.ts';
import type { AnomalyRecord } from './store-draft.ts';
import { STORE_SCHEMA_VERSION, STORE_TABLES } from './store-schema.ts';
import { anomalyValues, incidentValues } from './stored-rows.ts';

/**
 * Opens the store in a SQLite file, which is made if it is not there, readable for its owner only. A file that is damaged
 * is set aside, and a new one begun.
 *
 * @param onSetAside is told where a damaged file is now, also when that shows later.
 * @throws {ServiceError} `STORE_FAILED`, also for a file of a newer release.
 */
export function openSqliteAnomalyStore(file: string, onSetAside: (setAside: string) => void = () => {}): AnomalyStore {
  return new SqlAnomalyStore(new SqliteDatabase({ file, bringSchema, onSetAside }));
}

/** Of two that open a new file, one makes the tables. */
function bringSchema(database: DatabaseSync): void {
  database.exec('BEGIN IMMEDIATE');
  try {
    const found = Number(database.prepare('PRAGMA user_version').get()?.user_version);
    if (found > STORE_SCHEMA_VERSION) {
      throw new Error(`it was written by a newer Edgewood (schema ${found}, here ${STORE_SCHEMA_VERSION})`);
    }
    if (found < STORE_SCHEMA_VERSION) {
      for (const table of STORE_TABLES) database.exec(table);
      if (found === 1) takeOver(database);
      database.exec(`PRAGMA user_version = ${STORE_SCHEMA_VERSION}`);
    }
    database.exec('COMMIT');
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

/** What the first schema had: anomalies without incidents, cursors, devices. Each anomaly becomes an incident of its own. */
function takeOver(database: DatabaseSync): void {
  const addAnomaly = database.prepare('INSERT INTO edgewood_anomalies VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const addIncident = database.prepare('INSERT INTO edgewood_incidents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const rows = database.prepare('SELECT id, anomaly FROM anomalies ORDER BY id').all();
  for (const { id, anomaly } of rows) {
    const found = { ...(JSON.parse(String(anomaly)) as Anomaly), kind: 'unusual', level: 'medium' } as const;
    const { detectedAtMs: atMs } = found;
    const review: Review = { state: 'resolved', note: null, by: 'service', atMs };
    const record: AnomalyRecord = {
      ...found,
      id: Number(id),
      incidentId: Number(id),
      revision: 1,
      review,
      withdrawn: false,
    };
    const { features: _, exampleLines: __, score: ___, decision: ____, detectedAtMs: _____, ...episode } = found;
    const times = { openedAtMs: atMs, updatedAtMs: atMs };
    addAnomaly.run(...anomalyValues(record));
    addIncident.run(...incidentValues({ ...episode, id: Number(id), anomalies: 1, ongoing: false, review, ...times }));
  }
  const next = Number(rows.at(-1)?.id ?? 0) + 1;
  database.exec(`
    INSERT INTO edgewood_numbers VALUES ('anomaly', ${next}), ('incident', ${next});
    INSERT INTO edgewood_cursors SELECT agent, to_ms, to_ms, NULL, NULL FROM cursors;
    INSERT INTO edgewood_devices SELECT agent, device FROM devices;
    DROP TABLE anomalies; DROP TABLE cursors; DROP TABLE devices;
  `);
}
