/** A value that goes into a statement or comes out of a row; PostgreSQL gives whole numbers of 64 bits as text. */
export type SqlValue = string | number | bigint | null | Uint8Array;
export type SqlRow = Readonly<Record<string, SqlValue>>;

/** Statements within one transaction; their values are `?1`, `?2`, … in the text. */
export interface SqlSession {
  query(sql: string, values?: readonly SqlValue[]): Promise<readonly SqlRow[]>;
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
   * Runs `work` as a whole or not at all. Those that write wait for one another; whatever `work` throws undoes it.
   *
   * @param write whether it may write; one that only reads may run beside others.
   */
  transaction<Result>(write: boolean, work: (session: SqlSession) => Promise<Result>): Promise<Result>;
  /** What the whole store takes, in bytes. */
  sizeBytes(): Promise<number>;
  /** Gives the room of removed rows back. */
  shrink(): Promise<void>;
  /** Frees what is held; may be called twice. */
  close(): Promise<void>;
}
