import type { DeviceBaseline } from './baseline.ts';
import { LAST_RANK } from './calibration.ts';
import { SCALES } from './scales.ts';
import type { Signal } from './signal-names.ts';
import { SLOTS_PER_HOUR } from './slot-time.ts';
import { type DeviceRecord, replay, type TrainingSpan } from './training-record.ts';

/** The largest surprise of a signal and scale in an hour of a device. */
export interface HourlySurprise {
  readonly surprise: number;
  readonly deviceId: string;
  /** Counted from 1970. */
  readonly hour: number;
}

/**
 * The largest surprise of every hour and device of training, those above 0: what calibration goes by. Hours, since what is
 * surprising stays so for some slots, and one episode is to count once.
 *
 * @returns by signal and scale, in order of `(signals, scales)`; of each the largest, as many as calibration has ranks, the
 *   largest first.
 */
export function hourlySurprises(
  records: readonly DeviceRecord[],
  devices: readonly DeviceBaseline[],
  signals: readonly Signal[],
  span: TrainingSpan,
): readonly (readonly HourlySurprise[])[] {
  const hourly: HourlySurprise[][] = Array.from({ length: signals.length * SCALES.length }, () => []);
  const largest = new Float64Array(hourly.length);
  for (const [at, record] of records.entries()) {
    let hour = Number.NaN;
    const finishHour = () => {
      for (const [place, surprise] of largest.entries()) {
        if (surprise > 0) insert(hourly[place], { surprise, deviceId: record.id, hour });
      }
      largest.fill(0);
    };
    replay(record, devices[at], signals, span, (slot, device, scales) => {
      const present = Math.floor(slot / SLOTS_PER_HOUR);
      if (present !== hour) finishHour();
      hour = present;
      device.surprises(slot, (signal, scale, surprise) => {
        const place = signal * SCALES.length + scale;
        if (scale < scales && surprise > largest[place]) largest[place] = surprise;
      });
    });
    finishHour();
  }
  return hourly;
}

/** Into its place among the largest; the smallest gives way if there are too many. */
function insert(largest: HourlySurprise[], added: HourlySurprise): void {
  let at = largest.length;
  while (at > 0 && largest[at - 1].surprise < added.surprise) at -= 1;
  if (at >= LAST_RANK) return;
  largest.splice(at, 0, added);
  if (largest.length > LAST_RANK) largest.pop();
}
