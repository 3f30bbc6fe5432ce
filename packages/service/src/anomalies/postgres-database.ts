/**
 * PostgreSQL as the store's database: for those who keep everything there, or whose disk should not be written to. One
 * connection, opened when it is needed and again after it was lost; those who write wait for one another, also in other
 * processes.
 */
import { type PostgresConnection, PostgresSession } from '@edgewood/logs';
import { ServiceError } from '../errors.ts';
import type { SqlDatabase, SqlRow, SqlSession, SqlValue } from './sql-database.ts';
import { STORE_SCHEMA_VERSION, STORE_TABLES } from './store-schema.ts';

/** Whoever writes to a store holds this lock of its database: a number of our own. */
const WRITE_LOCK = 20_250_607;
/** Tables whose rows count for the store's size. */
const LARGE_TABLES = ['edgewood_windows', 'edgewood_anomalies', 'edgewood_incidents', 'edgewood_changes'];

export class PostgresDatabase implements SqlDatabase {
  readonly location: string;
  readonly #connection: PostgresConnection;
  readonly #schema: string;
  readonly #closing = new AbortController();
  #session: PostgresSession | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  /** @param schema in which the tables are, or are made. */
  constructor(connection: PostgresConnection, schema: string) {
    this.location = `${connection.location}, schema ${schema}`;
    this.#connection = connection;
    this.#schema = schema;
  }

  transaction<Result>(write: boolean, work: (session: SqlSession) => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(() => this.#transact(write, work));
    this.#turn = result.catch(() => {}); // who asked hears of it
    return result;
  }

  /** What the rows take: the room of removed ones is used again. */
  sizeBytes(): Promise<number> {
    const sizes = LARGE_TABLES.map((table) => `(SELECT coalesce(sum(pg_column_size(t.*)), 0) FROM ${table} t)`);
    return this.transaction(false, async (session) => {
      const [row] = await session.query(`SELECT ${sizes.join(' + ')} AS bytes`);
      return Number(row?.bytes);
    });
  }

  async shrink(): Promise<void> {} // the server's own vacuum does

  async close(): Promise<void> {
    this.#closing.abort(new Error('the store was closed'));
    await this.#turn;
    await this.#drop();
  }

  async #transact<Result>(write: boolean, work: (session: SqlSession) => Promise<Result>): Promise<Result> {
    try {
      this.#closing.signal.throwIfAborted();
      this.#session ??= await this.#open();
      const session = this.#session;
      await session.query(write ? 'BEGIN' : 'BEGIN READ ONLY');
      if (write) await session.query(`SELECT pg_advisory_xact_lock(${WRITE_LOCK})`);
      const result = await work({ query: (sql, values) => ask(session, sql, values) });
      await session.query('COMMIT');
      return result;
    } catch (error) {
      await this.#drop(); // whatever was begun ends with the connection
      if (error instanceof ServiceError) throw error;
      const message = `the anomaly store ${this.location} failed: ${(error as Error).message}`;
      throw new ServiceError('STORE_FAILED', message, { cause: error });
    }
  }

  async #drop(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    await session?.end();
  }

  async #open(): Promise<PostgresSession> {
    const session = await PostgresSession.open(this.#connection, this.#closing.signal);
    try {
      await session.query(`SET search_path = "${this.#schema.replaceAll('"', '""')}"`);
      await bringSchema(session);
      return session;
    } catch (error) {
      await session.end();
      throw error;
    }
  }
}

/** Makes the tables if they are not there; a role that may not make any can use those that somebody else has made. */
async function bringSchema(session: PostgresSession): Promise<void> {
  const [found] = await session.query<{ there: boolean }>(
    "SELECT to_regclass('edgewood_numbers') IS NOT NULL AS there",
  );
  if (found?.there !== true) {
    await session.query(`BEGIN; SELECT pg_advisory_xact_lock(${WRITE_LOCK})`);
    for (const table of STORE_TABLES) await session.query(table.replaceAll(/\bTEXT\b/g, 'TEXT COLLATE "C"'));
    await session.query(
      `INSERT INTO edgewood_numbers VALUES ('schema', ${STORE_SCHEMA_VERSION}) ON CONFLICT DO NOTHING; COMMIT`,
    );
  }
  const [row] = await session.query<{ value: string }>("SELECT value FROM edgewood_numbers WHERE name = 'schema'");
  const version = Number(row?.value);
  if (version !== STORE_SCHEMA_VERSION) {
    throw new Error(`its tables are of another Edgewood (schema ${version}, here ${STORE_SCHEMA_VERSION})`);
  }
}

function ask(session: PostgresSession, sql: string, values: readonly SqlValue[] = []): Promise<readonly SqlRow[]> {
  return session.query<Record<string, SqlValue>>(sql.replaceAll(/\?(\d+)/g, '$$$1'), values);
}
