import { LogError } from '../errors.ts';
import { LOG_COLUMNS } from '../log-columns.ts';
import { parseLogCsv } from '../log-csv.ts';
import type { LogEntry } from '../log-entry.ts';
import type { EntryCount, LogQuery, LogSource, LogSourceReport } from '../log-source.ts';

/** Entries a piece: few, so that those who read meet several pieces. */
const ENTRIES_PER_PIECE = 100;

/** A source of entries kept in an array, which a test may add to at any time; entries of one time keep their order. */
export class MemoryLogSource implements LogSource {
  readonly location = 'memory';
  readonly entries: LogEntry[];
  /** If set, every call that reads fails with it: a source that is away. */
  failure: LogError | undefined;

  constructor(entries: readonly LogEntry[] = []) {
    this.entries = [...entries];
  }

  async *readCsv(query: LogQuery, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    const found = this.#find(query);
    yield Buffer.from(`${LOG_COLUMNS.join(',')}\n`);
    for (let at = 0; at < found.length; at += ENTRIES_PER_PIECE) {
      this.#failIfAborted(signal);
      yield Buffer.from(
        found
          .slice(at, at + ENTRIES_PER_PIECE)
          .map(csvRow)
          .join(''),
      );
    }
    this.#failIfAborted(signal);
  }

  read(query: LogQuery, signal?: AbortSignal): AsyncGenerator<readonly LogEntry[]> {
    return parseLogCsv(this.readCsv(query, signal));
  }

  async countEntries(query: LogQuery, windowMs: number): Promise<readonly EntryCount[]> {
    const counts = new Map<string, EntryCount>();
    for (const { timeMs, deviceId } of this.#find(query)) {
      const fromMs = Math.floor(timeMs / windowMs) * windowMs;
      const key = `${fromMs} ${deviceId}`;
      counts.set(key, { fromMs, deviceId, entries: 1 + (counts.get(key)?.entries ?? 0) });
    }
    return [...counts.values()];
  }

  async estimateRows(query: LogQuery): Promise<number> {
    return this.#find(query).length;
  }

  async check(): Promise<LogSourceReport> {
    if (this.failure !== undefined) throw this.failure;
    const newestMs = this.entries.at(-1)?.timeMs;
    return { description: `${this.entries.length} entries in memory`, warnings: [], newestMs };
  }

  async close(): Promise<void> {}

  #find({ span, programs }: LogQuery): LogEntry[] {
    if (this.failure !== undefined) throw this.failure;
    return this.entries
      .filter(({ timeMs }) => timeMs >= span.fromMs && timeMs < span.toMs)
      .filter(({ program }) => programs === 'all' || programs.includes(program))
      .sort((a, b) => a.timeMs - b.timeMs);
  }

  #failIfAborted(signal: AbortSignal | undefined): void {
    if (signal?.aborted) throw new LogError('ABORTED', 'reading from memory was aborted', { cause: signal.reason });
  }
}

/** One row of a CSV of log entries, as PostgreSQL prints it. */
export function csvRow({ timeMs, deviceId, program, level, message }: LogEntry): string {
  const time = new Date(timeMs).toISOString().replace('T', ' ').replace('Z', '+00');
  return `${[time, deviceId, program, level, message].map(csvField).join(',')}\n`;
}

function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
