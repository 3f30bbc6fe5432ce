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
  const minutes = records.map((record) => minutesOf(record, span));
  const fleetMinutes = totalsOf(minutes);
  const devices = records.map((record) => sumsOf(record, signals, span));
  const fleet = new Float64Array(signals * HOUR_KINDS);
  for (const sums of devices) for (let at = 0; at < fleet.length; at += 1) fleet[at] += sums[at];
  const fleetMean = (signal: number) => {
    const sum = totalOf(fleet, signal);
    return (sum + NEVER_SEEN) / (sumOf(fleetMinutes) + 1);
  };
  return {
    ofDevice: (device) => {
      const means = new Float64Array(signals * HOUR_KINDS);
      const trained = sumOf(minutes[device]);
      const sums = devices[device];
      for (let signal = 0; signal < signals; signal += 1) {
        const pooled = fleetMean(signal) * FLEET_WEIGHT_MINUTES;
        const own = (totalOf(sums, signal) + pooled) / (trained + FLEET_WEIGHT_MINUTES);
        means.set(hourlyMeans(sums, signal, minutes[device], own), signal * HOUR_KINDS);
      }
      return means;
    },
    fleet: (signal) => hourlyMeans(fleet, signal, fleetMinutes, fleetMean(signal)),
  };
}

/** @param minutes that the sums are of, by hour kind. */
function hourlyMeans(sums: Float64Array, signal: number, minutes: Float64Array, overall: number): Float64Array {
  return Float64Array.from({ length: HOUR_KINDS }, (_, kind) => {
    let sum = 0;
    let seen = 0;
    for (const near of [kind, ...neighboursOf(kind)]) {
      sum += sums[signal * HOUR_KINDS + near];
      seen += minutes[near];
    }
    return (sum + overall * DEVICE_WEIGHT_MINUTES) / (seen + DEVICE_WEIGHT_MINUTES);
  });
}

function totalOf(sums: Float64Array, signal: number): number {
  let total = 0;
  for (let kind = 0; kind < HOUR_KINDS; kind += 1) total += sums[signal * HOUR_KINDS + kind];
  return total;
}

/** By hour kind; what is left out does not count. */
function minutesOf({ isLeftOut }: DeviceRecord, { fromSlot, toSlot }: TrainingSpan): Float64Array {
  const minutes = new Float64Array(HOUR_KINDS);
  for (let slot = fromSlot; slot < toSlot; slot += 1) {
    if (!isLeftOut(slot)) minutes[kindOf(slot)] += MINUTES_PER_SLOT;
  }
  return minutes;
}

function totalsOf(minutes: readonly Float64Array[]): Float64Array {
  return Float64Array.from({ length: HOUR_KINDS }, (_, kind) => minutes.reduce((sum, of) => sum + of[kind], 0));
}

function sumOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0);
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
