/**
 * SQLite as the store's database: a file beside the service, in write-ahead logging. A process that is killed loses
 * nothing that was stored; a power cut may lose the last transactions, whole ones, whose slots are then analysed again.
 *
 * Damage is looked for at the start, and heeded whenever SQLite tells of it later: see `sqlite-file.ts`.
 */
import { statSync } from 'node:fs';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { setImmediate as othersTurn } from 'node:timers/promises';
import { ServiceError } from '../errors.ts';
import { type SqlDatabase, type SqlRow, type SqlSession, type SqlValue, storeError } from './sql-database.ts';
import { isDamage, openSqliteFile, setFileAside } from './sqlite-file.ts';
import { bringSqliteSchema } from './sqlite-schema.ts';

/** So many prepared statements are kept; the store has fewer, were it not for those of many rows. */
const STATEMENTS_MOST = 200;
/** Pages that are given back in one step. */
const STEP_PAGES = 500;

export interface SqliteDatabaseOptions {
  readonly file: string;
  /** Is told where a damaged file was set aside. */
  readonly onSetAside: (setAside: string) => void;
  /** Now, Unix milliseconds: part of that name. */
  readonly nowMs: () => number;
}

export class SqliteDatabase implements SqlDatabase {
  readonly location: string;
  readonly #options: SqliteDatabaseOptions;
  /** Undefined while it must be opened again. */
  #database: DatabaseSync | undefined;
  /** Prepared statements by their text, those that give rows as arrays apart. */
  readonly #statements = { rows: new Map<string, StatementSync>(), lists: new Map<string, StatementSync>() };
  #firstNumber = 1;
  #turn: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  /** @throws {ServiceError} `STORE_FAILED` if the file cannot be opened, or is of a newer release. */
  constructor(options: SqliteDatabaseOptions) {
    this.location = options.file;
    this.#options = options;
    try {
      this.#database = this.#openSound();
    } catch (error) {
      throw storeError(options.file, error);
    }
  }

  transaction<Result>(write: boolean, work: (session: SqlSession) => Promise<Result>): Promise<Result> {
    return this.#inTurn(async (database) => {
      const session: SqlSession = {
        query: async (sql, values) => this.#all(database, sql, values) as readonly SqlRow[],
        list: async (sql, values) => this.#all(database, sql, values, 'lists') as unknown as readonly SqlValue[][],
      };
      database.exec(write ? 'BEGIN IMMEDIATE' : 'BEGIN');
      const result = await work(session);
      database.exec('COMMIT');
      return result;
    });
  }

  usedBytes(): Promise<number> {
    return this.#inTurn(async (database) => {
      const [pages, unused, page] = ['page_count', 'freelist_count', 'page_size'].map((name) => pragma(database, name));
      return ((pages ?? 0) - (unused ?? 0)) * (page ?? 0);
    });
  }

  async reclaim(): Promise<void> {} // pages of removed rows are known at once

  /**
   * Pages of removed rows are used again, which spares the disk; only if file and log take more than `maxBytes` are they
   * given back, and the log is cut off.
   */
  async shrink(maxBytes: number): Promise<void> {
    for (let unused = Number.POSITIVE_INFINITY; this.#sizeBytes() > maxBytes && unused > 0; await othersTurn()) {
      unused = await this.#inTurn(async (database) => {
        database.exec(`PRAGMA incremental_vacuum(${STEP_PAGES})`);
        this.#all(database, 'PRAGMA wal_checkpoint(TRUNCATE)');
        const left = pragma(database, 'freelist_count');
        return left < unused ? left : 0; // a file of the first release gives nothing back
      });
    }
  }

  #sizeBytes(): number {
    const { file } = this.#options;
    return [file, `${file}-wal`].reduce((sum, part) => sum + (statSync(part, { throwIfNoEntry: false })?.size ?? 0), 0);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#turn;
    if (this.#database?.isOpen) this.#database.close();
  }

  /** One connection has one transaction at a time. */
  #inTurn<Result>(work: (database: DatabaseSync) => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(() => this.#use(work));
    this.#turn = result.catch(() => {}); // who asked hears of it
    return result;
  }

  async #use<Result>(work: (database: DatabaseSync) => Promise<Result>): Promise<Result> {
    const { file } = this.#options;
    if (this.#isClosed) throw new ServiceError('STORE_FAILED', `the anomaly store ${file} is closed`);
    try {
      this.#database ??= this.#openSound();
      return await work(this.#database);
    } catch (error) {
      if (isDamage(error)) throw this.#beginAnew(error);
      this.#rollBack();
      throw isOfTheWorld(error) ? storeError(file, error) : error;
    }
  }

  /** SQLite may have done so itself: a full disk. If it cannot, the file is opened again for the next call. */
  #rollBack(): void {
    try {
      if (this.#database?.isTransaction) this.#database.exec('ROLLBACK');
    } catch {
      this.#forget();
    }
  }

  #forget(): void {
    this.#statements.rows.clear();
    this.#statements.lists.clear();
    this.#database?.close();
    this.#database = undefined;
  }

  #all(database: DatabaseSync, sql: string, values: readonly SqlValue[] = [], as: 'rows' | 'lists' = 'rows') {
    const kept = this.#statements[as];
    let statement = kept.get(sql);
    if (statement === undefined) {
      statement = database.prepare(sql);
      statement.setReturnArrays(as === 'lists');
      if (kept.size === STATEMENTS_MOST) kept.clear();
      kept.set(sql, statement);
    }
    return statement.all(...values);
  }

  /** What was kept is lost to the service, and said to be; what comes next is kept. Returns what to tell who asked. */
  #beginAnew(cause: unknown): ServiceError {
    const { file } = this.#options;
    this.#forget();
    try {
      this.#setAside();
      this.#database = this.#open();
    } catch (error) {
      return storeError(file, error); // and the next call tries again
    }
    return new ServiceError(
      'STORE_FAILED',
      `the anomaly store ${file} was damaged (${(cause as Error).message}) and begins anew`,
      { cause },
    );
  }

  /** The file if it is sound; otherwise a new one in its place. */
  #openSound(): DatabaseSync {
    try {
      return this.#open();
    } catch (error) {
      if (!isDamage(error)) throw error;
      this.#setAside();
      return this.#open();
    }
  }

  #open(): DatabaseSync {
    return openSqliteFile(this.#options.file, (database) => bringSqliteSchema(database, this.#firstNumber));
  }

  /**
   * Numbers of the next file begin at the seconds since 1970: higher than those that were given, as long as there was no
   * more than one a second, so that no number ever means two things.
   */
  #setAside(): void {
    const { file, nowMs, onSetAside } = this.#options;
    const setAside = setFileAside(file, nowMs());
    this.#firstNumber = Math.max(1, Math.floor(nowMs() / 1_000));
    onSetAside(setAside);
  }
}

function pragma(database: DatabaseSync, name: string): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
}

/** Errors of SQLite and of the file system; others are our own. */
function isOfTheWorld(error: unknown): boolean {
  const { errcode, errno } = error as { errcode?: number; errno?: number };
  return errcode !== undefined || errno !== undefined;
}
