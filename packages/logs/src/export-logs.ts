/** The export: entries of a span become a CSV file, and beside it a manifest that says what the file holds. */
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { LogCsvTally } from './log-csv-tally.ts';
import type { LogQuery, LogSource } from './log-source.ts';
import { PendingFile } from './pending-file.ts';

/** What an exported file holds and how to check it: the content of `<file>.manifest.json`. Times are ISO 8601 in UTC. */
export interface ExportManifest {
  readonly schema_version: 1;
  /** Name of the CSV file, without its folder. */
  readonly file: string;
  readonly size_bytes: number;
  readonly sha256: string;
  /** The span that was asked for, half-open: its end is not in it. */
  readonly span: { readonly from: string; readonly to: string };
  readonly programs: readonly string[] | 'all';
  readonly rows: number;
  /** Of the first and the last entry; null if there is none. */
  readonly first_timestamp: string | null;
  readonly last_timestamp: string | null;
  /** Entries of each UTC day that has any, by its date. A day that is missing here may be a day the logs stopped. */
  readonly rows_per_day: Readonly<Record<string, number>>;
  /** Where the entries come from, without secrets. */
  readonly source: string;
  /** The program that exported, with its version. */
  readonly software: string;
  readonly exported_at: string;
}

export interface ExportProgress {
  readonly rows: number;
  readonly bytes: number;
}

export interface ExportOptions {
  /** Called as pieces are written, some hundred entries each. */
  readonly onProgress?: (progress: ExportProgress) => void;
  readonly signal?: AbortSignal;
  /** For the manifest: `edgewood 0.1.0`. */
  readonly software?: string;
  /** Unix milliseconds, for the manifest. */
  readonly now?: () => number;
}

/** Path of the manifest of an exported file. */
export function manifestPathOf(outputFile: string): string {
  return `${outputFile}.manifest.json`;
}

/**
 * Exports the entries of the query to `outputFile`, and writes the manifest beside it.
 *
 * Both files appear only when everything is written and safe on the disk, the CSV first. If anything fails before, or the
 * signal comes, nothing of this export is left and an earlier one of that name stays as it was.
 *
 * @throws {LogError} what the source throws; `FILE_UNWRITABLE` (full disk included), `ABORTED`.
 */
export async function exportLogs(
  source: LogSource,
  query: LogQuery,
  outputFile: string,
  options: ExportOptions = {},
): Promise<ExportManifest> {
  const csv = await PendingFile.create(outputFile);
  try {
    const content = await writeCsv(csv, source.readCsv(query, options.signal), options.onProgress);
    const manifest: ExportManifest = {
      schema_version: 1,
      file: basename(outputFile),
      ...content,
      span: { from: isoOf(query.span.fromMs), to: isoOf(query.span.toMs) },
      programs: query.programs,
      source: source.location,
      software: options.software ?? 'edgewood',
      exported_at: isoOf((options.now ?? Date.now)()),
    };
    await commitWithManifest(csv, manifest, manifestPathOf(outputFile));
    return manifest;
  } finally {
    await csv.discard();
  }
}

type Content = Pick<
  ExportManifest,
  'size_bytes' | 'sha256' | 'rows' | 'first_timestamp' | 'last_timestamp' | 'rows_per_day'
>;

async function writeCsv(
  file: PendingFile,
  pieces: AsyncIterable<Uint8Array>,
  onProgress: ExportOptions['onProgress'],
): Promise<Content> {
  const tally = new LogCsvTally();
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const piece of pieces) {
    tally.add(piece);
    hash.update(piece);
    bytes += piece.length;
    await file.write(piece);
    onProgress?.({ rows: tally.rows, bytes });
  }
  tally.finish();
  await file.complete();
  return {
    size_bytes: bytes,
    sha256: hash.digest('hex'),
    rows: tally.rows,
    first_timestamp: tally.firstMs === undefined ? null : isoOf(tally.firstMs),
    last_timestamp: tally.lastMs === undefined ? null : isoOf(tally.lastMs),
    rows_per_day: tally.rowsPerDay(),
  };
}

/** Commits only when both are complete: what can fail on a full disk has then been done. */
async function commitWithManifest(csv: PendingFile, manifest: ExportManifest, path: string): Promise<void> {
  const file = await PendingFile.create(path);
  try {
    await file.write(Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`));
    await file.complete();
    await csv.commit();
    await file.commit();
  } finally {
    await file.discard();
  }
}

function isoOf(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
