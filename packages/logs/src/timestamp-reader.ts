import { parseTimestamp } from './time-text.ts';
import type { TimeZone } from './time-zone.ts';

/** Length of `2025-05-01 00:00`, which consecutive entries of a log mostly share. */
const MINUTE_LENGTH = 16;
/** Length of `2025-05-01 00:00:05`. */
const SECOND_LENGTH = 19;
const COLON = 0x3a;
const DOT = 0x2e;
const ZERO = 0x30;

/**
 * Reads timestamps from bytes, millions in a row: it remembers the minute and the zone read last, and where the next one
 * shares them only its seconds are looked at.
 *
 *     2025-05-01 00:00:05.123456+00
 *     └── minute ────┘└ now ───┘└ zone
 */
export class TimestampReader {
  readonly #zone: TimeZone;
  #minute: Uint8Array = new Uint8Array(0);
  #suffix: Uint8Array = new Uint8Array(0);
  #minuteMs = 0;

  /** @param zone of timestamps that name none. */
  constructor(zone: TimeZone) {
    this.#zone = zone;
  }

  /** Unix milliseconds, rounded down, of the timestamp at `[start, end)`; `undefined` if there is none. */
  read(bytes: Buffer, start: number, end: number): number | undefined {
    return this.#readInSameMinute(bytes, start, end) ?? this.#readAnew(bytes, start, end);
  }

  #readInSameMinute(bytes: Buffer, start: number, end: number): number | undefined {
    if (this.#minute.length === 0 || end - start < SECOND_LENGTH) return undefined;
    if (!endsAlike(bytes, start, this.#minute) || bytes[start + MINUTE_LENGTH] !== COLON) return undefined;
    const tens = bytes[start + 17]! - ZERO;
    const ones = bytes[start + 18]! - ZERO;
    if (tens < 0 || tens > 5 || ones < 0 || ones > 9) return undefined;

    let at = start + SECOND_LENGTH;
    let fractionMs = 0;
    if (bytes[at] === DOT && at < end) {
      const first = ++at;
      for (let scale = 100; at < end && isDigit(bytes[at]!); at++, scale /= 10) {
        if (scale >= 1) fractionMs += (bytes[at]! - ZERO) * scale;
      }
      if (at === first || at - first > 9) return undefined;
    }
    if (end - at !== this.#suffix.length || !endsAlike(bytes, at, this.#suffix)) return undefined;
    return this.#minuteMs + (tens * 10 + ones) * 1000 + fractionMs;
  }

  #readAnew(bytes: Buffer, start: number, end: number): number | undefined {
    const text = bytes.toString('latin1', start, end);
    const timeMs = parseTimestamp(text, this.#zone);
    const tail = /^.{16}:\d\d(?:\.\d+)?(?<suffix>.*)$/.exec(text)?.groups;
    if (timeMs !== undefined && tail !== undefined) {
      this.#minute = new Uint8Array(bytes.subarray(start, start + MINUTE_LENGTH));
      this.#suffix = Buffer.from(tail.suffix ?? '', 'latin1');
      this.#minuteMs = minuteOf(text, timeMs);
    }
    return timeMs;
  }
}

/** What is left of `timeMs` without the seconds and the fraction that `text` shows. */
function minuteOf(text: string, timeMs: number): number {
  const fraction = /^\.(\d+)/.exec(text.slice(SECOND_LENGTH))?.[1] ?? '';
  return timeMs - Number(text.slice(17, SECOND_LENGTH)) * 1000 - Number(fraction.padEnd(3, '0').slice(0, 3));
}

/** Whether `expected` stands at `start`; compared from its end, where times differ first. */
function endsAlike(bytes: Buffer, start: number, expected: Uint8Array): boolean {
  for (let i = expected.length - 1; i >= 0; i--) {
    if (bytes[start + i] !== expected[i]) return false;
  }
  return true;
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= ZERO + 9;
}
