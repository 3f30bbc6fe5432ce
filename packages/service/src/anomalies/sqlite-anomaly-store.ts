import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { ServiceError } from '../errors.ts';
import type { Anomaly } from './anomaly.ts';
import {
  type AnalysedSlot,
  type AnomalyQuery,
  type AnomalyStore,
  QUERY_LIMIT,
  type StoredAnomaly,
} from './anomaly-store.ts';

/** Raised when the tables change; `PRAGMA user_version` of a file says which it has. */
const SCHEMA_VERSION = 1;
/** How long a write waits for another process, in milliseconds. */
const BUSY_TIMEOUT_MS = 5_000;

// A device may be NULL (windows of all devices), and NULLs are never equal in SQL: the key stands in for it.
const SCHEMA = `
  CREATE TABLE anomalies (
    id INTEGER PRIMARY KEY,
    agent TEXT NOT NULL,
    device_key TEXT NOT NULL,
    from_ms INTEGER NOT NULL,
    to_ms INTEGER NOT NULL,
    anomaly TEXT NOT NULL,
    UNIQUE (agent, from_ms, to_ms, device_key)
  ) STRICT;
  CREATE INDEX anomalies_by_time ON anomalies (from_ms);
  CREATE TABLE cursors (agent TEXT PRIMARY KEY, to_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE devices (agent TEXT, device TEXT, PRIMARY KEY (agent, device)) STRICT, WITHOUT ROWID;
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

/**
 * Opens the store in a SQLite file, which is made if it is not there.
 *
 * Write-ahead logging: a process that is killed, or a power cut, loses at most the last slot, which is then analysed again.
 *
 * @throws {ServiceError} `STORE_FAILED`, also for a file of a newer release.
 */
export function openSqliteAnomalyStore(file: string): AnomalyStore {
  try {
    return new SqliteAnomalyStore(file, openDatabase(file));
  } catch (error) {
    throw storeError(file, error);
  }
}

function openDatabase(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
  try {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
    inTransaction(database, () => bringSchema(database)); // of two that open a new file, one makes the tables
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function bringSchema(database: DatabaseSync): void {
  const found = Number(database.prepare('PRAGMA user_version').get()?.user_version);
  if (found > SCHEMA_VERSION) {
    throw new Error(`it was written by a newer Edgewood (schema ${found}, here ${SCHEMA_VERSION})`);
  }
  if (found === 0) database.exec(SCHEMA);
}

class SqliteAnomalyStore implements AnomalyStore {
  readonly location: string;
  readonly #database: DatabaseSync;

  constructor(location: string, database: DatabaseSync) {
    this.location = location;
    this.#database = database;
  }

  append(slot: AnalysedSlot): readonly StoredAnomaly[] {
    return this.#guarded((database) => inTransaction(database, () => appendSlot(database, slot)));
  }

  cursorMs(agent: string): number | undefined {
    return this.#guarded((database) => {
      const row = database.prepare('SELECT to_ms FROM cursors WHERE agent = ?').get(agent);
      return row === undefined ? undefined : Number(row.to_ms);
    });
  }

  devices(agent: string): readonly string[] {
    return this.#guarded((database) =>
      database
        .prepare('SELECT device FROM devices WHERE agent = ? ORDER BY device')
        .all(agent)
        .map((row) => String(row.device)),
    );
  }

  list(query: AnomalyQuery): readonly StoredAnomaly[] {
    const { conditions, values } = conditionsOf(query);
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
    const limit = Math.min(query.limit ?? QUERY_LIMIT.usual, QUERY_LIMIT.most);
    const sql = `SELECT id, anomaly FROM anomalies ${where} ORDER BY from_ms DESC, device_key, id LIMIT ${limit}`;
    return this.#guarded((database) =>
      database
        .prepare(sql)
        .all(...values)
        .map((row) => ({ id: Number(row.id), ...(JSON.parse(String(row.anomaly)) as Anomaly) })),
    );
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }

  #guarded<Result>(use: (database: DatabaseSync) => Result): Result {
    try {
      return use(this.#database);
    } catch (error) {
      throw storeError(this.location, error);
    }
  }
}

function appendSlot(database: DatabaseSync, { agent, toMs, anomalies, devices }: AnalysedSlot): StoredAnomaly[] {
  const insert = database.prepare(
    'INSERT INTO anomalies (agent, device_key, from_ms, to_ms, anomaly) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const stored = anomalies.flatMap((anomaly) => {
    const { changes, lastInsertRowid } = insert.run(
      agent,
      keyOf(anomaly.deviceId),
      anomaly.fromMs,
      anomaly.toMs,
      JSON.stringify(anomaly),
    );
    return Number(changes) === 0 ? [] : [{ id: Number(lastInsertRowid), ...anomaly }];
  });
  const know = database.prepare('INSERT INTO devices (agent, device) VALUES (?, ?) ON CONFLICT DO NOTHING');
  for (const device of devices) know.run(agent, device);
  // A cursor never moves back: a slot that is stored again leaves it where it is.
  database
    .prepare('INSERT INTO cursors VALUES (?, ?) ON CONFLICT (agent) DO UPDATE SET to_ms = max(to_ms, excluded.to_ms)')
    .run(agent, toMs);
  return stored;
}

function conditionsOf({ agent, deviceId, sinceMs, untilMs }: AnomalyQuery): {
  conditions: string[];
  values: SQLInputValue[];
} {
  const given: [string, SQLInputValue | undefined][] = [
    ['agent = ?', agent],
    ['device_key = ?', deviceId === undefined ? undefined : keyOf(deviceId)],
    ['from_ms >= ?', sinceMs],
    ['from_ms < ?', untilMs],
  ];
  const used = given.filter((entry): entry is [string, SQLInputValue] => entry[1] !== undefined);
  return { conditions: used.map(([condition]) => condition), values: used.map(([, value]) => value) };
}

/** A device's name behind a mark, so that no name can be taken for "all devices". */
function keyOf(deviceId: string | null): string {
  return deviceId === null ? '*' : `=${deviceId}`;
}

function inTransaction<Result>(database: DatabaseSync, work: () => Result): Result {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK'); // SQLite may have done so itself: a full disk
    throw error;
  }
}

function storeError(file: string, error: unknown): ServiceError {
  return new ServiceError('STORE_FAILED', `the anomaly store ${file} failed: ${(error as Error).message}`, {
    cause: error,
  });
}
