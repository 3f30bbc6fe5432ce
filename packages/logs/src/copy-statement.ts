/** The SQL that reads log entries. `COPY` takes no parameters, so every name and value is escaped into the text. */
import pg from 'pg';
import { LOG_COLUMNS } from './log-columns.ts';
import type { LogQuery } from './log-source.ts';
import type { LogTable } from './log-table-catalogue.ts';

const DAY_MS = 86_400_000;
/** Times beyond are no times of a log: PostgreSQL would print years of five digits, or before Christ. */
const FIRST_MS = Date.parse('0100-01-01T00:00:00Z');
const LAST_MS = Date.parse('9999-12-31T00:00:00Z');

/** Begins a transaction that cannot write and prints times in UTC, whatever the role's own settings are. */
export function beginStatement(statementTimeoutMs: number | undefined): string {
  const settings = ["TimeZone = 'UTC'", "DateStyle = 'ISO'"];
  if (statementTimeoutMs !== undefined) settings.push(`statement_timeout = ${Math.ceil(statementTimeoutMs)}`);
  return `BEGIN READ ONLY; ${settings.map((setting) => `SET LOCAL ${setting}`).join('; ')}`;
}

/**
 * Prints the entries as CSV, in order of time and id. Run it after {@link beginStatement}.
 *
 * A database of encoding `SQL_ASCII` gives its bytes as they are: asked for UTF-8, the server would refuse the first
 * message that is not.
 */
export function copyStatement(table: LogTable, query: LogQuery): string {
  const encoding = table.serverEncoding === 'SQL_ASCII' ? ", ENCODING 'SQL_ASCII'" : '';
  return `COPY (${selectStatement(table, query)}) TO STDOUT (FORMAT csv, HEADER${encoding})`;
}

/** The entries of the query, with the column names of an exported CSV. Rows without a time are in no span. */
export function selectStatement(table: LogTable, query: LogQuery): string {
  const { columns } = table.mapping;
  const printed = LOG_COLUMNS.map((part) => {
    const value = part === 'timestamp' ? printedTime(table) : pg.escapeIdentifier(columns[part]);
    return `${value} AS ${pg.escapeIdentifier(part)}`;
  });
  const conditions = [...spanConditions(table, query), ...programConditions(table, query)];
  return [
    `SELECT ${printed.join(', ')}`,
    `FROM ${pg.escapeIdentifier(table.schema)}.${pg.escapeIdentifier(table.name)}`,
    `WHERE ${conditions.join(' AND ')}`,
    `ORDER BY ${[timeOrder(table), ...tieBreakers(table)].join(', ')}`,
  ].join(' ');
}

/** Counts the entries of the query: columns `slot` (times `windowMs` is its beginning), `device_id` and `entries`. */
export function countStatement(table: LogTable, query: LogQuery, windowMs: number): string {
  const device = pg.escapeIdentifier(table.mapping.columns.device_id);
  const conditions = [...spanConditions(table, query), ...programConditions(table, query)];
  return [
    `SELECT floor(extract(epoch FROM ${instantOf(table)}) / ${windowMs / 1000})::bigint AS slot,`,
    `coalesce(${device}::text, '') AS device_id, count(*) AS entries`,
    `FROM ${pg.escapeIdentifier(table.schema)}.${pg.escapeIdentifier(table.name)}`,
    `WHERE ${conditions.join(' AND ')} GROUP BY 1, 2`,
  ].join(' ');
}

/**
 * The time in the middle of the last `rows` that came: column `ms`, Unix milliseconds as a decimal number, NULL without rows.
 * Without an id, those of the newest times are taken for the last.
 */
export function newestStatement(table: LogTable, rows: number): string {
  const { id, columns } = table.mapping;
  const time = pg.escapeIdentifier(columns.timestamp);
  const order = id === undefined ? time : pg.escapeIdentifier(id);
  const newest = [
    `SELECT ${instantOf(table)} AS at`,
    `FROM ${pg.escapeIdentifier(table.schema)}.${pg.escapeIdentifier(table.name)}`,
    `WHERE ${time} IS NOT NULL ORDER BY ${order} DESC LIMIT ${rows}`,
  ].join(' ');
  return `SELECT extract(epoch FROM percentile_disc(0.5) WITHIN GROUP (ORDER BY at)) * 1000 AS ms FROM (${newest}) AS newest`;
}

/** All times in one form: PostgreSQL's own drops trailing zeros, and then pandas takes a column of times for text. */
function printedTime(table: LogTable): string {
  return `to_char(${instantOf(table)}, 'YYYY-MM-DD HH24:MI:SS.US"+00:00"')`;
}

/** The time as an instant. */
function instantOf({ mapping }: LogTable): string {
  const column = pg.escapeIdentifier(mapping.columns.timestamp);
  return mapping.timeZone === undefined ? column : `${column} AT TIME ZONE ${pg.escapeLiteral(mapping.timeZone)}`;
}

/**
 * Conditions that an index on the time column can serve. Local times of a zone whose clocks change do not map to
 * instants one to one: there the index narrows the span down to a day on both sides, and instants decide.
 */
function spanConditions(table: LogTable, { span }: LogQuery): string[] {
  const column = pg.escapeIdentifier(table.mapping.columns.timestamp);
  const { timeZone } = table.mapping;
  if (timeZone === undefined) return between(column, 'timestamptz', span.fromMs, span.toMs);
  if (timeZone === 'UTC') return between(column, 'timestamp', span.fromMs, span.toMs);
  return [
    ...between(column, 'timestamp', span.fromMs - DAY_MS, span.toMs + DAY_MS),
    ...between(`(${instantOf(table)})`, 'timestamptz', span.fromMs, span.toMs),
  ];
}

function between(value: string, type: 'timestamp' | 'timestamptz', fromMs: number, toMs: number): string[] {
  const zone = type === 'timestamptz' ? '+00' : '';
  const literal = (timeMs: number) => {
    const text = new Date(Math.min(Math.max(timeMs, FIRST_MS), LAST_MS)).toISOString();
    return `${type} '${text.replace('T', ' ').replace('Z', zone)}'`;
  };
  return [`${value} >= ${literal(fromMs)}`, `${value} < ${literal(toMs)}`];
}

function programConditions({ mapping }: LogTable, { programs }: LogQuery): string[] {
  if (programs === 'all') return [];
  const column = pg.escapeIdentifier(mapping.columns.program);
  // PostgreSQL holds no text with a NUL, and SQL can hold none.
  const literals = programs.filter((program) => !program.includes('\0')).map((program) => pg.escapeLiteral(program));
  return [`${mapping.programIsText ? column : `${column}::text`} = ANY (ARRAY[${literals.join(', ')}]::text[])`];
}

function timeOrder(table: LogTable): string {
  const { timeZone, columns } = table.mapping;
  return timeZone === undefined || timeZone === 'UTC' ? pg.escapeIdentifier(columns.timestamp) : instantOf(table);
}

/** Without an id, the place of the row in the table; a view has none. */
function tieBreakers({ mapping, kind }: LogTable): string[] {
  if (mapping.id !== undefined) return [pg.escapeIdentifier(mapping.id)];
  return kind === 'table' ? ['tableoid', 'ctid'] : [];
}
