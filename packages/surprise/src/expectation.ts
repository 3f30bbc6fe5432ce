/**
 * What is to be expected of a device's signal now: the baseline's mean for these hours, corrected by how much there has been
 * lately.
 *
 * Two corrections: the level of the last two days (a household that has grown logs more), within limits; and, only upwards,
 * what the last six hours or the last day had before the span that is judged, in the shape of the device's usual day. So a
 * lasting change, as by another firmware, is told once and is what is expected after that.
 */
import type { DeviceBaseline } from './baseline.ts';
import { type DeviceHistory, HISTORY_HOURS } from './device-history.ts';
import { SCALES } from './scales.ts';
import { ALWAYS } from './signal-names.ts';
import { HOUR_KINDS, hourKindOf, MINUTES_PER_HOUR, MINUTES_PER_SLOT, SLOTS_PER_HOUR } from './slot-time.ts';

/** The level of so many hours, up to one hour ago; not before there are `fewest`. */
const LEVEL = { hours: 48, agoHours: 1, fewestHours: 12, least: 0.5, most: 2, prior: 20 };
/** What came in so many hours before the span is expected again, in part. */
const REFERENCE = { hours: [6, 24], deviations: 2, prior: 1 };
/** Less than this part of what is expected lately is expected now: a signal that has gone is told once. */
const DECLINE = { hours: 6, fewestExpected: 5, prior: 3, from: 0.8, least: 0.05, slack: 1.25 };
/** A device that is known for fewer slots than this is expected to do as it did in training. */
const FEWEST_SLOTS = LEVEL.fewestHours * SLOTS_PER_HOUR;

/** Minutes of each hour kind within a scale that ends with a slot. */
export type HourParts = readonly { readonly kind: number; readonly minutes: number }[];

/** @returns by scale. */
export function hourPartsOf(slot: number): readonly HourParts[] {
  return SCALES.map(({ slots, minutes }) => {
    if (slots === 0) return [{ kind: hourKindOf(Math.floor(slot / SLOTS_PER_HOUR)), minutes }];
    const parts: { kind: number; minutes: number }[] = [];
    for (let at = slot - slots + 1; at <= slot; ) {
      const hour = Math.floor(at / SLOTS_PER_HOUR);
      const end = Math.min(slot + 1, (hour + 1) * SLOTS_PER_HOUR);
      parts.push({ kind: hourKindOf(hour), minutes: (end - at) * MINUTES_PER_SLOT });
      at = end;
    }
    return parts;
  });
}

export class Expectation {
  readonly #baseline: DeviceBaseline;
  readonly #history: DeviceHistory;
  /** By signal: how much more or less than in training. */
  readonly #levels: Float64Array;
  /** Of signals behind those of the baseline. */
  readonly #newMean: number;
  #slot = 0;
  #parts: readonly HourParts[] = [];

  /** @param newSignals there may be so many behind those of the baseline, each expected so often in a minute. */
  constructor(baseline: DeviceBaseline, history: DeviceHistory, newSignals = { count: 0, mean: 0 }) {
    this.#baseline = baseline;
    this.#history = history;
    this.#newMean = newSignals.mean;
    this.#levels = new Float64Array(baseline.means.length / HOUR_KINDS + newSignals.count).fill(1);
  }

  /** Goes on to a slot, which the history must have come to. */
  advanceTo(slot: number, parts: readonly HourParts[]): void {
    this.#slot = slot;
    this.#parts = parts;
    if (slot % SLOTS_PER_HOUR === 0) this.#findLevels();
  }

  /** By the baseline and the level alone. */
  usual(signal: number, scale: number): number {
    let sum = 0;
    for (const { kind, minutes } of this.#parts[scale]) sum += this.#mean(signal, kind) * minutes;
    return sum * this.#levels[signal];
  }

  /** What to compare a count with that is above the usual. */
  upper(signal: number, scale: number, usual: number): number {
    let expected = usual;
    const end = Math.floor((this.#slot + 1 - SCALES[scale].slots) / SLOTS_PER_HOUR);
    for (const hours of REFERENCE.hours) {
      if (this.#history.knownSlots < (hours + 1) * SLOTS_PER_HOUR + SCALES[scale].slots) continue;
      const count = this.#history.hourlyCount(signal, end - hours, end);
      if (count === 0) continue;
      const shape =
        this.usual(ALWAYS.entries, scale) / (this.#usualOfHours(ALWAYS.entries, end - hours, end) + REFERENCE.prior);
      // As much of it as there surely is: one occurrence does not make the next one usual.
      const sure = Math.max(0, count - REFERENCE.deviations * Math.sqrt(count));
      expected = Math.max(expected, sure * shape);
    }
    return expected;
  }

  /** What to compare a count with that is below the usual. */
  lower(signal: number, scale: number, usual: number): number {
    const end = Math.floor((this.#slot + 1 - SCALES[scale].slots) / SLOTS_PER_HOUR);
    if (this.#history.knownSlots < (DECLINE.hours + 1) * SLOTS_PER_HOUR + SCALES[scale].slots) return usual;
    const before = this.#usualOfHours(signal, end - DECLINE.hours, end);
    if (before <= DECLINE.fewestExpected) return usual;
    const count = this.#history.hourlyCount(signal, end - DECLINE.hours, end);
    const share = (count + DECLINE.prior) / (before + DECLINE.prior);
    return share < DECLINE.from ? usual * Math.max(share, DECLINE.least) * DECLINE.slack : usual;
  }

  #usualOfHours(signal: number, fromHour: number, toHour: number): number {
    let sum = 0;
    for (let hour = fromHour; hour < toHour; hour += 1) sum += this.#mean(signal, hourKindOf(hour));
    return sum * MINUTES_PER_HOUR * this.#levels[signal];
  }

  #mean(signal: number, hourKind: number): number {
    const { means } = this.#baseline;
    const at = signal * HOUR_KINDS + hourKind;
    return at < means.length ? means[at] : this.#newMean;
  }

  #findLevels(): void {
    const end = Math.floor(this.#slot / SLOTS_PER_HOUR) - LEVEL.agoHours;
    const knownHours = Math.floor(this.#history.knownSlots / SLOTS_PER_HOUR) - LEVEL.agoHours;
    if (this.#history.knownSlots < FEWEST_SLOTS + SLOTS_PER_HOUR) return;
    const start = end - Math.min(LEVEL.hours, knownHours, HISTORY_HOURS - 2);
    const kinds: number[] = [];
    for (let hour = start; hour < end; hour += 1) kinds.push(hourKindOf(hour));
    for (let signal = 0; signal < this.#levels.length; signal += 1) {
      let usual = 0;
      for (const kind of kinds) usual += this.#mean(signal, kind);
      const count = this.#history.hourlyCount(signal, start, end);
      const level = (count + LEVEL.prior) / (usual * MINUTES_PER_HOUR + LEVEL.prior);
      this.#levels[signal] = Math.min(LEVEL.most, Math.max(LEVEL.least, level));
    }
  }
}
