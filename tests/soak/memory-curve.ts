import type { SoakReport } from './run-soak.ts';
import type { SoakHour } from './soak-service.ts';

/** Rows of the table; more hours are put together. */
const ROWS = 28;
const BAR_LENGTH = 30;
/** So many parts a soak is divided into: of a week, its days. */
const PARTS = 7;

/** What the second seventh of a soak held, and what its last one did: medians. */
export interface Growth {
  readonly before: number;
  readonly after: number;
}

/** The first seventh is left out: programs grow until they have done everything once. */
export function growthOf(hours: readonly SoakHour[], of: (hour: SoakHour) => number): Growth {
  const length = Math.ceil(hours.length / PARTS);
  return {
    before: median(hours.slice(length, 2 * length).map(of)),
    after: median(hours.slice(-length).map(of)),
  };
}

/** A table of what was held over time, with a bar for the resident memory; each row is the last hour of its span. */
export function formatCurve(hours: readonly SoakHour[]): string {
  const step = Math.ceil(hours.length / ROWS);
  const most = Math.max(...hours.map(({ rssBytes }) => rssBytes));
  const rows = hours
    .filter((_, at) => (at + 1) % step === 0)
    .map((hour) => [
      `${hour.hour} h`.padStart(6),
      megabytes(hour.rssBytes),
      megabytes(hour.heapBytes),
      megabytes(hour.externalBytes),
      megabytes(hour.storeBytes),
      String(hour.files).padStart(5),
      String(hour.handles).padStart(7),
      '█'.repeat(Math.round((BAR_LENGTH * hour.rssBytes) / most)),
    ]);
  const head = ['  time', '  RSS MB', ' heap MB', 'other MB', 'store MB', 'files', 'handles', 'RSS'];
  return [head, ...rows].map((row) => row.join('  ')).join('\n');
}

/** What happened in a soak, and what memory came to, on one line. */
export function formatSummary({ hours, clients }: SoakReport): string {
  const last = hours.at(-1);
  const rss = growthOf(hours, ({ rssBytes }) => rssBytes);
  return (
    `soak: ${last?.hour} h, ${last?.windows} windows each once, ${last?.anomalies} anomalies, ${last?.lateSlots} slots ` +
    `again for late entries, ${last?.modelSwitches} models loaded, ${last?.sourceFailures} failures of the source, ` +
    `${last?.prunedRows} rows removed; ${clients.questions} questions, ${clients.streams} event streams with ` +
    `${clients.changes} changes; RSS ${megabytes(rss.before).trim()} -> ${megabytes(rss.after).trim()} MB`
  );
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1).padStart(8);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
