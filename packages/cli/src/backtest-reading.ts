import { LOOK_BACK_MS } from '@edgewood/detection';
import { type LogEntry, readLogCsv } from '@edgewood/logs';
import { interruption, UsageError } from './failure.ts';
import { openLogDatabase } from './log-database.ts';
import { printLine, printWarning } from './terminal.ts';
import type { Bounds } from './time-bounds.ts';

export interface ReadingOptions extends Bounds {
  /** A CSV; left out, the database. */
  readonly inputFile?: string | undefined;
  /** Where the database and its column mapping stand. */
  readonly config?: string | undefined;
  readonly timeZone: string;
  /** Entries of other programs are not asked of a database. */
  readonly programs: readonly string[];
}

/**
 * The entries to replay, from a CSV or from the database: read only, in one transaction that cannot write. Of a database
 * the days that detectors look back at are read too.
 *
 * @throws {UsageError} if neither a file nor the span to read from a database is given.
 * @throws {LogError}
 */
export function readForBacktest(options: ReadingOptions): AsyncIterable<readonly LogEntry[]> {
  const { inputFile, config, timeZone, fromMs, toMs, programs } = options;
  if (inputFile !== undefined) {
    if (config === undefined) return readLogCsv(inputFile, { timeZone });
    throw new UsageError(
      '--input-file and --config exclude each other: logs are read from a file or from the database',
    );
  }
  if (fromMs !== undefined && toMs !== undefined) {
    return readDatabase(config, { span: { fromMs: fromMs - LOOK_BACK_MS, toMs }, programs });
  }
  throw new UsageError('give --input-file, or both --start-date and --end-date to read from the database');
}

async function* readDatabase(
  config: string | undefined,
  query: { readonly span: { readonly fromMs: number; readonly toMs: number }; readonly programs: readonly string[] },
): AsyncGenerator<readonly LogEntry[]> {
  const signal = interruption();
  const source = await openLogDatabase(config);
  try {
    const { description, warnings } = await source.check(signal);
    printLine(description);
    for (const warning of warnings) printWarning(warning);
    yield* source.read(query, signal);
  } finally {
    await source.close();
  }
}
