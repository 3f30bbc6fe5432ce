import { CsvScanner } from './csv-scanner.ts';
import { LogError } from './errors.ts';
import { LOG_COLUMNS } from './log-columns.ts';
import { TimeZone } from './time-zone.ts';
import { TimestampReader } from './timestamp-reader.ts';

const DAY_MS = 86_400_000;

/** The sum of a CSV as {@link LogSource.readCsv} prints it, taken while its bytes pass on their way to somewhere. */
export class LogCsvTally {
  /** Entries so far. */
  rows = 0;
  /** Time of the first and of the last entry, in Unix milliseconds. */
  firstMs: number | undefined;
  lastMs: number | undefined;

  readonly #scanner = new CsvScanner();
  readonly #timestamps = new TimestampReader(TimeZone.utc);
  readonly #rowsByDay = new Map<number, number>();
  #headerPassed = false;

  /** @throws {LogError} `CSV_MALFORMED`, `BAD_TIME`: what passes is no CSV of log entries. */
  add(piece: Uint8Array): void {
    this.#scanner.push(piece);
    this.#takeRecords();
  }

  /** Says that all bytes have passed. Throws like {@link add}, and `CSV_EMPTY` if there was no header. */
  finish(): void {
    this.#scanner.finish();
    this.#takeRecords();
    if (!this.#headerPassed) throw new LogError('CSV_EMPTY', 'the source gave nothing, not even a header');
  }

  /** Entries of each UTC day that has any, by its date: `2025-05-01`. */
  rowsPerDay(): Record<string, number> {
    const days = [...this.#rowsByDay].sort(([a], [b]) => a - b);
    return Object.fromEntries(days.map(([day, rows]) => [new Date(day * DAY_MS).toISOString().slice(0, 10), rows]));
  }

  #takeRecords(): void {
    const scanner = this.#scanner;
    while (scanner.next()) {
      if (scanner.fieldCount !== LOG_COLUMNS.length) {
        throw new LogError(
          'CSV_MALFORMED',
          `line ${scanner.line}: ${scanner.fieldCount} fields, expected ${LOG_COLUMNS.length}`,
        );
      }
      if (this.#headerPassed) this.#count();
      this.#headerPassed = true;
    }
  }

  #count(): void {
    const scanner = this.#scanner;
    const timeMs = this.#timestamps.read(scanner.bytes, scanner.start(0), scanner.end(0));
    if (timeMs === undefined)
      throw new LogError('BAD_TIME', `line ${scanner.line}: '${scanner.text(0)}' is no timestamp`);
    this.rows++;
    this.firstMs ??= timeMs;
    this.lastMs = timeMs;
    const day = Math.floor(timeMs / DAY_MS);
    this.#rowsByDay.set(day, (this.#rowsByDay.get(day) ?? 0) + 1);
  }
}
