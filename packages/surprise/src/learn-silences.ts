/** How long a device is silent at most, as a rule: by hour of the day, since most are quieter at night. */
import { HOURS_PER_DAY, MINUTES_PER_SLOT, SLOTS_PER_HOUR } from './slot-time.ts';
import type { DeviceRecord, TrainingSpan } from './training-record.ts';

/** One silence in so many is longer than the longest usual one. */
const ONE_IN = 2_000;
const SHORTEST_MINUTES = 5;

export interface LearntSilences {
  /** Of each device: shape `(24,)`, in minutes. */
  readonly devices: readonly Float64Array[];
  readonly fleet: Float64Array;
}

export function learnSilences(records: readonly DeviceRecord[], span: TrainingSpan): LearntSilences {
  const gaps = records.map((record) => gapsOf(record, span));
  const all = Array.from({ length: HOURS_PER_DAY }, (_, hour) => gaps.flatMap((of) => of[hour]));
  return { devices: gaps.map(longestByHour), fleet: longestByHour(all) };
}

/** By hour of its end: from one slot with entries to the next, in minutes; none over time that is left out. */
function gapsOf({ slots, isLeftOut }: DeviceRecord, { fromSlot }: TrainingSpan): number[][] {
  const gaps: number[][] = Array.from({ length: HOURS_PER_DAY }, () => []);
  let last: number | undefined;
  for (const { slot, firstMinute, lastMinute } of slots) {
    if (slot < fromSlot || firstMinute < 0) continue;
    const hour = Math.floor(slot / SLOTS_PER_HOUR) % HOURS_PER_DAY;
    if (last !== undefined && !isAnyLeftOut(isLeftOut, Math.floor(last / MINUTES_PER_SLOT), slot))
      gaps[hour].push(slot * MINUTES_PER_SLOT + firstMinute - last);
    last = slot * MINUTES_PER_SLOT + lastMinute;
  }
  return gaps;
}

function isAnyLeftOut(isLeftOut: (slot: number) => boolean, fromSlot: number, toSlot: number): boolean {
  for (let slot = fromSlot + 1; slot < toSlot; slot += 1) if (isLeftOut(slot)) return true;
  return false;
}

function longestByHour(gaps: readonly (readonly number[])[]): Float64Array {
  return Float64Array.from({ length: HOURS_PER_DAY }, (_, hour) => {
    const near = [hour + HOURS_PER_DAY - 1, hour, hour + 1].flatMap((at) => gaps[at % HOURS_PER_DAY]);
    near.sort((a, b) => b - a);
    return Math.max(SHORTEST_MINUTES, near[Math.floor(near.length / ONE_IN)] ?? SHORTEST_MINUTES);
  });
}
