import {
  type EntryCount,
  LOG_COLUMNS,
  type LogEntry,
  LogError,
  type LogQuery,
  type LogSource,
  type LogSourceReport,
  parseLogCsv,
} from '@edgewood/logs';
import { csvRow } from '../../packages/logs/src/testing/memory-log-source.ts';
import type { Clock } from '../../packages/service/src/clock.ts';
import { entriesOf, WINDOW_MS, windowOf } from './generated-log.ts';

const MINUTE_MS = 60_000;
/** The source is away for ten minutes, once in so long. */
const AWAY = { everyMs: 7 * 60 * MINUTE_MS, fromMs: 5 * 60 * MINUTE_MS, lengthMs: 10 * MINUTE_MS };
/** What is read of every so many windows breaks off in the middle, the first time. */
const BREAKS_EVERY = 53;

/** The generated log as a source that has, at any time of a clock, what has arrived by then; and that fails now and then, if it is to. */
export class GeneratedLogSource implements LogSource {
  readonly location = 'generated';
  readonly #clock: Pick<Clock, 'nowMs'>;
  readonly #fails: boolean;
  #failures = 0;
  /** The newest window at which reading broke off. */
  #brokenAt = -1;

  /** @param options.fails whether it fails now and then; true by default. */
  constructor(clock: Pick<Clock, 'nowMs'>, { fails = true }: { fails?: boolean } = {}) {
    this.#clock = clock;
    this.#fails = fails;
  }

  /** How often a question was not answered, or not to its end. */
  get failures(): number {
    return this.#failures;
  }

  async *readCsv(query: LogQuery, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    yield Buffer.from(`${LOG_COLUMNS.join(',')}\n`);
    for (let n = windowOf(query.span.fromMs); n <= windowOf(query.span.toMs); n += 1) {
      this.#failIfAway();
      if (signal?.aborted) throw new LogError('ABORTED', 'reading was aborted', { cause: signal.reason });
      const found = this.#find(n, query);
      if (found.length > 0) yield Buffer.from(found.map(csvRow).join(''));
      this.#breakOff(n);
      await new Promise((resolve) => setImmediate(resolve)); // as a network would: others have their turn
    }
  }

  read(query: LogQuery, signal?: AbortSignal): AsyncGenerator<readonly LogEntry[]> {
    return parseLogCsv(this.readCsv(query, signal));
  }

  async countEntries(query: LogQuery, windowMs: number): Promise<readonly EntryCount[]> {
    this.#failIfAway();
    const counts = new Map<string, EntryCount>();
    for (let n = windowOf(query.span.fromMs); n <= windowOf(query.span.toMs); n += 1) {
      for (const { timeMs, deviceId } of this.#find(n, query)) {
        const fromMs = Math.floor(timeMs / windowMs) * windowMs;
        const key = `${fromMs} ${deviceId}`;
        counts.set(key, { fromMs, deviceId, entries: 1 + (counts.get(key)?.entries ?? 0) });
      }
    }
    return [...counts.values()];
  }

  async estimateRows({ span }: LogQuery): Promise<number> {
    return Math.max(0, span.toMs - span.fromMs) / WINDOW_MS;
  }

  async check(): Promise<LogSourceReport> {
    return { description: 'a generated log', warnings: [], newestMs: this.#clock.nowMs() };
  }

  async close(): Promise<void> {}

  #find(n: number, { span, programs }: LogQuery): LogEntry[] {
    const nowMs = this.#clock.nowMs();
    return entriesOf(n)
      .filter(({ arrivesMs }) => arrivesMs <= nowMs)
      .map(({ entry }) => entry)
      .filter(({ timeMs }) => timeMs >= span.fromMs && timeMs < span.toMs)
      .filter(({ program }) => programs === 'all' || programs.includes(program));
  }

  #failIfAway(): void {
    const intoMs = this.#clock.nowMs() % AWAY.everyMs;
    if (!this.#fails || intoMs < AWAY.fromMs || intoMs >= AWAY.fromMs + AWAY.lengthMs) return;
    this.#failures += 1;
    throw new LogError('SOURCE_UNREACHABLE', 'the generated log is away');
  }

  #breakOff(n: number): void {
    if (!this.#fails || n <= this.#brokenAt || n % BREAKS_EVERY !== BREAKS_EVERY - 1) return;
    this.#brokenAt = n;
    this.#failures += 1;
    throw new LogError('SOURCE_UNREACHABLE', `reading broke off at window ${n}`);
  }
}
