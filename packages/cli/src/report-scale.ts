const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
/** Steps between marks of time. */
const STEPS_MS = [
  HOUR_MS / 12,
  HOUR_MS / 2,
  HOUR_MS,
  3 * HOUR_MS,
  6 * HOUR_MS,
  DAY_MS / 2,
  DAY_MS,
  2 * DAY_MS,
  7 * DAY_MS,
];
const MOST_MARKS = 8;

export interface TimeSpanMs {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface TimeMark {
  readonly atMs: number;
  /** `May 22`, or `06:00` within a day. */
  readonly label: string;
}

/** The largest value of each of `buckets` equal parts of the span, so that a peak is never lost; undefined where none is. */
export function bucketMaxima(
  points: Iterable<{ readonly atMs: number; readonly value: number }>,
  { fromMs, toMs }: TimeSpanMs,
  buckets: number,
): readonly (number | undefined)[] {
  const maxima = new Array<number | undefined>(buckets).fill(undefined);
  for (const { atMs, value } of points) {
    const at = Math.min(buckets - 1, Math.floor(((atMs - fromMs) / (toMs - fromMs)) * buckets));
    if (at >= 0 && !((maxima[at] ?? Number.NEGATIVE_INFINITY) >= value)) maxima[at] = value;
  }
  return maxima;
}

/** At most nine moments, round ones in UTC, that stand on a time axis. */
export function timeMarks({ fromMs, toMs }: TimeSpanMs): readonly TimeMark[] {
  const stepMs = STEPS_MS.find((step) => (toMs - fromMs) / step <= MOST_MARKS) ?? weeksStep(toMs - fromMs);
  const marks: TimeMark[] = [];
  for (let atMs = Math.ceil(fromMs / stepMs) * stepMs; atMs <= toMs; atMs += stepMs) {
    marks.push({ atMs, label: markLabel(atMs) });
  }
  return marks;
}

function weeksStep(spanMs: number): number {
  return Math.ceil(spanMs / MOST_MARKS / (7 * DAY_MS)) * 7 * DAY_MS;
}

function markLabel(atMs: number): string {
  if (atMs % DAY_MS !== 0) return new Date(atMs).toISOString().slice(11, 16);
  return new Date(atMs).toLocaleDateString('en-US', { month: 'short', day: 'numeric', timeZone: 'UTC' });
}
