import { inTimeOrder, type LogEntry } from '@edgewood/logs';

/** Which part of a log is read. Bounds that are missing are those of the log itself. */
export interface EntrySelection {
  /** Entries of other programs are passed over. */
  readonly programs: readonly string[];
  /** Unix milliseconds UTC; entries before it are passed over. */
  readonly fromMs?: number | undefined;
  /** Unix milliseconds UTC; entries at or after it are passed over. */
  readonly toMs?: number | undefined;
}

/**
 * The chosen entries of a log in order of time, as `inTimeOrder` puts them.
 *
 * @param chunks entries as they came.
 * @param onLate is told how many chosen entries are passed over because they came too late to be put in order.
 */
export function chosenEntries(
  chunks: AsyncIterable<readonly LogEntry[]>,
  { programs, fromMs = Number.NEGATIVE_INFINITY, toMs = Number.POSITIVE_INFINITY }: EntrySelection,
  onLate?: (entries: number) => void,
): AsyncGenerator<readonly LogEntry[]> {
  const wanted = new Set(programs);
  const isChosen = (entry: LogEntry) => wanted.has(entry.program) && entry.timeMs >= fromMs && entry.timeMs < toMs;
  return inTimeOrder(filterChunks(chunks, isChosen), { onLate });
}

async function* filterChunks(
  chunks: AsyncIterable<readonly LogEntry[]>,
  isChosen: (entry: LogEntry) => boolean,
): AsyncGenerator<readonly LogEntry[]> {
  for await (const chunk of chunks) yield chunk.filter(isChosen);
}
