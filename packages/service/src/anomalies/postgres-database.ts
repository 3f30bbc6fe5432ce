/**
 * PostgreSQL as the store's database: for those who keep everything there, or whose disk should not be written to. One
 * connection, opened when it is needed and again after it was lost; those who write wait for one another, also in other
 * processes.
 */
import { type PostgresConnection, PostgresSession } from '@edgewood/logs';
import { ServiceError } from '../errors.ts';
import { bringPostgresSchema, quoted } from './postgres-schema.ts';
import { type SqlDatabase, type SqlRow, type SqlSession, type SqlValue, storeError, upsert } from './sql-database.ts';
import { NUMBERS, STORE_TABLES } from './store-schema.ts';

/** Whoever writes to a schema's tables holds this lock of its database: a number of our own. */
const WRITE_LOCK = 20_250_607;

/** How long a call may take, in milliseconds. */
export interface PostgresTimeLimits {
  /** A single statement, and of it the waiting for somebody else's lock. */
  readonly statementMs: number;
  readonly lockMs: number;
  /**
   * How long the server waits for our next statement before it undoes the transaction: a machine that froze, or whose
   * packets are lost, must not hold up those who write for longer.
   */
  readonly idleMs: number;
  /**
   * The whole transaction, also if the server is not heard of any more; then the connection is given up. Whoever has
   * waited for longer until it was their turn is refused at once.
   */
  readonly transactionMs: number;
}

const USUAL_LIMITS: PostgresTimeLimits = {
  statementMs: 20_000,
  lockMs: 10_000,
  idleMs: 10_000,
  transactionMs: 30_000,
};

/** Among the store's numbers: what the tables took when rows were removed last, in bytes. */
const EMPTIED_AT = 'emptied_at_bytes';
/** Tables that have grown by less than this still have room. */
const GROWN = 1.02;

export class PostgresDatabase implements SqlDatabase {
  readonly location: string;
  readonly #connection: PostgresConnection;
  readonly #schema: string;
  readonly #limits: PostgresTimeLimits;
  #session: PostgresSession | undefined;
  /** Drops the connection at once, also one that is being made. */
  #drop = new AbortController();
  #turn: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  /** @param schema in which the tables are, or are made. */
  constructor(connection: PostgresConnection, schema: string, limits: PostgresTimeLimits = USUAL_LIMITS) {
    this.location = `${connection.location}, schema ${schema}`;
    this.#connection = connection;
    this.#schema = schema;
    this.#limits = limits;
  }

