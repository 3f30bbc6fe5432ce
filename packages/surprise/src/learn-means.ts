/**
 * The mean count of a minute, by signal, device and hour kind.
 *
 * An hour kind is seen only a few times in a month, and what is rare is hardly seen at all. So an hour borrows from its
 * neighbours, from the device's other hours, and a device from the fleet (partial pooling): all the more, the less there is.
 */
import { NEVER_SEEN } from './baseline.ts';
import {
  HOUR_KINDS,
  hourKindOf,
  MINUTES_PER_DAY,
  MINUTES_PER_SLOT,
  neighboursOf,
  SLOTS_PER_HOUR,
} from './slot-time.ts';
import type { DeviceRecord, TrainingSpan } from './training-record.ts';

/** An hour kind has the weight of its minutes; its device's mean that of so many. */
const DEVICE_WEIGHT_MINUTES = 360;
/** A device has the weight of its minutes; the fleet that of so many. */
const FLEET_WEIGHT_MINUTES = 2 * MINUTES_PER_DAY;

export interface LearntMeans {
  /** Shape `(signals, 48)`. */
  ofDevice(device: number): Float64Array;
  /** Shape `(48,)`: of a device that training never saw. */
  fleet(signal: number): Float64Array;
}

export function learnMeans(records: readonly DeviceRecord[], signals: number, span: TrainingSpan): LearntMeans {
  const minutes = minutesOf(span);
  const devices = records.map((record) => sumsOf(record, signals, span));
  const fleet = new Float64Array(signals * HOUR_KINDS);
  for (const sums of devices) for (let at = 0; at < fleet.length; at += 1) fleet[at] += sums[at];
  const trained = minutes.reduce((sum, count) => sum + count, 0);
  const fleetMean = (signal: number) => {
    const sum = totalOf(fleet, signal);
    return (sum + NEVER_SEEN) / (trained * records.length + 1);
  };
  return {
    ofDevice: (device) => {
      const means = new Float64Array(signals * HOUR_KINDS);
      for (let signal = 0; signal < signals; signal += 1) {
        const sums = devices[device];
        const pooled = fleetMean(signal) * FLEET_WEIGHT_MINUTES;
        const own = (totalOf(sums, signal) + pooled) / (trained + FLEET_WEIGHT_MINUTES);
        means.set(hourlyMeans(sums, signal, minutes, 1, own), signal * HOUR_KINDS);
      }
      return means;
    },
    fleet: (signal) => hourlyMeans(fleet, signal, minutes, records.length, fleetMean(signal)),
  };
}

/** @param devices so many are in the sums. */
function hourlyMeans(
  sums: Float64Array,
  signal: number,
  minutes: Float64Array,
  devices: number,
  overall: number,
): Float64Array {
  return Float64Array.from({ length: HOUR_KINDS }, (_, kind) => {
    let sum = 0;
    let seen = 0;
    for (const near of [kind, ...neighboursOf(kind)]) {
      sum += sums[signal * HOUR_KINDS + near];
      seen += minutes[near] * devices;
    }
    return (sum + overall * DEVICE_WEIGHT_MINUTES) / (seen + DEVICE_WEIGHT_MINUTES);
  });
}

function totalOf(sums: Float64Array, signal: number): number {
  let total = 0;
  for (let kind = 0; kind < HOUR_KINDS; kind += 1) total += sums[signal * HOUR_KINDS + kind];
  return total;
}

function minutesOf({ fromSlot, toSlot }: TrainingSpan): Float64Array {
  const minutes = new Float64Array(HOUR_KINDS);
  for (let slot = fromSlot; slot < toSlot; slot += 1) minutes[kindOf(slot)] += MINUTES_PER_SLOT;
  return minutes;
}

function sumsOf({ slots }: DeviceRecord, signals: number, { fromSlot }: TrainingSpan): Float64Array {
  const sums = new Float64Array(signals * HOUR_KINDS);
  for (const { slot, signals: counted, counts } of slots) {
    if (slot < fromSlot) continue;
    const kind = kindOf(slot);
    for (let at = 0; at < counted.length; at += 1) sums[counted[at] * HOUR_KINDS + kind] += counts[at];
  }
  return sums;
}

function kindOf(slot: number): number {
  return hourKindOf(Math.floor(slot / SLOTS_PER_HOUR));
}
