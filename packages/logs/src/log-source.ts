import type { LogEntry, TimeSpan } from './log-entry.ts';

/** Which entries: those of a span, of all programs or of the ones named (matched exactly). */
export interface LogQuery {
  readonly span: TimeSpan;
  readonly programs: readonly string[] | 'all';
}

/** How many entries one device has in one window, `[fromMs, fromMs + windowMs)`; never 0. */
export interface EntryCount {
  readonly fromMs: number;
  readonly deviceId: string;
  readonly entries: number;
}

/** What can be said of a source before anything is read from it. */
export interface LogSourceReport {
  /** For people: server version, table, how its columns were mapped. */
  readonly description: string;
  /** What deserves attention, a sentence each: a role that could write, no index on the time column, … */
  readonly warnings: readonly string[];
  /**
   * Time of the newest entries, Unix milliseconds: of the last hundred that came the one in the middle, so that a device
   * with a wrong clock does not count. Undefined if there are none, or finding them takes too long.
   */
  readonly newestMs: number | undefined;
}

/**
 * Where log entries come from.
 *
 * Both ways to read give the same entries in the same order (time, then id): `readCsv` is what an export stores, `read` is
 * the same text parsed, so that training and production see equal input. Memory does not grow with the span.
 *
 * @throws {LogError} from every method that reads: `SOURCE_UNREACHABLE` (also if it is lost while reading),
 *   `SOURCE_MISMATCH` (no such table or column), `SOURCE_REFUSED` (role without SELECT), `BAD_MAPPING`, `ABORTED` (the
 *   signal came, or the source was closed).
 */
export interface LogSource {
  /** For people and logs, without secrets: `postgresql://reader@db:5432/logs, table log_entries`. */
  readonly location: string;
  /**
   * RFC 4180 text in UTF-8, in pieces that end anywhere; first the header `timestamp,device_id,program,log_level,message`.
   * Times are in UTC, `2025-05-01 00:00:05.123456+00`, as precise as the source has them. Leaving the loop early frees
   * what it held.
   */
  readCsv(query: LogQuery, signal?: AbortSignal): AsyncIterable<Uint8Array>;
  /** The entries, in chunks of any size but never empty ones. */
  read(query: LogQuery, signal?: AbortSignal): AsyncIterable<readonly LogEntry[]>;
  /**
   * How many entries there are, by window and device, in any order: far cheaper than reading them.
   *
   * @param windowMs whole seconds; windows begin at multiples of it since the Unix epoch.
   */
  countEntries(query: LogQuery, windowMs: number, signal?: AbortSignal): Promise<readonly EntryCount[]>;
  /** About how many entries there are, from the planner's statistics; for progress only. */
  estimateRows(query: LogQuery, signal?: AbortSignal): Promise<number>;
  /** Finds out whether it can be read, and what deserves attention; throws what reading would throw. */
  check(signal?: AbortSignal): Promise<LogSourceReport>;
  /** Ends what is being read, and frees what is held; may be called twice. */
  close(): Promise<void>;
}
