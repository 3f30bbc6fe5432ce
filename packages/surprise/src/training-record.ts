/** What the devices did in training: the counts of their slots, kept so that they can be looked at several times. */
import type { DeviceBaseline } from './baseline.ts';
import { DeviceSurprise } from './device-surprise.ts';
import { hourPartsOf } from './expectation.ts';
import { SCALES } from './scales.ts';
import type { Signal } from './signal-names.ts';
import type { SlotCounts } from './slot-counts.ts';
import { SLOTS_PER_DAY } from './slot-time.ts';

export interface DeviceRecord {
  readonly id: string;
  /** In order; slots without entries may be missing, and those that are left out are. */
  readonly slots: readonly SlotCounts[];
  /** Whether a slot counts as not looked at: nothing is known of it, not even that nothing came. */
  isLeftOut(slot: number): boolean;
}

export interface TrainingSpan {
  readonly firstSlot: number;
  /** From here on it is learnt from: at the beginning everything is new. */
  readonly fromSlot: number;
  /** The slot behind the last. */
  readonly toSlot: number;
}

const NOTHING = {
  firstMinute: -1,
  lastMinute: -1,
  signals: new Uint16Array(),
  counts: new Uint32Array(),
  peaks: new Uint32Array(),
};

/** @param scales so many of the first scales reach over time that was looked at, and over no other. */
export type OnLearntSlot = (slot: number, device: DeviceSurprise, scales: number) => void;

/**
 * Goes through a device's training as production would, and shows every slot that is learnt from.
 *
 * What is left out is not shown. For what comes behind it something must stand in its place: the same time of the day before.
 */
export function replay(
  record: DeviceRecord,
  baseline: DeviceBaseline,
  signals: readonly Signal[],
  { firstSlot, fromSlot, toSlot }: TrainingSpan,
  visit: OnLearntSlot,
): void {
  const device = new DeviceSurprise(baseline, signals);
  const lastDay: Omit<SlotCounts, 'slot'>[] = Array.from({ length: SLOTS_PER_DAY }, () => NOTHING);
  let at = 0;
  let lookedAt = Number.POSITIVE_INFINITY;
  for (let slot = firstSlot; slot < toSlot; slot += 1) {
    const isLeftOut = record.isLeftOut(slot);
    const recorded = record.slots[at];
    if (recorded?.slot === slot) at += 1;
    if (!isLeftOut) lastDay[slot % SLOTS_PER_DAY] = recorded?.slot === slot ? recorded : NOTHING;
    device.add({ ...lastDay[slot % SLOTS_PER_DAY], slot }, hourPartsOf(slot));
    lookedAt = isLeftOut ? 0 : lookedAt + 1;
    if (slot >= fromSlot && !isLeftOut) visit(slot, device, scalesWithin(lookedAt));
  }
}

/** How many slots of the device are learnt from. */
export function learntSlots({ isLeftOut }: DeviceRecord, { fromSlot, toSlot }: TrainingSpan): number {
  let slots = 0;
  for (let slot = fromSlot; slot < toSlot; slot += 1) if (!isLeftOut(slot)) slots += 1;
  return slots;
}

/** Scales that are no longer than so many slots. */
function scalesWithin(slots: number): number {
  return SCALES.findLastIndex((scale) => scale.slots <= slots) + 1;
}
