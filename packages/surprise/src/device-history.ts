/**
 * What a device did lately, as far as it is compared with the baseline: the slots of the last six hours, the hours of the
 * last two days. All of it comes from the counts of slots, in their order. A signal takes place only while it has counts.
 */
import { LONGEST_SLOTS, SCALES } from './scales.ts';
import type { SlotCounts } from './slot-counts.ts';
import { SLOTS_PER_HOUR } from './slot-time.ts';

/** Hours that are remembered: two days, and some for those under way. */
export const HISTORY_HOURS = 56;

/** One signal's counts, in one array: of slots and of hours, each in a ring, and sums of the scales that end now. */
const AT = { slots: 0, hours: LONGEST_SLOTS, sums: LONGEST_SLOTS + HISTORY_HOURS };
const LENGTH = AT.sums + SCALES.length;

export class DeviceHistory {
  /** By signal: of those that have a count within the hours that are remembered. */
  readonly #counts: (Uint32Array | undefined)[] = [];
  readonly #active = new Set<number>();
  #slot = Number.NaN;
  #firstSlot = Number.NaN;

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
    const slotAt = AT.slots + (slot % LONGEST_SLOTS);
    const hourAt = AT.hours + (Math.floor(slot / SLOTS_PER_HOUR) % HISTORY_HOURS);
    for (let at = 0; at < signals.length; at += 1) {
      const of = this.#countsOf(signals[at]);
      this.#active.add(signals[at]);
      of[slotAt] = counts[at];
      of[hourAt] += counts[at];
      for (let scale = 1; scale < SCALES.length; scale += 1) of[AT.sums + scale] += counts[at];
      of[AT.sums] = peaks[at];
    }
  }

  /** The count of a signal over a scale that ends with the present slot. */
  countOf(signal: number, scale: number): number {
    return this.#counts[signal]?.[AT.sums + scale] ?? 0;
  }

  /** The count of whole hours, from one to before another, counted from 1970; they must be within the history. */
  hourlyCount(signal: number, fromHour: number, toHour: number): number {
    const of = this.#counts[signal];
    if (of === undefined) return 0;
    let sum = 0;
    for (let hour = fromHour; hour < toHour; hour += 1) sum += of[AT.hours + (hour % HISTORY_HOURS)];
    return sum;
  }

  #countsOf(signal: number): Uint32Array {
    this.#counts[signal] ??= new Uint32Array(LENGTH);
    return this.#counts[signal];
  }

  #advanceTo(slot: number): void {
    if (Number.isNaN(this.#slot)) {
      this.#firstSlot = slot;
      this.#slot = slot - 1;
    }
    while (this.#slot < slot) {
      this.#slot += 1;
      this.#dropOldestSlot();
      if (this.#slot % SLOTS_PER_HOUR === 0) this.#dropOldestHour();
    }
  }

  /** Takes out of every sum the slot that has just left it. */
  #dropOldestSlot(): void {
    const slot = this.#slot;
    for (const signal of this.#active) {
      const of = this.#countsOf(signal);
      of[AT.sums] = 0;
      for (let scale = 1; scale < SCALES.length; scale += 1) {
        const left = (slot - SCALES[scale].slots + LONGEST_SLOTS * 2) % LONGEST_SLOTS;
        of[AT.sums + scale] -= of[AT.slots + left];
      }
      of[AT.slots + (slot % LONGEST_SLOTS)] = 0;
      if (of[AT.sums + SCALES.length - 1] === 0) this.#active.delete(signal);
    }
  }

  #dropOldestHour(): void {
    const hourAt = AT.hours + (Math.floor(this.#slot / SLOTS_PER_HOUR) % HISTORY_HOURS);
    for (const [signal, of] of this.#counts.entries()) {
      if (of === undefined) continue;
      of[hourAt] = 0;
      if (of.subarray(AT.hours, AT.sums).every(isNothing)) this.#counts[signal] = undefined;
    }
  }
}

const isNothing = (count: number) => count === 0;
