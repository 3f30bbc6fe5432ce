import { LogError } from './errors.ts';

const DAY_MS = 86_400_000;

/** Offset at an instant (Unix milliseconds): local time minus UTC, in milliseconds. */
type OffsetAt = (timeMs: number) => number;

/**
 * A named time zone of the IANA database, as the runtime's own copy of it knows it: `UTC`, `Europe/Berlin`.
 *
 * Local times that a change of the clock makes ambiguous are read as PostgreSQL reads them (`AT TIME ZONE`), so that a
 * CSV and the table it came from agree: the hour that happens twice is its second pass, the hour that never happens
 * counts on with the offset before the change.
 */
export class TimeZone {
  readonly name: string;
  readonly #offsetAt: OffsetAt;

  private constructor(name: string, offsetAt: OffsetAt) {
    this.name = name;
    this.#offsetAt = offsetAt;
  }

  static readonly utc = new TimeZone('UTC', () => 0);

  /**
   * The zone of that name. Bare offsets (`+02:00`) are refused: PostgreSQL reads their sign the other way round.
   *
   * @throws {LogError} `BAD_TIME` if there is no such zone.
   */
  static named(name: string): TimeZone {
    if (name.toUpperCase() === 'UTC') return TimeZone.utc;
    return new TimeZone(name, offsetsOf(name));
  }

  /** The instant, in Unix milliseconds, at which clocks of this zone show what a UTC clock shows at `localMs`. */
  instantOf(localMs: number): number {
    const before = this.#offsetAt(localMs - DAY_MS);
    const after = this.#offsetAt(localMs + DAY_MS);
    const later = localMs - after;
    return before === after || this.#offsetAt(later) === after ? later : localMs - before;
  }
}

function offsetsOf(name: string): OffsetAt {
  if (!/^[A-Za-z]/.test(name)) throw unknownZone(name);
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' });
  } catch (cause) {
    throw unknownZone(name, cause);
  }
  return (timeMs) => {
    const offset = format.formatToParts(timeMs).find(({ type }) => type === 'timeZoneName')?.value ?? 'GMT';
    return offsetOf(offset);
  };
}

/** Milliseconds of `GMT`, `GMT+02:00` or `GMT-00:44:30`. */
function offsetOf(text: string): number {
  const match = /^GMT([+-])(\d{2}):(\d{2})(?::(\d{2}))?$/.exec(text);
  if (match === null) return 0;
  const [, sign, hours, minutes, seconds = '0'] = match;
  const absolute = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000;
  return sign === '-' ? -absolute : absolute;
}

function unknownZone(name: string, cause?: unknown): LogError {
  return new LogError(
    'BAD_TIME',
    `'${name}' is no time zone; names are those of the IANA database: UTC, Europe/Berlin`,
    {
      cause,
    },
  );
}
