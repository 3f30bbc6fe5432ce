import { parseTime, TimeZone } from '@edgewood/logs';
import { UsageError } from './failure.ts';

export interface BoundOptions {
  readonly startDate?: string | undefined;
  readonly endDate?: string | undefined;
  readonly timeZone: string;
}

export interface Bounds {
  readonly fromMs: number | undefined;
  readonly toMs: number | undefined;
}

/** `--start-date` and `--end-date`, each of which may be missing, as Unix milliseconds UTC. */
export function parseBounds({ startDate, endDate, timeZone }: BoundOptions): Bounds {
  const zone = TimeZone.named(timeZone);
  const fromMs = startDate === undefined ? undefined : parseTime(startDate, zone);
  const toMs = endDate === undefined ? undefined : parseTime(endDate, zone);
  if (fromMs !== undefined && toMs !== undefined && toMs <= fromMs) {
    throw new UsageError(`--end-date must be after --start-date, got ${startDate} to ${endDate}`);
  }
  return { fromMs, toMs };
}
