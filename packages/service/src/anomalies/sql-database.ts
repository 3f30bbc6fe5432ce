import { ServiceError } from '../errors.ts';

/** A value that goes into a statement or comes out of a row; PostgreSQL gives whole numbers of 64 bits as text. */
export type SqlValue = string | number | bigint | null | Uint8Array;
export type SqlRow = Readonly<Record<string, SqlValue>>;

/** Statements within one transaction; their values are `?1`, `?2`, … in the text. */
export interface SqlSession {
  query(sql: string, values?: readonly SqlValue[]): Promise<readonly SqlRow[]>;
  /** As `query`, each row as its values in the order of its columns: for tens of thousands. */
  list(sql: string, values?: readonly SqlValue[]): Promise<readonly (readonly SqlValue[])[]>;
}

/**
 * What the store needs of a database. Both speak enough of one language: `ON CONFLICT`, `RETURNING`.
 *
 * @throws {ServiceError} `STORE_FAILED` from every method.
 */
export interface SqlDatabase {
  /** For people, without secrets. */
  readonly location: string;
  /**
   * Runs `work` as a whole or not at all. Those that write wait for one another, also in other processes; whatever `work`
   * throws undoes it.
   *
   * @param write whether it may write.
   */
  transaction<Result>(write: boolean, work: (session: SqlSession) => Promise<Result>): Promise<Result>;
  /** What the rows of the whole store take, in bytes; the room of removed rows, which new ones take, is not counted. */
  usedBytes(): Promise<number>;
  /** Is told that many rows were removed. */
  reclaim(): Promise<void>;
  /** Gives room of removed rows back if the store takes more than `maxBytes`. */
  shrink(maxBytes: number): Promise<void>;
  /** Frees what is held; may be called twice. */
  close(): Promise<void>;
}

/** Rows that are inserted, or replace those of the same key. */
export interface SqlTable {
  readonly name: string;
  readonly columns: readonly string[];
  /** The first columns, so many, are the key. */
  readonly keys: number;
}

/** So many rows go into one statement: a round trip is dearer than they are. */
const ROWS_OF_A_STATEMENT = 50;

/** Writes rows, each its values in the order of the table's columns. */
export async function upsert(
  session: SqlSession,
  { name, columns, keys }: SqlTable,
  rows: readonly (readonly SqlValue[])[],
): Promise<void> {
  const key = columns.slice(0, keys).join(', ');
  const others = columns.slice(keys).map((column) => `${column} = excluded.${column}`);
  for (let at = 0; at < rows.length; at += ROWS_OF_A_STATEMENT) {
    const some = rows.slice(at, at + ROWS_OF_A_STATEMENT);
    const places = some.map((_, row) => `(${columns.map((_, of) => `?${row * columns.length + of + 1}`).join(', ')})`);
    const sql = `INSERT INTO ${name} (${columns.join(', ')}) VALUES ${places.join(', ')}
      ON CONFLICT (${key}) DO UPDATE SET ${others.join(', ')}`;
    await session.query(sql, some.flat());
  }
}

/** A failure of a store, in our words. */
export function storeError(location: string, cause: unknown): ServiceError {
  return new ServiceError('STORE_FAILED', `the anomaly store ${location} failed: ${(cause as Error).message}`, {
    cause,
  });
}

/** A number that both databases take for a whole one of 64 bits. */
export function whole(value: number): number {
  return Math.ceil(Math.min(Math.max(value, Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER));
}

export function numberOrNull(value: SqlValue | undefined): number | null {
  return value == null ? null : Number(value);
}

export function textOrNull(value: SqlValue | undefined): string | null {
  return value == null ? null : String(value);
}
