/**
 * The tables of a store, in words that SQLite and PostgreSQL both understand. Times are Unix milliseconds.
 *
 * A device is a key: `=name`, or `*` for all devices, since NULL is never equal to NULL. `record` is the whole finding as
 * JSON; the columns beside it are there to be searched, and to be read by people.
 *
 * Windows are most of the rows and lie in the order of time: a slot touches one or two pages, whatever the number of its
 * devices, and the oldest ones go page by page. What many of them share, device and origin, is a number in them.
 */
import type { SqlTable } from './sql-database.ts';

/** Raised when the tables change; a store says which it has. */
export const STORE_SCHEMA_VERSION = 3;

/** What the database calls the types of columns. */
export interface SqlTypes {
  readonly text: string;
  readonly integer: string;
  readonly real: string;
  readonly bytes: string;
  /** Behind a table that lies in the order of its primary key. */
  readonly ordered: string;
}

export const SETTINGS: SqlTable = { name: 'edgewood_settings', columns: ['name', 'value'], keys: 1 };
/** What the store counts: the numbers that come next, the last change that was announced. */
export const NUMBERS: SqlTable = { name: 'edgewood_numbers', columns: ['name', 'value'], keys: 1 };
export const CURSORS: SqlTable = {
  name: 'edgewood_cursors',
  columns: ['agent', 'cursor_ms', 'furthest_ms', 'skipped_from_ms', 'memory'],
  keys: 1,
};
/** Of which agent and device windows are. */
export const SERIES: SqlTable = { name: 'edgewood_series', columns: ['id', 'agent', 'device'], keys: 1 };
/** What windows were judged by: the model, and the names of their vectors' elements. */
export const ORIGINS: SqlTable = { name: 'edgewood_origins', columns: ['id', 'model_version', 'features'], keys: 1 };
export const WINDOWS: SqlTable = {
  name: 'edgewood_windows',
  columns: [
    'from_ms',
    'series',
    'to_ms',
    'entries',
    'score',
    'decision',
    'origin',
    'failure',
    'vector',
    'surprise',
    'anomalous',
  ],
  keys: 3,
};
export const INCIDENTS: SqlTable = {
  name: 'edgewood_incidents',
  columns: ['id', 'agent', 'device', 'from_ms', 'to_ms', 'severity', 'state', 'ongoing', 'why', 'record'],
  keys: 1,
};
const ANOMALY_PLACE = ['agent', 'device', 'from_ms', 'to_ms'];
export const ANOMALIES: SqlTable = {
  name: 'edgewood_anomalies',
  columns: ['id', 'incident_id', ...ANOMALY_PLACE, 'severity', 'state', 'withdrawn', 'why', 'record'],
  keys: 1,
};
export const CHANGES: SqlTable = {
  name: 'edgewood_changes',
  columns: ['seq', 'at_ms', 'kind', 'incident_id', 'anomaly_id'],
  keys: 1,
};
export const STORE_TABLES = [SETTINGS, NUMBERS, CURSORS, SERIES, ORIGINS, WINDOWS, INCIDENTS, ANOMALIES, CHANGES];

/** The statements that make the tables, in a database that has none of them. */
export function createStatements({ text, integer, real, bytes, ordered }: SqlTypes): readonly string[] {
  const finding = `
    agent ${text} NOT NULL,
    device ${text} NOT NULL,
    from_ms ${integer} NOT NULL,
    to_ms ${integer} NOT NULL,
    severity ${real} NOT NULL,
    state ${text} NOT NULL,
    why ${text} NOT NULL,
    record ${text} NOT NULL`;
  return [
    `CREATE TABLE edgewood_settings (name ${text} PRIMARY KEY, value ${text} NOT NULL) ${ordered}`,
    `CREATE TABLE edgewood_numbers (name ${text} PRIMARY KEY, value ${integer} NOT NULL) ${ordered}`,
    `CREATE TABLE edgewood_cursors (
      agent ${text} PRIMARY KEY,
      cursor_ms ${integer} NOT NULL,
      furthest_ms ${integer} NOT NULL,
      skipped_from_ms ${integer},
      memory ${text}
    ) ${ordered}`,
    `CREATE TABLE edgewood_series (
      id ${integer} PRIMARY KEY, agent ${text} NOT NULL, device ${text} NOT NULL, UNIQUE (agent, device))`,
    `CREATE TABLE edgewood_origins (id ${integer} PRIMARY KEY, model_version ${text}, features ${text} NOT NULL)`,
    `CREATE TABLE edgewood_windows (
      from_ms ${integer} NOT NULL,
      series ${integer} NOT NULL,
      to_ms ${integer} NOT NULL,
      entries ${integer} NOT NULL,
      score ${real},
      decision ${real},
      origin ${integer} NOT NULL,
      failure ${text},
      vector ${bytes},
      ${addedColumns({ real, integer }).join(', ')},
      PRIMARY KEY (from_ms, series, to_ms)
    ) ${ordered}`,
    `CREATE TABLE edgewood_incidents (id ${integer} PRIMARY KEY, ongoing ${integer} NOT NULL, ${finding})`,
    `CREATE INDEX edgewood_incidents_by_time ON edgewood_incidents (from_ms, id)`,
    `CREATE INDEX edgewood_incidents_ongoing ON edgewood_incidents (agent, ongoing)`,
    `CREATE INDEX edgewood_incidents_by_end ON edgewood_incidents (agent, to_ms)`,
    `CREATE TABLE edgewood_anomalies (
      id ${integer} PRIMARY KEY, incident_id ${integer} NOT NULL, withdrawn ${integer} NOT NULL, ${finding},
      UNIQUE (agent, from_ms, to_ms, device))`,
    `CREATE INDEX edgewood_anomalies_by_time ON edgewood_anomalies (from_ms, id)`,
    `CREATE INDEX edgewood_anomalies_by_incident ON edgewood_anomalies (incident_id)`,
    `CREATE TABLE edgewood_changes (
      seq ${integer} PRIMARY KEY,
      at_ms ${integer} NOT NULL,
      kind ${text} NOT NULL,
      incident_id ${integer} NOT NULL,
      anomaly_id ${integer}
    )`,
  ];
}

/** What windows have since schema 3. */
function addedColumns({ real, integer }: Pick<SqlTypes, 'real' | 'integer'>): readonly string[] {
  return [`surprise ${real}`, `anomalous ${integer} NOT NULL DEFAULT 0`];
}

/** The statements that make tables of schema 2 such ones: windows are anomalous that have an anomaly. */
export function migrateStatements(types: SqlTypes): readonly string[] {
  return [
    ...addedColumns(types).map((column) => `ALTER TABLE edgewood_windows ADD COLUMN ${column}`),
    `UPDATE edgewood_windows SET anomalous = 1 WHERE (from_ms, series, to_ms) IN (
      SELECT from_ms, edgewood_series.id, to_ms FROM edgewood_anomalies
      JOIN edgewood_series ON edgewood_series.agent = edgewood_anomalies.agent
        AND edgewood_series.device = edgewood_anomalies.device
      WHERE withdrawn = 0)`,
  ];
}

/** A device's key in the tables. */
export function keyOf(deviceId: string | null): string {
  return deviceId === null ? '*' : `=${deviceId}`;
}

/** The device behind a key. */
export function deviceOf(key: string): string | null {
  return key === '*' ? null : key.slice(1);
}
