import type { DeviceBaseline } from './baseline.ts';
import { SCALES } from './scales.ts';
import type { Signal } from './signal-names.ts';
import { SLOTS_PER_HOUR } from './slot-time.ts';
import { type DeviceRecord, replay, type TrainingSpan } from './training-record.ts';

/**
 * The largest surprise of every hour and device of training, those above 0: what calibration goes by. Hours, since what is
 * surprising stays so for some slots, and one episode is to count once.
 *
 * @returns by signal and scale, in order of `(signals, scales)`.
 */
export function hourlySurprises(
  records: readonly DeviceRecord[],
  devices: readonly DeviceBaseline[],
  signals: readonly Signal[],
  span: TrainingSpan,
): readonly number[][] {
  const hourly: number[][] = Array.from({ length: signals.length * SCALES.length }, () => []);
  const largest = new Float64Array(hourly.length);
  const finishHour = () => {
    for (const [at, surprise] of largest.entries()) if (surprise > 0) hourly[at].push(surprise);
    largest.fill(0);
  };
  for (const [at, record] of records.entries()) {
    replay(record, devices[at], signals, span, (slot, device) => {
      if (slot % SLOTS_PER_HOUR === 0) finishHour();
      device.surprises(slot, (signal, scale, surprise) => {
        const place = signal * SCALES.length + scale;
        if (surprise > largest[place]) largest[place] = surprise;
      });
    });
    finishHour();
  }
  return hourly;
}
