import { DEFAULT_LOG_TABLE, type LogTableSettings } from './column-mapping.ts';
import { beginStatement, copyStatement, countStatement, newestStatement, selectStatement } from './copy-statement.ts';
import { LogError } from './errors.ts';
import { LOG_COLUMNS } from './log-columns.ts';
import { parseLogCsv } from './log-csv.ts';
import type { LogEntry } from './log-entry.ts';
import type { EntryCount, LogQuery, LogSource, LogSourceReport } from './log-source.ts';
import { describeLogTable, inspectAccess, type LogTable, type LogTableAccess } from './log-table-catalogue.ts';
import type { PostgresConnection } from './postgres-connection.ts';
import { isFromServer, sourceError } from './postgres-errors.ts';
import { PostgresSession } from './postgres-session.ts';

export interface PostgresLogSourceOptions {
  readonly connection: PostgresConnection;
  readonly table?: LogTableSettings;
  /** Ends a statement on the server after so long, a whole export too; left out, the server's own setting holds. */
  readonly statementTimeoutMs?: number;
}

/**
 * Log entries in a table of a PostgreSQL.
 *
 * The server prints the CSV itself (`COPY … TO STDOUT`) in a transaction that cannot write; we pass its bytes on, so that
 * nothing is rounded on the way and memory does not grow. Times are printed in UTC with microseconds; rows without a time
 * are in no span and never appear. Each call has a connection of its own, so that a call after a failure begins anew.
 */
export class PostgresLogSource implements LogSource {
  readonly location: string;
  readonly #connection: PostgresConnection;
  readonly #settings: LogTableSettings;
  readonly #statementTimeoutMs: number | undefined;
  readonly #closing = new AbortController();

  constructor(options: PostgresLogSourceOptions) {
    this.#connection = options.connection;
    this.#settings = options.table ?? {};
    this.#statementTimeoutMs = options.statementTimeoutMs;
    this.location = `${options.connection.location}, table ${options.table?.table ?? DEFAULT_LOG_TABLE}`;
  }

  async *readCsv(query: LogQuery, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    const stop = this.#stopSignal(signal);
    const session = await this.#open(stop);
    try {
      const table = await this.#beginReading(session);
      const csv = session.copyOut(copyStatement(table, query));
      yield* table.serverEncoding === 'SQL_ASCII' ? wellFormed(csv) : csv;
    } catch (error) {
      throw this.#errorOf(error, stop);
    } finally {
      await session.end();
    }
  }

  read(query: LogQuery, signal?: AbortSignal): AsyncGenerator<readonly LogEntry[]> {
    return parseLogCsv(this.readCsv(query, signal));
  }

  async countEntries(query: LogQuery, windowMs: number, signal?: AbortSignal): Promise<readonly EntryCount[]> {
    const rows = await this.#withTable(
      (session, table) => session.query<CountRow>(countStatement(table, query, windowMs)),
      signal,
    );
    return rows.map(({ slot, device_id: deviceId, entries }) => {
      return { fromMs: Number(slot) * windowMs, deviceId, entries: Number(entries) };
    });
  }

  estimateRows(query: LogQuery, signal?: AbortSignal): Promise<number> {
    return this.#withTable(async (session, table) => {
      const [row] = await session.query<PlanRow>(`EXPLAIN (FORMAT JSON) ${selectStatement(table, query)}`);
      return row?.['QUERY PLAN'][0]?.Plan['Plan Rows'] ?? 0;
    }, signal);
  }

  check(signal?: AbortSignal): Promise<LogSourceReport> {
    return this.#withTable(async (session, table) => {
      const access = await inspectAccess(session, table);
      await session.query(selectStatement(table, NOTHING)); // fails if the role may not
      const newestMs = await newestTime(session, table);
      return { description: describe(table), warnings: warningsOf(table, access), newestMs };
    }, signal);
  }

  close(): Promise<void> {
    this.#closing.abort(new Error('the source was closed'));
    return Promise.resolve();
  }

  async #withTable<T>(
    use: (session: PostgresSession, table: LogTable) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    const stop = this.#stopSignal(signal);
    const session = await this.#open(stop);
    try {
      return await use(session, await this.#beginReading(session));
    } catch (error) {
      throw this.#errorOf(error, stop);
    } finally {
      await session.end();
    }
  }

  async #beginReading(session: PostgresSession): Promise<LogTable> {
    await session.query(beginStatement(this.#statementTimeoutMs));
    return describeLogTable(session, this.#settings);
  }

  async #open(stop: AbortSignal): Promise<PostgresSession> {
    try {
      return await PostgresSession.open(this.#connection, stop);
    } catch (error) {
      throw this.#errorOf(error, stop);
    }
  }

  #stopSignal(signal?: AbortSignal): AbortSignal {
    const closing = this.#closing.signal;
    return signal === undefined ? closing : AbortSignal.any([signal, closing]);
  }

  #errorOf(error: unknown, stop: AbortSignal): LogError {
    if (!stop.aborted) return sourceError(error, this.location);
    return new LogError('ABORTED', `reading from ${this.location} was aborted`, { cause: stop.reason });
  }
}

