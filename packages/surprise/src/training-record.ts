/** What the devices did in training: the counts of their slots, kept so that they can be looked at several times. */
import type { DeviceBaseline } from './baseline.ts';
import { DeviceSurprise } from './device-surprise.ts';
import { hourPartsOf } from './expectation.ts';
import type { Signal } from './signal-names.ts';
import type { SlotCounts } from './slot-counts.ts';

export interface DeviceRecord {
  readonly id: string;
  /** In order; slots without entries may be missing. */
  readonly slots: readonly SlotCounts[];
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

/** Goes through a device's training as production would, and shows every slot that is learnt from. */
export function replay(
  { slots }: DeviceRecord,
  baseline: DeviceBaseline,
  signals: readonly Signal[],
  { firstSlot, fromSlot, toSlot }: TrainingSpan,
  visit: (slot: number, device: DeviceSurprise) => void,
): void {
  const device = new DeviceSurprise(baseline, signals);
  let at = 0;
  for (let slot = firstSlot; slot < toSlot; slot += 1) {
    const isRecorded = slots[at]?.slot === slot;
    device.add(isRecorded ? slots[at] : { slot, ...NOTHING }, hourPartsOf(slot));
    if (isRecorded) at += 1;
    if (slot >= fromSlot) visit(slot, device);
  }
}
