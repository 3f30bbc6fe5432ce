/**
 * Collectors write entries as they come: seconds or minutes late, a device's first ones after a boot by a clock that is
 * days behind, or stands at 1970, or at 2099. Who needs them in order of time reads them through here.
 */
import { LogError } from './errors.ts';
import type { LogEntry } from './log-entry.ts';

const MINUTE_MS = 60_000;
/** Entries are taken in so many at a time, or up to twice as many. */
const BLOCK_ENTRIES = 512;
/** So many of them, spread over all, are asked for the time: the one in the middle tells it. */
const WITNESSES = 101;
/** Most entries that are held; with more of them the oldest are let go before the horizon has passed. */
const MOST_HELD_ENTRIES = 500_000;

/** How long entries are waited for if nothing else is said, in milliseconds of the log's own time: two hours. */
export const DEFAULT_HORIZON_MS = 7_200_000;
/**
 * What is further from all other entries than this, in milliseconds, has the time of a wrong clock: 31 days. Without a limit
 * one entry of another century would make a century of windows.
 */
export const LONGEST_HOLE_MS = 31 * 86_400_000;
/** A hole that so many entries tell of that they are believed may be so long, in milliseconds: 366 days. */
export const LONGEST_SILENCE_MS = 366 * 86_400_000;

export interface TimeOrderOptions {
  /** How far an entry may be behind those around it, in milliseconds of the log's own time. */
  readonly horizonMs?: number | undefined;
  /** Is told how many entries are passed over because they are further behind, or astray. */
  readonly onLate?: ((entries: number) => void) | undefined;
}

/**
 * The entries in order of time, those of one millisecond in the order in which they came.
 *
 * The time is what the entries around say, by the middle of a hundred, so that no single clock counts. An entry is let
 * go when it is `horizonMs` old; one that is older when it comes is passed over, if any newer one has been let go. Entries
 * that come in order all come through, as they are. Memory is that of the horizon and of 500,000 entries at most.
 *
 * A log may have holes. But what lies beyond a hole of more than 31 days is astray and passed over if it is less than half of
 * the last few hundred entries, or the beginning of the log and not longer than the horizon.
 *
 * @param chunks of any size.
 * @returns chunks of other sizes, never empty ones.
 * @throws {LogError} `TIMES_APART` at a hole of more than 366 days whose sides are both believed.
 */
export async function* inTimeOrder(
  chunks: AsyncIterable<readonly LogEntry[]>,
  { horizonMs = DEFAULT_HORIZON_MS, onLate = () => undefined }: TimeOrderOptions = {},
): AsyncGenerator<readonly LogEntry[]> {
  const held = new HeldEntries();
  let witnesses: readonly number[] = [];
  const tell = (passedOver: number) => {
    if (passedOver > 0) onLate(passedOver);
  };
  for await (const block of blocksOf(chunks)) {
    tell(held.add(block));
    witnesses = [...witnesses, ...witnessesOf(block)].slice(-WITNESSES);
    const nowMs = middleOf(witnesses);
    tell(held.passOverBehind(nowMs));
    const due = held.letGo(nowMs - horizonMs);
    if (due.length > 0) yield due;
  }
  tell(held.passOverAhead(middleOf(witnesses)));
  const rest = held.letGo(Number.POSITIVE_INFINITY);
  if (rest.length > 0) yield rest;
}

async function* blocksOf(chunks: AsyncIterable<readonly LogEntry[]>): AsyncGenerator<readonly LogEntry[]> {
  let block: LogEntry[] = [];
  for await (const chunk of chunks) {
    if (block.length === 0 && chunk.length >= BLOCK_ENTRIES) {
      yield* piecesOf(chunk);
      continue;
    }
    for (const entry of chunk) block.push(entry);
    if (block.length < BLOCK_ENTRIES) continue;
    yield* piecesOf(block);
    block = [];
  }
  if (block.length > 0) yield block;
}

function* piecesOf(block: readonly LogEntry[]): Generator<readonly LogEntry[]> {
  if (block.length <= 2 * BLOCK_ENTRIES) return yield block;
  for (let at = 0; at < block.length; at += BLOCK_ENTRIES) yield block.slice(at, at + BLOCK_ENTRIES);
}