const NOTHING: LogQuery = { span: { fromMs: 0, toMs: 0 }, programs: [] };

/** So many of the last entries are looked at for their time, and so long that may take on the server, in milliseconds. */
const NEWEST = { rows: 101, statementMs: 5_000 };

/** Of the last thing that is asked in a transaction: a server that refuses it, or takes too long, has ended that. */
async function newestTime(session: PostgresSession, table: LogTable): Promise<number | undefined> {
  await session.query(`SET LOCAL statement_timeout = ${NEWEST.statementMs}`);
  try {
    const [row] = await session.query<{ ms: string | null }>(newestStatement(table, NEWEST.rows));
    const newestMs = Math.round(Number(row?.ms ?? Number.NaN));
    return Number.isFinite(newestMs) ? newestMs : undefined; // PostgreSQL knows times that are infinite
  } catch (error) {
    if (isFromServer(error)) return undefined;
    throw error;
  }
}

interface PlanRow {
  readonly 'QUERY PLAN': readonly { readonly Plan: { readonly 'Plan Rows': number } }[];
}

/** Numbers of 64 bits come as text. */
interface CountRow {
  readonly slot: string;
  readonly device_id: string;
  readonly entries: string;
}

/** The same text with U+FFFD for what is not UTF-8; a database of encoding `SQL_ASCII` holds any bytes. */
async function* wellFormed(csv: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  for await (const piece of csv) yield Buffer.from(decoder.decode(piece, { stream: true }));
  yield Buffer.from(decoder.decode());
}

function describe({ schema, name, mapping, serverVersion }: LogTable): string {
  const renamed = LOG_COLUMNS.filter((part) => mapping.columns[part] !== part);
  const columns = renamed.map((part) => `, ${part} from ${mapping.columns[part]}`).join('');
  const zone = mapping.timeZone === undefined ? '' : `, times are of ${mapping.timeZone}`;
  return `PostgreSQL ${serverVersion}, table ${schema}.${name}${columns}${zone}`;
}

function warningsOf({ name, kind, mapping, serverEncoding }: LogTable, access: LogTableAccess): string[] {
  const { timestamp, program } = mapping.columns;
  const warnings: string[] = [];
  if (access.mayWrite) {
    warnings.push(`role ${access.role} may write to ${name}: one that may only SELECT is enough, and safer`);
  }
  if (kind === 'table' && !access.hasTimeIndex) {
    warnings.push(
      `no index of ${name} begins with ${timestamp}, or with ${program} and ${timestamp}: each read scans the whole table`,
    );
  }
  if (mapping.zoneAssumed) {
    warnings.push(
      `column ${timestamp} has no time zone: it is taken to be in UTC; the setting timeZone says otherwise`,
    );
  }
  if (mapping.id === undefined) {
    warnings.push(`${name} has no column id: the order of entries of the same time is not fixed`);
  }
  if (serverEncoding === 'SQL_ASCII') {
    warnings.push('the database has the encoding SQL_ASCII: bytes that are not UTF-8 are read as U+FFFD');
  }
  return warnings;
}
