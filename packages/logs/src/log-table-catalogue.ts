import pg from 'pg';
import {
  type CatalogueColumn,
  type ColumnMapping,
  DEFAULT_LOG_TABLE,
  type LogTableSettings,
  mapColumns,
} from './column-mapping.ts';
import { LogError } from './errors.ts';
import type { PostgresSession } from './postgres-session.ts';

/** The table that entries are read from, as its server describes it. */
export interface LogTable {
  readonly schema: string;
  readonly name: string;
  /** Anything else that can be selected from (a view, a foreign table) has no row places and no indexes of its own. */
  readonly kind: 'table' | 'other';
  readonly mapping: ColumnMapping;
  readonly serverVersion: string;
  readonly serverEncoding: string;
}

/** What makes reading a table slow, or risky. */
export interface LogTableAccess {
  readonly role: string;
  /** Whether the role may do anything to the table but read it. */
  readonly mayWrite: boolean;
  /** Whether an index begins with the time, or with the program and then the time. */
  readonly hasTimeIndex: boolean;
}

interface TableRow {
  readonly schema: string;
  readonly name: string;
  readonly kind: string;
  readonly version: string;
  readonly encoding: string;
  readonly columns: readonly CatalogueColumn[];
}

/** `$1` is the quoted name. A domain counts as the type it is made of. */
const DESCRIBE = `
  SELECT n.nspname AS schema, c.relname AS name, c.relkind AS kind,
    current_setting('server_version') AS version, current_setting('server_encoding') AS encoding,
    (SELECT coalesce(json_agg(json_build_object('name', a.attname, 'type', coalesce(base.typname, t.typname)) ORDER BY a.attnum), '[]')
      FROM pg_attribute a
      JOIN pg_type t ON t.oid = a.atttypid
      LEFT JOIN pg_type base ON base.oid = nullif(t.typbasetype, 0)
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.oid = to_regclass($1) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')`;

/** `$1` is the quoted name, `$2` the time column, `$3` the program column. `indkey` counts from 0. */
const ACCESS = `
  SELECT current_user AS role,
    has_table_privilege(to_regclass($1), 'INSERT, UPDATE, DELETE, TRUNCATE') AS "mayWrite",
    EXISTS (
      SELECT FROM pg_index i
      LEFT JOIN pg_attribute first ON first.attrelid = i.indrelid AND first.attnum = i.indkey[0]
      LEFT JOIN pg_attribute second ON second.attrelid = i.indrelid AND second.attnum = i.indkey[1]
      WHERE i.indrelid = to_regclass($1) AND i.indisvalid AND i.indpred IS NULL
        AND (first.attname = $2 OR (first.attname = $3 AND second.attname = $2))
    ) AS "hasTimeIndex"`;

/**
 * Looks the table of the settings up.
 *
 * @throws {LogError} `SOURCE_MISMATCH` if it is not there or lacks a column, `BAD_MAPPING` for settings that cannot be.
 */
export async function describeLogTable(session: PostgresSession, settings: LogTableSettings): Promise<LogTable> {
  const wanted = settings.table ?? DEFAULT_LOG_TABLE;
  const [row] = await session.query<TableRow>(DESCRIBE, [quotedName(wanted)]);
  if (row === undefined)
    throw new LogError('SOURCE_MISMATCH', `there is no table ${wanted}, or none that this role can see`);
  return {
    schema: row.schema,
    name: row.name,
    kind: ['r', 'p', 'm'].includes(row.kind) ? 'table' : 'other',
    mapping: mapColumns(row.columns, settings),
    serverVersion: row.version,
    serverEncoding: row.encoding,
  };
}

/** Finds out what the role may do and how quickly. */
export async function inspectAccess(session: PostgresSession, table: LogTable): Promise<LogTableAccess> {
  const { timestamp, program } = table.mapping.columns;
  const name = quotedName(`${table.schema}.${table.name}`);
  const [access] = await session.query<{ [key in keyof LogTableAccess]: LogTableAccess[key] }>(ACCESS, [
    name,
    timestamp,
    program,
  ]);
  return access!;
}

/** Quotes `name` or `schema.name`. */
function quotedName(name: string): string {
  const parts = name.split('.');
  if (parts.length <= 2 && parts.every((part) => part !== ''))
    return parts.map((part) => pg.escapeIdentifier(part)).join('.');
  throw new LogError('BAD_MAPPING', `a table is named log_entries or schema.log_entries, got '${name}'`);
}
