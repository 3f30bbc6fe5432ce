/**
 * What a device did lately, as far as it is compared with the baseline: the slots of the last six hours, the hours of the
 * last two days. All of it comes from the counts of slots, in their order.
 */
import { LONGEST_SLOTS, SCALES } from './scales.ts';
import type { SlotCounts } from './slot-counts.ts';
import { SLOTS_PER_HOUR } from './slot-time.ts';

/** Hours that are remembered: two days, and some for those under way. */
export const HISTORY_HOURS = 56;

export class DeviceHistory {
  /** Counts by signal and slot, in a ring. */
  readonly #bySlot: Uint32Array;
  /** Counts by signal and hour, in a ring. */
  readonly #byHour: Float64Array;
  /** Shape `(signals, scales)`: counts of the scale that ends with the present slot. */
  readonly #sums: Float64Array;
  readonly #active = new Set<number>();
  #slot = Number.NaN;
  #firstSlot = Number.NaN;

  constructor(signals: number) {
    this.#bySlot = new Uint32Array(signals * LONGEST_SLOTS);
    this.#byHour = new Float64Array(signals * HISTORY_HOURS);
    this.#sums = new Float64Array(signals * SCALES.length);
  }

  /** Signals that were counted within the longest scale. */
  get active(): ReadonlySet<number> {
    return this.#active;
  }

  /** Slots that are known, the present one too. */
  get knownSlots(): number {
    return Number.isNaN(this.#firstSlot) ? 0 : this.#slot - this.#firstSlot + 1;
  }

  /** Goes on to the slot; slots that are passed over had nothing. */
  add({ slot, signals, counts, peaks }: SlotCounts): void {
    this.#advanceTo(slot);
    for (let at = 0; at < signals.length; at += 1) {
      const signal = signals[at];
      this.#active.add(signal);
      this.#bySlot[signal * LONGEST_SLOTS + (slot % LONGEST_SLOTS)] = counts[at];
      this.#byHour[signal * HISTORY_HOURS + (Math.floor(slot / SLOTS_PER_HOUR) % HISTORY_HOURS)] += counts[at];
      for (let scale = 1; scale < SCALES.length; scale += 1) this.#sums[signal * SCALES.length + scale] += counts[at];
      this.#sums[signal * SCALES.length] = peaks[at];
    }
  }

  /** The count of a signal over a scale that ends with the present slot. */
  countOf(signal: number, scale: number): number {
    return this.#sums[signal * SCALES.length + scale];
  }

  /** The count of whole hours, from one to before another, counted from 1970; they must be within the history. */
  hourlyCount(signal: number, fromHour: number, toHour: number): number {
    let sum = 0;
    for (let hour = fromHour; hour < toHour; hour += 1)
      sum += this.#byHour[signal * HISTORY_HOURS + (hour % HISTORY_HOURS)];
    return sum;
  }

  #advanceTo(slot: number): void {
    if (Number.isNaN(this.#slot)) {
      this.#firstSlot = slot;
      this.#slot = slot - 1;
    }
    while (this.#slot < slot) {
      this.#slot += 1;
      this.#dropOldest();
    }
  }

  /** Takes out of every sum the slot that has just left it. */
  #dropOldest(): void {
    const slot = this.#slot;
    const place = slot % LONGEST_SLOTS;
    for (const signal of this.#active) {
      const slots = signal * LONGEST_SLOTS;
      const sums = signal * SCALES.length;
      this.#sums[sums] = 0;
      for (let scale = 1; scale < SCALES.length; scale += 1) {
        const left = (slot - SCALES[scale].slots + LONGEST_SLOTS * 2) % LONGEST_SLOTS;
        this.#sums[sums + scale] -= this.#bySlot[slots + left];
      }
      this.#bySlot[slots + place] = 0;
      if (this.#sums[sums + SCALES.length - 1] === 0) this.#active.delete(signal);
    }
    if (slot % SLOTS_PER_HOUR !== 0) return;
    const hour = Math.floor(slot / SLOTS_PER_HOUR) % HISTORY_HOURS;
    for (let at = hour; at < this.#byHour.length; at += HISTORY_HOURS) this.#byHour[at] = 0;
  }
}
