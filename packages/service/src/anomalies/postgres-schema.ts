/** The tables of a store in a PostgreSQL: made if they are not there and the role may, or made by somebody else before. */
import type { PostgresSession } from '@edgewood/logs';
import { createStatements, migrateStatements, type SqlTypes, STORE_SCHEMA_VERSION } from './store-schema.ts';

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
const MAY_NOT = 'and its role may not ';
/** The schema whose tables are changed into today's. */
const MIGRATED_VERSION = 2;

/** Encodings of databases that hold every text. */
const ENCODINGS = new Set(['UTF8', 'SQL_ASCII']);
/** Rows go in large lots; the room of a part of the table should not wait for a fifth of it. */
const VACUUM_SOONER = 'ALTER TABLE edgewood_windows SET (autovacuum_vacuum_scale_factor = 0.02)';

/** For people and dashboards: times as times, devices by their names. */
const COLUMNS_FOR_PEOPLE = `
  ADD COLUMN device_id TEXT GENERATED ALWAYS AS (CASE WHEN device <> '*' THEN substr(device, 2) END) STORED,
  ADD COLUMN from_time TIMESTAMPTZ GENERATED ALWAYS AS (to_timestamp(from_ms / 1000.0)) STORED,
  ADD COLUMN to_time TIMESTAMPTZ GENERATED ALWAYS AS (to_timestamp(to_ms / 1000.0)) STORED`;
const SCORES_FOR_PEOPLE = `CREATE OR REPLACE VIEW edgewood_scores AS
    SELECT agent, CASE WHEN device <> '*' THEN substr(device, 2) END AS device_id,
      to_timestamp(from_ms / 1000.0) AS from_time, to_timestamp(to_ms / 1000.0) AS to_time,
      entries, score, decision, model_version, failure, surprise, anomalous <> 0 AS anomalous
    FROM edgewood_windows
      JOIN edgewood_series ON edgewood_series.id = series JOIN edgewood_origins ON edgewood_origins.id = origin`;
const FOR_PEOPLE = [
  `ALTER TABLE edgewood_anomalies ${COLUMNS_FOR_PEOPLE}`,
  `ALTER TABLE edgewood_incidents ${COLUMNS_FOR_PEOPLE}`,
  SCORES_FOR_PEOPLE,
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
  if (version === MIGRATED_VERSION) await migrate(session, schema);
  else if (version !== STORE_SCHEMA_VERSION) {
    throw new Error(`its tables are of another Edgewood (schema ${version}, here ${STORE_SCHEMA_VERSION})`);
  }
}

async function migrate(session: PostgresSession, schema: string): Promise<void> {
  try {
    for (const statement of [...migrateStatements(TYPES), SCORES_FOR_PEOPLE]) await session.query(statement);
    await session.query(`UPDATE edgewood_numbers SET value = ${STORE_SCHEMA_VERSION} WHERE name = 'schema'`);
  } catch (error) {
    throw refusal(
      error as Error,
      `the tables in the schema ${schema} are of an earlier Edgewood, ${MAY_NOT}change them`,
    );
  }
}

async function makeTables(session: PostgresSession, schema: string): Promise<void> {
  try {
    const [there] = await session.query('SELECT FROM pg_namespace WHERE nspname = $1', [schema]);
    if (there === undefined) await session.query(`CREATE SCHEMA ${quoted(schema)}`);
    for (const statement of [...createStatements(TYPES), VACUUM_SOONER, ...FOR_PEOPLE]) await session.query(statement);
    await session.query(`INSERT INTO edgewood_numbers VALUES ('schema', ${STORE_SCHEMA_VERSION})`);
  } catch (error) {
    throw refusal(error as Error, `the schema ${schema} has no tables of Edgewood, ${MAY_NOT}make them`);
  }
}

/** An error in our words, if the server refuses the role something. */
function refusal(error: Error & { readonly code?: string }, sentence: string): Error {
  if (!REFUSED.has(error.code ?? '')) return error;
  const text = `${sentence}; docs/database.md has the rights that it needs: ${error.message}`;
  return new Error(text, { cause: error });
}
