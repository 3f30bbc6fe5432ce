/**
 * Everything that `@edgewood/logs` can find wrong with the world.
 *
 * | code | meaning |
 * | --- | --- |
 * | `BAD_CONNECTION` | the connection settings (URL, `PG*` variables) cannot be understood |
 * | `SOURCE_UNREACHABLE` | the source cannot be reached, or was lost while reading: worth another try |
 * | `SOURCE_REFUSED` | the source answers but does not let this role in, or read: somebody must grant something |
 * | `SOURCE_MISMATCH` | the source has no such database, table or column, or a column of a wrong type |
 * | `BAD_MAPPING` | the settings name a table, a column or a time zone that cannot be |
 * | `BAD_TIME` | a text is no time, or a name no time zone |
 * | `BAD_SPAN` | a span does not end after its start |
 * | `TIMES_APART` | a log has years without an entry: many of its entries have the time of a wrong clock |
 * | `CSV_EMPTY` | a CSV without even a header |
 * | `CSV_COLUMN_MISSING` | the header lacks a column that is needed |
 * | `CSV_MALFORMED` | not RFC 4180, or a row of another length than the header |
 * | `FILE_UNREADABLE`, `FILE_UNWRITABLE` | a file cannot be read, or written (full disk included) |
 * | `ABORTED` | the caller's signal ended the work |
 */
export type LogErrorCode =
  | 'BAD_CONNECTION'
  | 'SOURCE_UNREACHABLE'
  | 'SOURCE_MISMATCH'
  | 'SOURCE_REFUSED'
  | 'BAD_MAPPING'
  | 'BAD_TIME'
  | 'BAD_SPAN'
  | 'TIMES_APART'
  | 'CSV_EMPTY'
  | 'CSV_COLUMN_MISSING'
  | 'CSV_MALFORMED'
  | 'FILE_UNREADABLE'
  | 'FILE_UNWRITABLE'
  | 'ABORTED';

/** An error of the world (not of this code): a sentence that says what was seen and what is allowed, and a code. */
export class LogError extends Error {
  override readonly name = 'LogError';
  readonly code: LogErrorCode;

  constructor(code: LogErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
