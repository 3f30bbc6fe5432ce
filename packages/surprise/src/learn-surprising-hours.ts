import type { SignalBaseline } from './baseline.ts';
import { calibrated } from './calibration.ts';
import type { HourlySurprise } from './hourly-surprises.ts';
import { SCALES } from './scales.ts';

/** An hour of a device in training, and its most surprising signal. */
export interface SurprisingHour {
  readonly deviceId: string;
  /** Counted from 1970. */
  readonly hour: number;
  /** -log10 of episodes per device and day. */
  readonly score: number;
  /** `minutes with wifi:psk_mismatch, hostapd`, over so many minutes that end within the hour. */
  readonly signal: string;
  readonly minutes: number;
}

/**
 * The hours of training that surprise by what was learnt of it, the most surprising first. Only what is among the largest of
 * some signal can be.
 *
 * @param hourly in order of `(signals, scales)`.
 */
export function surprisingHours(
  hourly: readonly (readonly HourlySurprise[])[],
  signals: readonly SignalBaseline[],
  deviceDays: number,
): readonly SurprisingHour[] {
  const best = new Map<string, SurprisingHour>();
  for (const [place, largest] of hourly.entries()) {
    const { name, calibrations } = signals[Math.floor(place / SCALES.length)];
    const scale = place % SCALES.length;
    for (const { surprise, deviceId, hour } of largest) {
      const score = calibrated(surprise, calibrations[scale], deviceDays);
      const key = `${hour} ${deviceId}`;
      if (score <= (best.get(key)?.score ?? 0)) continue;
      best.set(key, { deviceId, hour, score, signal: name, minutes: SCALES[scale].minutes });
    }
  }
  return [...best.values()].sort((a, b) => b.score - a.score);
}