  transaction<Result>(write: boolean, work: (session: SqlSession) => Promise<Result>): Promise<Result> {
    const askedMs = performance.now();
    const result = this.#turn.then(() => {
      if (performance.now() - askedMs > this.#limits.transactionMs) throw storeError(this.location, this.#hasGivenUp);
      return this.#transact(write, work);
    });
    this.#turn = result.catch(() => {}); // who asked hears of it
    return result;
  }

  /**
   * What the tables take. PostgreSQL does not say how much of that is free: after rows were removed it counts as nothing
   * until the tables have grown again, for then their room is used up.
   */
  usedBytes(): Promise<number> {
    return this.transaction(false, async (session) => {
      const [numbers] = await session.query(`SELECT value FROM edgewood_numbers WHERE name = '${EMPTIED_AT}'`);
      const bytes = await tableBytes(session);
      return bytes <= Number(numbers?.value ?? 0) * GROWN ? 0 : bytes;
    });
  }

  async reclaim(): Promise<void> {
    await this.transaction(true, async (session) => {
      await upsert(session, NUMBERS, [[EMPTIED_AT, await tableBytes(session)]]);
    });
  }

  async shrink(): Promise<void> {} // the server's own vacuum gives back what it can

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#drop.abort(new Error('the store was closed'));
    await this.#turn;
    await this.#disconnect();
  }

  get #hasGivenUp(): Error {
    return new Error(`no answer within ${this.#limits.transactionMs / 1_000} s`);
  }

  async #transact<Result>(write: boolean, work: (session: SqlSession) => Promise<Result>): Promise<Result> {
    if (this.#isClosed) throw new ServiceError('STORE_FAILED', `the anomaly store ${this.location} is closed`);
    const limit = new AbortController();
    const impatient = setTimeout(() => {
      limit.abort(this.#hasGivenUp);
      this.#drop.abort(this.#hasGivenUp);
    }, this.#limits.transactionMs);
    try {
      const session = await this.#ofTheWorld(() => this.#begin(write, limit.signal));
      const result = await work({
        query: (sql, values) => this.#ofTheWorld(() => ask(session, sql, values)),
        list: async (sql, values) => (await this.#ofTheWorld(() => ask(session, sql, values))).map(Object.values),
      });
      await this.#ofTheWorld(() => session.query('COMMIT'));
      return result;
    } catch (error) {
      await this.#undo(error);
      throw error;
    } finally {
      clearTimeout(impatient);
    }
  }

  /** What fails here is the world's fault. */
  async #ofTheWorld<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      throw storeError(this.location, this.#drop.signal.aborted ? this.#drop.signal.reason : error);
    }
  }

  /**
   * A connection that was lost while nobody used it is opened again, within the limit; nothing of this transaction was done
   * yet.
   */
  async #begin(write: boolean, limit: AbortSignal): Promise<PostgresSession> {
    if (this.#session !== undefined) {
      try {
        await this.#session.query(this.#beginning(write));
        return this.#session;
      } catch (error) {
        if (isRefusal(error) || this.#drop.signal.aborted) throw error;
        await this.#disconnect();
        limit.throwIfAborted();
      }
    }
    this.#session = await PostgresSession.open(this.#connection, this.#drop.signal);
    await this.#session.query(this.#beginning(true));
    await bringPostgresSchema(this.#session, this.#schema);
    await this.#session.query(`COMMIT; ${this.#beginning(write)}`);
    return this.#session;
  }

  #beginning(write: boolean): string {
    const { statementMs, lockMs, idleMs } = this.#limits;
    return `BEGIN ${write ? '' : 'ISOLATION LEVEL REPEATABLE READ READ ONLY'};
      SET LOCAL search_path TO ${quoted(this.#schema)};
      SET LOCAL statement_timeout TO ${statementMs};
      SET LOCAL lock_timeout TO ${lockMs};
      SET LOCAL idle_in_transaction_session_timeout TO ${idleMs};
      ${write ? `SELECT pg_advisory_xact_lock(${WRITE_LOCK}, hashtext(current_setting('search_path')))` : ''}`;
  }

  /** After a failure of the world everything is looked at anew; otherwise the connection can be used again. */
  async #undo(error: unknown): Promise<void> {
    const isOurs = !(error instanceof ServiceError) || error.code !== 'STORE_FAILED';
    const isUndone = isOurs && (await this.#session?.query('ROLLBACK').then(Boolean, () => false));
    if (!isUndone) await this.#disconnect();
  }

  async #disconnect(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    await session?.end();
    this.#drop = new AbortController();
  }
}

async function tableBytes(session: SqlSession): Promise<number> {
  const sizes = STORE_TABLES.map(({ name }) => `pg_total_relation_size('${name}')`);
  const [row] = await session.query(`SELECT ${sizes.join(' + ')} AS bytes`);
  return Number(row?.bytes);
}

/** Text in PostgreSQL has no NUL; a message with one is kept with a picture of it. */
function ask(session: PostgresSession, sql: string, values: readonly SqlValue[] = []): Promise<readonly SqlRow[]> {
  const given = values.map((value) => (typeof value === 'string' ? value.replaceAll('\0', '\u2400') : value));
  return session.query<Record<string, SqlValue>>(sql.replaceAll(/\?(\d+)/g, '$$$1'), given);
}

/** Whether the server is there and says no: a lock that somebody holds, say. */
function isRefusal(error: unknown): boolean {
  return (error as { severity?: string }).severity === 'ERROR';
}
