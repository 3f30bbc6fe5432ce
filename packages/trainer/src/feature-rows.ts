import { type FeatureExtractor, tumblingWindows, wholeWindows } from '@edgewood/features';
import type { LogEntry } from '@edgewood/logs';
import { chosenEntries, type EntrySelection } from './chosen-entries.ts';

/** One window as training sees it. */
export interface FeatureRow {
  readonly fromMs: number;
  /** `null` if windows hold all devices. */
  readonly deviceId: string | null;
  /** Shape `(extractor.names.length,)`. */
  readonly vector: Float64Array;
}

/** Counts what went into the rows while they are read. */
export interface RowCount {
  entries: number;
  rows: number;
  /** Entries that were passed over because they came too late to be put in order. */
  late: number;
}

/** Nothing has been counted yet. */
export function newRowCount(): RowCount {
  return { entries: 0, rows: 0, late: 0 };
}

/**
 * Extracts the feature table of a log: the rows of a slot of time together, oldest slot first, then by device.
 *
 * Memory is that of one slot, and of the entries that wait to be put in order. Windows that a bound cuts are left out: half
 * a window would look like silence.
 *
 * @param chunks entries as they came; `inTimeOrder` says what comes too late.
 * @param count is kept up to date with every row yielded.
 * @param onEntries is shown the chosen entries in order of time, before their rows are yielded.
 */
export async function* featureRows(
  chunks: AsyncIterable<readonly LogEntry[]>,
  extractor: FeatureExtractor,
  selection: EntrySelection,
  count: RowCount = newRowCount(),
  onEntries: (entries: readonly LogEntry[]) => void = () => undefined,
): AsyncGenerator<FeatureRow> {
  const { windowMs, groupBy } = extractor;
  const { programs, fromMs = Number.NEGATIVE_INFINITY, toMs = Number.POSITIVE_INFINITY } = selection;
  const bounds = wholeWindows({ fromMs, toMs }, windowMs);
  const span = selection.fromMs !== undefined && selection.toMs !== undefined ? bounds : undefined;
  const entries = chosenEntries(chunks, { programs, ...bounds }, (late) => {
    count.late += late;
  });
  const shown = (async function* () {
    for await (const chunk of entries) {
      onEntries(chunk);
      yield chunk;
    }
  })();

  for await (const slot of tumblingWindows(shown, span, { windowMs, groupBy })) {
    for (const window of slot) {
      count.entries += window.entries.length;
      count.rows += 1;
      yield { fromMs: window.fromMs, deviceId: window.deviceId, vector: extractor.extract(window) };
    }
  }
}
