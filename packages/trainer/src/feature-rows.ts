import { type FeatureExtractor, tumblingWindows, wholeWindows } from '@edgewood/features';
import type { LogEntry } from '@edgewood/logs';

/** One window as training sees it. */
export interface FeatureRow {
  readonly fromMs: number;
  /** `null` if windows hold all devices. */
  readonly deviceId: string | null;
  /** Shape `(extractor.names.length,)`. */
  readonly vector: Float64Array;
}

/** Which part of a log becomes rows. Bounds that are missing are those of the log itself. */
export interface RowSelection {
  /** Entries of other programs are passed over. */
  readonly programs: readonly string[];
  /** Unix milliseconds UTC; entries before it are passed over. */
  readonly fromMs?: number | undefined;
  /** Unix milliseconds UTC; entries at or after it are passed over. */
  readonly toMs?: number | undefined;
}

/** Counts what went into the rows while they are read. */
export interface RowCount {
  entries: number;
  rows: number;
}

/**
 * Extracts the feature table of a log: the rows of a slot of time together, oldest slot first, then by device.
 *
 * Memory is that of one slot. Windows that a bound cuts are left out: half a window would look like silence.
 *
 * @param chunks entries in order of time.
 * @param count is kept up to date with every row yielded.
 * @throws {FeatureError} `ENTRY_MISPLACED` if the entries are not in order of time.
 */
export async function* featureRows(
  chunks: AsyncIterable<readonly LogEntry[]>,
  extractor: FeatureExtractor,
  selection: RowSelection,
  count: RowCount = { entries: 0, rows: 0 },
): AsyncGenerator<FeatureRow> {
  const { windowMs, groupBy } = extractor;
  const { fromMs = Number.NEGATIVE_INFINITY, toMs = Number.POSITIVE_INFINITY } = selection;
  const bounds = wholeWindows({ fromMs, toMs }, windowMs);
  const span = selection.fromMs !== undefined && selection.toMs !== undefined ? bounds : undefined;
  const programs = new Set(selection.programs);
  const chosen = (entry: LogEntry) =>
    programs.has(entry.program) && entry.timeMs >= bounds.fromMs && entry.timeMs < bounds.toMs;

  for await (const slot of tumblingWindows(filterChunks(chunks, chosen), span, { windowMs, groupBy })) {
    for (const window of slot) {
      count.entries += window.entries.length;
      count.rows += 1;
      yield { fromMs: window.fromMs, deviceId: window.deviceId, vector: extractor.extract(window) };
    }
  }
}

async function* filterChunks(
  chunks: AsyncIterable<readonly LogEntry[]>,
  chosen: (entry: LogEntry) => boolean,
): AsyncGenerator<readonly LogEntry[]> {
  for await (const chunk of chunks) yield chunk.filter(chosen);
}
