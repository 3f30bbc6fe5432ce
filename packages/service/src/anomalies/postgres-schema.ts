/** The tables of a store in a PostgreSQL: made if they are not there and the role may, or made by somebody else before. */
import type { PostgresSession } from '@edgewood/logs';
import { createStatements, type SqlTypes, STORE_SCHEMA_VERSION } from './store-schema.ts';

/** Text is compared as SQLite does, by code points, whatever the database's language. */
const TYPES: SqlTypes = {
  text: 'TEXT COLLATE "C"',
  integer: 'BIGINT',
  real: 'DOUBLE PRECISION',
  bytes: 'BYTEA',
  ordered: '',
};
/** SQLSTATE of what a role may not do, and of a schema that is not there. */
const REFUSED = new Set(['42501', '3F000']);

/** Encodings of databases that hold every text. */
const ENCODINGS = new Set(['UTF8', 'SQL_ASCII']);
/** Rows go in large lots; the room of a part of the table should not wait for a fifth of it. */
const VACUUM_SOONER = 'ALTER TABLE edgewood_windows SET (autovacuum_vacuum_scale_factor = 0.02)';

/** For people and dashboards: times as times, devices by their names. */
const COLUMNS_FOR_PEOPLE = `
  ADD COLUMN device_id TEXT GENERATED ALWAYS AS (CASE WHEN device <> '*' THEN substr(device, 2) END) STORED,
  ADD COLUMN from_time TIMESTAMPTZ GENERATED ALWAYS AS (to_timestamp(from_ms / 1000.0)) STORED,
  ADD COLUMN to_time TIMESTAMPTZ GENERATED ALWAYS AS (to_timestamp(to_ms / 1000.0)) STORED`;
const FOR_PEOPLE = [
  `ALTER TABLE edgewood_anomalies ${COLUMNS_FOR_PEOPLE}`,
  `ALTER TABLE edgewood_incidents ${COLUMNS_FOR_PEOPLE}`,
  `CREATE VIEW edgewood_scores AS
    SELECT agent, CASE WHEN device <> '*' THEN substr(device, 2) END AS device_id,
      to_timestamp(from_ms / 1000.0) AS from_time, to_timestamp(to_ms / 1000.0) AS to_time,
      entries, score, decision, model_version, failure
    FROM edgewood_windows
      JOIN edgewood_series ON edgewood_series.id = series JOIN edgewood_origins ON edgewood_origins.id = origin`,
];

/** A name in a statement. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/**
 * Brings the tables of `schema` about; of two who do so at the same time, one makes them.
 *
 * @param session in a transaction that has the store's lock and looks for tables in the schema.
 * @throws {Error} with a sentence: the role may not, or they are of another release.
 */
export async function bringPostgresSchema(session: PostgresSession, schema: string): Promise<void> {
  const [found] = await session.query<{ there: boolean; encoding: string }>(
    "SELECT to_regclass('edgewood_numbers') IS NOT NULL AS there, current_setting('server_encoding') AS encoding",
  );
  if (!ENCODINGS.has(found?.encoding ?? '')) {
    throw new Error(`the database has the encoding ${found?.encoding}, which lacks characters; it must be UTF8`);
  }
  if (!found?.there) await makeTables(session, schema);
  const [row] = await session.query<{ value: string }>("SELECT value FROM edgewood_numbers WHERE name = 'schema'");
  const version = Number(row?.value ?? 0);
  if (version !== STORE_SCHEMA_VERSION) {
    throw new Error(`its tables are of another Edgewood (schema ${version}, here ${STORE_SCHEMA_VERSION})`);
  }
}

async function makeTables(session: PostgresSession, schema: string): Promise<void> {
  try {
    const [there] = await session.query('SELECT FROM pg_namespace WHERE nspname = $1', [schema]);
    if (there === undefined) await session.query(`CREATE SCHEMA ${quoted(schema)}`);
    for (const statement of [...createStatements(TYPES), VACUUM_SOONER, ...FOR_PEOPLE]) await session.query(statement);
    await session.query(`INSERT INTO edgewood_numbers VALUES ('schema', ${STORE_SCHEMA_VERSION})`);
  } catch (error) {
    const { code = '', message } = error as Error & { code?: string };
    if (!REFUSED.has(code)) throw error;
    const remedy = 'and its role may not make them; docs/database.md has the rights that it needs';
    throw new Error(`the schema ${schema} has no tables of Edgewood, ${remedy}: ${message}`, { cause: error });
  }
}