function witnessesOf(block: readonly LogEntry[]): readonly number[] {
  const count = Math.min(block.length, WITNESSES);
  return Array.from({ length: count }, (_, at) => block[Math.floor((at * block.length) / count)]?.timeMs ?? Number.NaN);
}

function middleOf(times: readonly number[]): number {
  return Float64Array.from(times).sort()[times.length >> 1] ?? Number.NEGATIVE_INFINITY;
}

/** Entries that wait, by their minute: those of a minute are put in order when they are let go. */
class HeldEntries {
  readonly #byMinute = new Map<number, LogEntry[]>();
  /** Minutes before this one have been let go. */
  #openMinute = Number.NEGATIVE_INFINITY;
  #count = 0;

  /** @returns how many were too late to be taken. */
  add(entries: readonly LogEntry[]): number {
    let late = 0;
    let minute = Number.NaN;
    let ofMinute: LogEntry[] = [];
    for (const entry of entries) {
      const entryMinute = Math.floor(entry.timeMs / MINUTE_MS);
      if (entryMinute < this.#openMinute) {
        late += 1;
        continue;
      }
      if (entryMinute !== minute) {
        minute = entryMinute;
        ofMinute = this.#ofMinute(minute);
      }
      ofMinute.push(entry);
    }
    this.#count += entries.length - late;
    return late;
  }

  #ofMinute(minute: number): LogEntry[] {
    let entries = this.#byMinute.get(minute);
    if (entries === undefined) {
      entries = [];
      this.#byMinute.set(minute, entries);
    }
    return entries;
  }

  /** Passes over what lies behind a hole before `timeMs`, unless entries have been let go. @returns how many. */
  passOverBehind(timeMs: number): number {
    return this.#openMinute === Number.NEGATIVE_INFINITY ? this.#passOver(timeMs, -1) : 0;
  }

  /** Passes over what lies behind a hole after `timeMs`. @returns how many. */
  passOverAhead(timeMs: number): number {
    return this.#passOver(timeMs, 1);
  }

  /** @param direction into the future, 1, or into the past, -1. */
  #passOver(timeMs: number, direction: 1 | -1): number {
    const start = Math.floor(timeMs / MINUTE_MS);
    const minutes = [...this.#byMinute.keys()].filter((minute) => (minute - start) * direction > 0);
    minutes.sort((a, b) => (a - b) * direction);
    const farSide = minutes.findIndex((minute, at) => {
      return Math.abs(minute - (minutes[at - 1] ?? start)) * MINUTE_MS > LONGEST_HOLE_MS;
    });
    if (farSide < 0) return 0;
    const before = this.#count;
    for (const minute of minutes.slice(farSide)) this.#take(minute);
    return before - this.#count;
  }

  #take(minute: number): LogEntry[] {
    const entries = this.#byMinute.get(minute) ?? [];
    this.#byMinute.delete(minute);
    this.#count -= entries.length;
    return entries;
  }

  /** The entries of the minutes that end at `untilMs` or before, and of as many more as are too many to hold. */
  letGo(untilMs: number): readonly LogEntry[] {
    const dueBefore = Math.floor(untilMs / MINUTE_MS);
    const due: LogEntry[] = [];
    for (const minute of [...this.#byMinute.keys()].sort((a, b) => a - b)) {
      if (minute >= dueBefore && this.#count <= MOST_HELD_ENTRIES) break;
      checkSilence(this.#openMinute, minute);
      for (const entry of sorted(this.#take(minute))) due.push(entry);
      this.#openMinute = minute + 1;
    }
    return due;
  }
}

/** @param fromMinute minus infinity before the first entry. */
function checkSilence(fromMinute: number, toMinute: number): void {
  if (fromMinute === Number.NEGATIVE_INFINITY || (toMinute - fromMinute) * MINUTE_MS <= LONGEST_SILENCE_MS) return;
  const [from, to] = [fromMinute, toMinute].map((minute) => new Date(minute * MINUTE_MS).toISOString());
  throw new LogError(
    'TIMES_APART',
    `the log has no entry between ${from} and ${to}, more than a year: a clock was wrong; take what lies on one side of it`,
  );
}

function sorted(entries: LogEntry[]): readonly LogEntry[] {
  for (let at = 1; at < entries.length; at += 1) {
    if ((entries[at]?.timeMs ?? 0) < (entries[at - 1]?.timeMs ?? 0)) return entries.sort((a, b) => a.timeMs - b.timeMs);
  }
  return entries;
}
