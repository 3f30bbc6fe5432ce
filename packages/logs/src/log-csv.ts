/**
 * Log entries in CSV: RFC 4180 in UTF-8 with a header whose names decide where things stand, so that a file of our own
 * export, one of `psql \copy` and one of pandas are read alike.
 *
 * Bytes are looked at once, and become text only in the five columns that an entry is made of.
 */
import { open } from 'node:fs/promises';
import { CsvScanner } from './csv-scanner.ts';
import { LogError } from './errors.ts';
import { LOG_COLUMN_NAMES, LOG_COLUMNS, type LogColumn } from './log-columns.ts';
import type { LogEntry } from './log-entry.ts';
import { withoutSyslogHeader } from './syslog-header.ts';
import { TextCache } from './text-cache.ts';
import { TimeZone } from './time-zone.ts';
import { TimestampReader } from './timestamp-reader.ts';

/** How many bytes of a piece are looked at in one go, and read from a file: a chunk's size depends on it. */
const SLICE_BYTES = 256 * 1024;

export interface LogCsvOptions {
  /** IANA name of the zone of timestamps that name none; UTC if it is left out. */
  readonly timeZone?: string;
}

/**
 * Reads the entries of a CSV, in the order they have there, in chunks that are never empty.
 *
 * Columns may stand in any order and further ones are passed over; needed are `timestamp`, `device_id`, `program` (or
 * `process_name`), `log_level` (or `level`, `severity`) and `message`, which may have syslog's header. Timestamps are ISO 8601 or PostgreSQL's output.
 * Memory does not grow with the length of the text.
 *
 * @param pieces of the text, cut anywhere.
 * @throws {LogError} `CSV_EMPTY`, `CSV_COLUMN_MISSING`, `CSV_MALFORMED`, `BAD_TIME` (also for an unknown `timeZone`),
 *   with the line.
 */
export async function* parseLogCsv(
  pieces: AsyncIterable<Uint8Array>,
  options: LogCsvOptions = {},
): AsyncGenerator<readonly LogEntry[]> {
  const reader = new LogCsvReader(TimeZone.named(options.timeZone ?? 'UTC'));
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length; at += SLICE_BYTES) {
      const entries = reader.read(piece.subarray(at, at + SLICE_BYTES));
      if (entries.length > 0) yield entries;
    }
  }
  const last = reader.finish();
  if (last.length > 0) yield last;
}

/**
 * Reads the entries of a CSV file: {@link parseLogCsv} over its bytes.
 *
 * @throws {LogError} `FILE_UNREADABLE`, and what `parseLogCsv` throws, with the file's name in front.
 */
export async function* readLogCsv(path: string, options: LogCsvOptions = {}): AsyncGenerator<readonly LogEntry[]> {
  try {
    yield* parseLogCsv(readFileBytes(path), options);
  } catch (error) {
    if (!(error instanceof LogError) || error.code === 'FILE_UNREADABLE') throw error;
    throw new LogError(error.code, `${path}: ${error.message}`, { cause: error });
  }
}

/** The bytes of a file, in pieces; each one is overwritten when the next is asked for. */
async function* readFileBytes(path: string): AsyncGenerator<Uint8Array> {
  const unreadable = (cause: unknown) =>
    new LogError('FILE_UNREADABLE', `cannot read ${path}: ${(cause as Error).message}`, { cause });
  const file = await open(path, 'r').catch((error: unknown) => Promise.reject(unreadable(error)));
  try {
    const buffer = Buffer.allocUnsafeSlow(SLICE_BYTES);
    for (;;) {
      const { bytesRead } = await file.read(buffer).catch((error: unknown) => Promise.reject(unreadable(error)));
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

/** Turns pieces of one CSV into entries; knows the columns once the header has passed. */
class LogCsvReader {
  readonly #scanner = new CsvScanner();
  readonly #texts = new TextCache();
  readonly #timestamps: TimestampReader;
  #header: Header | undefined;

  constructor(zone: TimeZone) {
    this.#timestamps = new TimestampReader(zone);
  }

  /** The entries that are complete with this piece. */
  read(piece: Uint8Array): LogEntry[] {
    this.#scanner.push(piece);
    return this.#entries();
  }

  /** The entry that the end of the text completes, if there is one. */
  finish(): LogEntry[] {
    this.#scanner.finish();
    const entries = this.#entries();
    if (this.#header === undefined)
      throw new LogError('CSV_EMPTY', 'a CSV of log entries needs a header, this one is empty');
    return entries;
  }

  #entries(): LogEntry[] {
    const scanner = this.#scanner;
    const entries: LogEntry[] = [];
    while (scanner.next()) {
      if (this.#header === undefined) this.#header = headerOf(scanner);
      else entries.push(this.#entry(this.#header));
    }
    return entries;
  }

  #entry(header: Header): LogEntry {
    const scanner = this.#scanner;
    if (scanner.fieldCount !== header.fieldCount) throw raggedRow(scanner, header);
    const { timestamp, device_id, program, log_level, message } = header.places;
    const timeMs = this.#timestamps.read(scanner.bytes, scanner.start(timestamp), scanner.end(timestamp));
    if (timeMs === undefined) throw badTime(scanner, timestamp);
    const programName = this.#sharedText(program);
    return {
      timeMs,
      deviceId: this.#sharedText(device_id),
      program: programName,
      level: this.#sharedText(log_level),
      message: withoutSyslogHeader(scanner.text(message), programName),
    };
  }

  #sharedText(field: number): string {
    const scanner = this.#scanner;
    if (scanner.hasDoubledQuotes(field)) return scanner.text(field);
    return this.#texts.text(scanner.bytes, scanner.start(field), scanner.end(field));
  }
}

interface Header {
  readonly fieldCount: number;
  readonly places: Readonly<Record<LogColumn, number>>;
}

function headerOf(scanner: CsvScanner): Header {
  const names = Array.from({ length: scanner.fieldCount }, (_, field) => scanner.text(field).trim());
  const places = LOG_COLUMNS.map((column) => [column, placeOf(column, names)] as const);
  const missing = places.filter(([, place]) => place === -1).map(([column]) => LOG_COLUMN_NAMES[column].join(' or '));
  if (missing.length > 0) {
    throw new LogError('CSV_COLUMN_MISSING', `the header lacks ${missing.join(', ')}; it has ${names.join(', ')}`);
  }
  return { fieldCount: names.length, places: Object.fromEntries(places) as Record<LogColumn, number> };
}

function placeOf(column: LogColumn, names: readonly string[]): number {
  const name = LOG_COLUMN_NAMES[column].find((candidate) => names.includes(candidate));
  if (name === undefined) return -1;
  if (names.indexOf(name) === names.lastIndexOf(name)) return names.indexOf(name);
  throw new LogError('CSV_MALFORMED', `the header has ${name} twice`);
}

function raggedRow(scanner: CsvScanner, header: Header): LogError {
  const { line, fieldCount } = scanner;
  return new LogError(
    'CSV_MALFORMED',
    `line ${line}: ${fieldCount} ${fieldCount === 1 ? 'field' : 'fields'}, the header has ${header.fieldCount}`,
  );
}

function badTime(scanner: CsvScanner, field: number): LogError {
  const text = scanner.text(field).slice(0, 80);
  const expected = 'expected one like 2025-05-01 00:00:05.123456+00';
  return new LogError('BAD_TIME', `line ${scanner.line}: '${text}' is no timestamp; ${expected}`);
}
