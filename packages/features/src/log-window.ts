import type { LogEntry, TimeSpan } from '@edgewood/logs';
import { FeatureError } from './errors.ts';

/** Whether each device gets windows of its own, or all devices share one. */
export type WindowGrouping = 'device' | 'global';

/** The entries of one device (or of all) in the half-open span `[fromMs, toMs)`. There may be none: silence counts. */
export interface LogWindow {
  readonly fromMs: number;
  readonly toMs: number;
  /** `null` if the window holds all devices. */
  readonly deviceId: string | null;
  /** In the order in which they were read. */
  readonly entries: readonly LogEntry[];
}

/** Shortest and longest window that is allowed, in milliseconds: one second and one day. */
export const WINDOW_LIMITS_MS = { shortest: 1_000, longest: 86_400_000 };

/**
 * @throws {FeatureError} `BAD_WINDOW` unless `windowMs` is whole seconds within {@link WINDOW_LIMITS_MS} and divides a
 *   day, so that windows begin at midnight UTC.
 */
export function checkWindowLength(windowMs: number): void {
  const { shortest, longest } = WINDOW_LIMITS_MS;
  if (windowMs >= shortest && windowMs <= longest && windowMs % 1000 === 0 && longest % windowMs === 0) return;
  throw new FeatureError(
    'BAD_WINDOW',
    `a window must be whole seconds, at most a day, and divide the day (60, 300, 900 s, …), got ${windowMs / 1000} s`,
  );
}

/** The whole windows inside a span: its start moved up and its end moved down to multiples of `windowMs`. */
export function wholeWindows(span: TimeSpan, windowMs: number): TimeSpan {
  const fromMs = Math.ceil(span.fromMs / windowMs) * windowMs;
  const toMs = Math.floor(span.toMs / windowMs) * windowMs;
  return { fromMs, toMs: Math.max(fromMs, toMs) };
}
