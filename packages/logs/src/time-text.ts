import { LogError } from './errors.ts';
import type { TimeSpan } from './log-entry.ts';
import { TimeZone } from './time-zone.ts';

/** Date, time of day, fraction of a second and zone; everything after the date may be missing. */
const TIME =
  /^(?<year>\d{4})-(?<month>\d{2})-(?<day>\d{2})(?:[ Tt](?<hour>\d{2}):(?<minute>\d{2})(?::(?<second>\d{2})(?:\.(?<fraction>\d{1,9}))?)?(?<zone>[Zz]|[+-]\d{2}(?::?\d{2}(?::?\d{2})?)?)?)?$/;

/**
 * Reads a time as people and PostgreSQL write it, in Unix milliseconds rounded down: `2025-05-01` (midnight),
 * `2025-05-01 00:00:05.123456+00`, `2025-05-01T00:00:05Z`. Seconds, fraction and zone may be missing.
 *
 * @param zone of a time that names none.
 * @throws {LogError} `BAD_TIME`.
 */
export function parseTime(text: string, zone: TimeZone = TimeZone.utc): number {
  const timeMs = timeOf(text.trim(), zone);
  if (timeMs !== undefined) return timeMs;
  throw new LogError(
    'BAD_TIME',
    `'${text}' is no time; write 2025-05-01, 2025-05-01 06:30 or 2025-05-01T06:30:00+02:00`,
  );
}

/**
 * The half-open span from `start` to `end`, each as {@link parseTime} reads it: `2025-05-01` to `2025-06-01` is May.
 *
 * @param timeZone IANA name of the zone of times that name none.
 * @throws {LogError} `BAD_TIME`; `BAD_SPAN` if the end is not after the start.
 */
export function parseTimeSpan(start: string, end: string, timeZone = 'UTC'): TimeSpan {
  const zone = TimeZone.named(timeZone);
  const span = { fromMs: parseTime(start, zone), toMs: parseTime(end, zone) };
  if (span.toMs > span.fromMs) return span;
  throw new LogError(
    'BAD_SPAN',
    `a span must end after its start, got ${start} to ${end} (the end itself is not in it)`,
  );
}

/** Like {@link parseTime}, but for a time of day only, exactly spelled; `undefined` is no time. */
export function parseTimestamp(text: string, zone: TimeZone): number | undefined {
  return text.length > '2025-05-01'.length ? timeOf(text, zone) : undefined;
}

function timeOf(text: string, zone: TimeZone): number | undefined {
  const parts = TIME.exec(text)?.groups;
  if (parts === undefined) return undefined;
  const { year, month, day, hour = '00', minute = '00', second = '00', fraction = '', zone: offset } = parts;
  if (hour > '23' || minute > '59' || second > '59') return undefined;
  const midnight = midnightOf(Number(year), Number(month), Number(day));
  if (midnight === undefined) return undefined;
  const seconds = (Number(hour) * 60 + Number(minute)) * 60 + Number(second);
  const localMs = midnight + seconds * 1000 + Number(fraction.padEnd(3, '0').slice(0, 3));
  return offset === undefined ? zone.instantOf(localMs) : localMs - offsetMs(offset);
}

/** The start of a day on a UTC clock; `undefined` if the calendar has no such day. Years begin at 100. */
function midnightOf(year: number, month: number, day: number): number | undefined {
  const midnight = Date.UTC(year, month - 1, day);
  const date = new Date(midnight);
  return date.getUTCDate() === day && date.getUTCFullYear() === year ? midnight : undefined;
}

/** Milliseconds of `Z`, `+02`, `+02:00`, `+0200` or `-00:44:30`. */
function offsetMs(offset: string): number {
  const digits = offset.replace(/\D/g, '').padEnd(6, '0');
  const [hours, minutes, seconds] = [digits.slice(0, 2), digits.slice(2, 4), digits.slice(4, 6)].map(Number);
  const absolute = ((hours! * 60 + minutes!) * 60 + seconds!) * 1000;
  return offset.startsWith('-') ? -absolute : absolute;
}
