/** Which tables a SQLite file has: made, checked, or taken over from the first release. */
import type { DatabaseSync } from 'node:sqlite';
import type { Anomaly } from './anomaly.ts';
import { type Incident, incidentWith, joinsIncident } from './incident.ts';
import type { Review } from './review.ts';
import type { SqlTable } from './sql-database.ts';
import { DamagedFile } from './sqlite-file.ts';
import type { AnomalyRecord } from './store-draft.ts';
import {
  ANOMALIES,
  createStatements,
  INCIDENTS,
  migrateStatements,
  NUMBERS,
  type SqlTypes,
  STORE_SCHEMA_VERSION,
  STORE_TABLES,
} from './store-schema.ts';
import { anomalyValues, incidentValues } from './stored-findings.ts';

const TYPES: SqlTypes = { text: 'TEXT', integer: 'INTEGER', real: 'REAL', bytes: 'BLOB', ordered: 'WITHOUT ROWID' };
/** `Edge`: by it the file is known to be ours. */
const APPLICATION_ID = 0x45646765;
/** Tables of the first release, which did not mark its files. */
const FIRST_TABLES = ['anomalies', 'cursors', 'devices'];
/** An incident of the first release joins windows with so many ordinary ones between them. */
const FIRST_QUIET_WINDOWS = 3;

/**
 * @param firstNumber the first number that anomalies, incidents and changes of a new file get.
 * @throws {DamagedFile} at a file that is no store; {Error} at one of a newer release.
 */
export function bringSqliteSchema(database: DatabaseSync, firstNumber: number): void {
  const { applicationId, version, tables } = describe(database);
  const isOurs = applicationId === APPLICATION_ID;
  if (version > STORE_SCHEMA_VERSION && (isOurs || tables.length === 0)) {
    throw new Error(`it was written by a newer Edgewood (schema ${version}, here ${STORE_SCHEMA_VERSION})`);
  }
  if (isOurs) {
    checkTables(tables);
    if (version < STORE_SCHEMA_VERSION) inTransaction(database, () => migrate(database));
    return;
  }
  if (tables.length === 0) database.exec('PRAGMA auto_vacuum = INCREMENTAL');
  else if (version !== 1 || !FIRST_TABLES.every((table) => tables.includes(table))) {
    throw new DamagedFile(`it is a database of something else, with the tables ${tables.join(', ')}`);
  }
  database.exec('PRAGMA journal_mode = WAL');
  inTransaction(database, () => {
    const found = describe(database); // of two that open a new file, one makes the tables
    if (found.applicationId !== APPLICATION_ID) makeTables(database, found.version, firstNumber);
  });
}

/** Of two that open a file of an earlier schema, one changes it. */
function migrate(database: DatabaseSync): void {
  if (describe(database).version === STORE_SCHEMA_VERSION) return;
  for (const statement of migrateStatements(TYPES)) database.exec(statement);
  database.exec(`PRAGMA user_version = ${STORE_SCHEMA_VERSION}`);
}

function inTransaction(database: DatabaseSync, work: () => void): void {
  database.exec('BEGIN IMMEDIATE');
  try {
    work();
    database.exec('COMMIT');
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

function describe(database: DatabaseSync) {
  const names = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'");
  return {
    applicationId: Number(database.prepare('PRAGMA application_id').get()?.application_id),
    version: Number(database.prepare('PRAGMA user_version').get()?.user_version),
    tables: names.all().map(({ name }) => String(name)),
  };
}

function checkTables(tables: readonly string[]): void {
  const missing = STORE_TABLES.map(({ name }) => name).filter((name) => !tables.includes(name));
  if (missing.length > 0) throw new DamagedFile(`it lacks the tables ${missing.join(', ')}`);
}

function makeTables(database: DatabaseSync, found: number, firstNumber: number): void {
  for (const statement of createStatements(TYPES)) database.exec(statement);
  if (found === 1) takeOver(database);
  else writeNext(database, firstNumber);
  database.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${STORE_SCHEMA_VERSION}`);
}

function writeNext(database: DatabaseSync, next: number): void {
  const insert = insertInto(database, NUMBERS);
  for (const name of ['anomaly', 'incident', 'change']) insert.run(name, next);
}

function insertInto(database: DatabaseSync, { name, columns }: SqlTable) {
  return database.prepare(`INSERT INTO ${name} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`);
}

/** What the first schema had: anomalies without incidents, cursors, devices. */
function takeOver(database: DatabaseSync): void {
  const rows = database.prepare('SELECT id, anomaly FROM anomalies ORDER BY agent, device_key, from_ms, id').all();
  const [addAnomaly, addIncident] = [insertInto(database, ANOMALIES), insertInto(database, INCIDENTS)];
  let incident: Incident | undefined;
  for (const { id, anomaly: text } of rows) {
    const known = JSON.parse(String(text)) as Omit<Anomaly, 'kind' | 'level' | 'detectors' | 'surprise'>;
    const anomaly: Anomaly = { ...known, kind: 'unusual', level: 'medium', detectors: ['forest'], surprise: null };
    const joined = incident !== undefined && goesOn(incident, anomaly) ? incident : undefined;
    if (joined === undefined && incident !== undefined) addIncident.run(...incidentValues(incident));
    const record = firstRecord(Number(id), anomaly, joined?.id ?? Number(id));
    addAnomaly.run(...anomalyValues(record));
    incident = incidentWith(joined ?? firstIncident(record), [], [record]);
  }
  if (incident !== undefined) addIncident.run(...incidentValues(incident));
  const last = rows.reduce((most, { id }) => Math.max(most, Number(id)), 0);
  writeNext(database, last + 1);
  database.exec(`
    INSERT INTO edgewood_cursors (agent, cursor_ms, furthest_ms) SELECT agent, to_ms, to_ms FROM cursors;
    INSERT INTO edgewood_series SELECT row_number() OVER (ORDER BY agent, device), agent, '=' || device FROM devices;
    DROP TABLE anomalies; DROP TABLE cursors; DROP TABLE devices;
  `);
}

function goesOn(incident: Incident, anomaly: Anomaly): boolean {
  const quietMs = FIRST_QUIET_WINDOWS * (anomaly.toMs - anomaly.fromMs);
  const isOfSame = incident.agent === anomaly.agent && incident.deviceId === anomaly.deviceId;
  return isOfSame && joinsIncident(incident, anomaly, quietMs);
}

function firstRecord(id: number, anomaly: Anomaly, incidentId: number): AnomalyRecord {
  return { ...anomaly, id, incidentId, revision: 1, review: resolvedAt(anomaly.detectedAtMs), withdrawn: false };
}

function firstIncident(record: AnomalyRecord): Incident {
  const { incidentId: id, agent, deviceId, fromMs, toMs, severity, level, kind, why, modelVersion } = record;
  const found = { agent, deviceId, fromMs, toMs, severity, level, kind, why, modelVersion };
  const atMs = record.detectedAtMs;
  const times = { openedAtMs: atMs, updatedAtMs: atMs };
  return { id, ...found, anomalies: 0, ongoing: false, review: resolvedAt(atMs), ...times };
}

function resolvedAt(atMs: number): Review {
  return { state: 'resolved', note: null, by: 'service', atMs };
}
