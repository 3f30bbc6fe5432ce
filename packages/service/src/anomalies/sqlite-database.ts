/**
 * SQLite as the store's database: a file beside the service, in write-ahead logging. A process that is killed, or a power
 * cut, loses at most the last transactions, whole ones; their slots are then analysed again.
 *
 * A file that is damaged is set aside under another name, never removed, and a new one is begun: what is found next can be
 * kept. That is looked for at the start, and heeded whenever SQLite says so later.
 */
import { chmodSync, existsSync, renameSync, statSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { ServiceError } from '../errors.ts';
import type { SqlDatabase, SqlRow, SqlSession, SqlValue } from './sql-database.ts';

/** How long a write waits for another process, in milliseconds. */
const BUSY_TIMEOUT_MS = 5_000;
/** Up to this size a file is looked through at the start, in bytes; a larger one would hold the start up for too long. */
const CHECKED_MOST_BYTES = 1e9;
/** The log before the file takes no more than this after a checkpoint, in bytes. */
const WAL_LIMIT_BYTES = 4_000_000;
/** Results of SQLite that mean that the file is damaged, or none of its own: `SQLITE_CORRUPT` and `SQLITE_NOTADB`. */
const DAMAGED = new Set([11, 26]);

export interface SqliteDatabaseOptions {
  readonly file: string;
  /** Makes the tables, and brings those of older releases up to date; throws if it cannot. */
  readonly bringSchema: (database: DatabaseSync) => void;
  /** Is told where a damaged file was set aside. */
  readonly onSetAside: (setAside: string) => void;
}

export class SqliteDatabase implements SqlDatabase {
  readonly location: string;
  readonly #options: SqliteDatabaseOptions;
  #database: DatabaseSync;
  /** Prepared statements by their text; the store has a few dozen. */
  #statements = new Map<string, StatementSync>();
  #turn: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  /** @throws {ServiceError} `STORE_FAILED` if the file cannot be opened, or is of a newer release. */
  constructor(options: SqliteDatabaseOptions) {
    this.location = options.file;
    this.#options = options;
    try {
      this.#database = openSound(options);
    } catch (error) {
      throw storeError(options.file, error);
    }
  }

  transaction<Result>(write: boolean, work: (session: SqlSession) => Promise<Result>): Promise<Result> {
    return this.#inTurn(() => this.#transact(write, work));
  }

  sizeBytes(): Promise<number> {
    return this.#inTurn(() => this.#guarded(() => this.#usedBytes()));
  }

  /** Pages of removed rows are used again by the next ones, which spares the disk; only the log is cut off. */
  async shrink(): Promise<void> {
    await this.#inTurn(() => this.#guarded(() => this.#query('PRAGMA wal_checkpoint(TRUNCATE)')));
  }

  /** One connection has one transaction at a time. */
  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => {}); // who asked hears of it
    return result;
  }

  async #guarded<Result>(work: () => Result): Promise<Result> {
    try {
      return work();
    } catch (error) {
      throw storeError(this.location, error);
    }
  }

  #usedBytes(): number {
    const [pages] = this.#query('PRAGMA page_count');
    const [unused] = this.#query('PRAGMA freelist_count');
    const [page] = this.#query('PRAGMA page_size');
    return (Number(pages?.page_count) - Number(unused?.freelist_count)) * Number(page?.page_size);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#turn;
    if (this.#database.isOpen) this.#database.close();
  }

  async #transact<Result>(write: boolean, work: (session: SqlSession) => Promise<Result>): Promise<Result> {
    const { location } = this;
    if (this.#isClosed) throw new ServiceError('STORE_FAILED', `the anomaly store ${location} is closed`);
    try {
      this.#database.exec(write ? 'BEGIN IMMEDIATE' : 'BEGIN');
      const result = await work({ query: async (sql, values) => this.#query(sql, values) });
      this.#database.exec('COMMIT');
      return result;
    } catch (error) {
      this.#rollBack();
      if (isDamaged(error)) this.#beginAnew(error);
      throw error instanceof ServiceError ? error : storeError(location, error);
    }
  }

  /** SQLite may have done so itself: a full disk. */
  #rollBack(): void {
    try {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
    } catch {
      // The file is damaged, or gone; whatever was wrong before is told.
    }
  }

  #query(sql: string, values: readonly SqlValue[] = []): readonly SqlRow[] {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement.all(...values) as SqlRow[];
  }

  /** What was kept is lost to the service, and said to be; what comes next is kept. */
  #beginAnew(cause: unknown): void {
    const { file, onSetAside } = this.#options;
    try {
      this.#statements.clear();
      this.#database.close();
      const setAside = setFileAside(file);
      this.#database = openAndBring(this.#options);
      onSetAside(setAside);
    } catch {
      throw storeError(file, cause);
    }
  }
}

/** The file if it is sound; otherwise a new one in its place. */
function openSound(options: SqliteDatabaseOptions): DatabaseSync {
  try {
    return openAndBring(options);
  } catch (error) {
    if (!isDamaged(error)) throw error;
    const setAside = setFileAside(options.file);
    const database = openAndBring(options);
    options.onSetAside(setAside);
    return database;
  }
}

function openAndBring({ file, bringSchema }: SqliteDatabaseOptions): DatabaseSync {
  const isNew = !existsSync(file);
  const database = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
  try {
    if (isNew && file !== ':memory:') chmodSync(file, 0o600);
    database.exec(
      `PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = ${WAL_LIMIT_BYTES}`,
    );
    if (!isNew) checkSound(database, file);
    bringSchema(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

class DamagedFile extends Error {}

function checkSound(database: DatabaseSync, file: string): void {
  if (statSync(file).size > CHECKED_MOST_BYTES) return;
  const [found] = database.prepare('PRAGMA quick_check(1)').all();
  const verdict = String(found?.quick_check);
  if (verdict !== 'ok') throw new DamagedFile(verdict);
}

function isDamaged(error: unknown): boolean {
  const { errcode } = error as { errcode?: number };
  return error instanceof DamagedFile || (errcode !== undefined && DAMAGED.has(errcode & 0xff));
}

/** Renames a file and what belongs to it; returns its new name. */
function setFileAside(file: string): string {
  const stamp = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  let setAside = `${file}.corrupt-${stamp}`;
  for (let n = 2; existsSync(setAside); n += 1) setAside = `${file}.corrupt-${stamp}-${n}`;
  for (const part of ['', '-wal', '-shm'])
    if (existsSync(`${file}${part}`)) renameSync(`${file}${part}`, `${setAside}${part}`);
  return setAside;
}

function storeError(file: string, error: unknown): ServiceError {
  return new ServiceError('STORE_FAILED', `the anomaly store ${file} failed: ${(error as Error).message}`, {
    cause: error,
  });
}
