/**
 * Which hours of training are suspicious: they surprise by what was learnt with them in it. What is learnt from an incident
 * is that incidents are usual, so such hours are left out and what is usual is learnt again, once. Pure.
 */
import type { DeviceHours, SurprisingHour } from '@edgewood/surprise';
import type { ExcludedSpan } from './excluded-time.ts';

/**
 * An hour is suspicious above this, as -log10 of episodes per device and day: less than once in ten thousand days of one. At 3
 * more of what is rare and ordinary goes as well, and is told as an alarm ever after.
 */
export const SUSPICIOUS_SCORE = 4;
/** If more of what is learnt from is suspicious than this, it is not the odd incident, and nothing is left out. */
export const MOST_SUSPICIOUS_SHARE = 0.05;

const HOURS_PER_DAY = 24;
const HOUR_MS = 3_600_000;

export interface SuspiciousHours {
  /** The most surprising first; empty if there are too many. */
  readonly leftOut: readonly SurprisingHour[];
  /** How many hours of a device are suspicious, left out or not, and their share of those that were learnt from. */
  readonly found: number;
  readonly share: number;
}

/**
 * @param hours of training, with the score that they have by what was learnt of it.
 * @param deviceDays so many days of so many devices were learnt from.
 */
export function chooseSuspiciousHours(hours: readonly SurprisingHour[], deviceDays: number): SuspiciousHours {
  const suspicious = hours.filter(({ score }) => score > SUSPICIOUS_SCORE).sort((a, b) => b.score - a.score);
  const share = suspicious.length / (deviceDays * HOURS_PER_DAY);
  return { leftOut: share > MOST_SUSPICIOUS_SHARE ? [] : suspicious, found: suspicious.length, share };
}

/** As time that is left out, with its reason. */
export function spansOfHours(hours: readonly SurprisingHour[]): readonly ExcludedSpan[] {
  return hours.map(({ deviceId, hour, signal }) => {
    return { fromMs: hour * HOUR_MS, toMs: (hour + 1) * HOUR_MS, devices: [deviceId], reason: signal };
  });
}

/** By device. */
export function hoursByDevice(hours: readonly SurprisingHour[]): DeviceHours {
  const byDevice = new Map<string, Set<number>>();
  for (const { deviceId, hour } of hours) {
    const known = byDevice.get(deviceId);
    if (known === undefined) byDevice.set(deviceId, new Set([hour]));
    else known.add(hour);
  }
  return byDevice;
}
