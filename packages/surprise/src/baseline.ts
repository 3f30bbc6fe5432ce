/**
 * The baseline is what training learnt to be usual: of each device and signal how much of it comes in each hour of a working
 * day and of a weekend, how much that varies, and how rarely it surprises.
 */
import type { Calibration } from './calibration.ts';
import { SCALES } from './scales.ts';
import type { Signal } from './signal-names.ts';
import { HOUR_KINDS } from './slot-time.ts';
import type { WindowNorms } from './window-norms.ts';

/** What was never counted is expected so often in all of training (rule of succession). */
export const NEVER_SEEN = 0.5;

/** What is usual of one signal. */
export interface SignalBaseline extends Signal {
  /** By hour kind: the mean count of a minute, of all devices together and one alone; of a device that training never saw. */
  readonly fleetMeans: Float64Array;
  /** By scale: of such a device. */
  readonly fleetDispersions: readonly number[];
  /** By scale. */
  readonly calibrations: readonly Calibration[];
}

/** What is usual of one device. */
export interface DeviceBaseline {
  readonly id: string;
  /** Shape `(signals, 48)`: the mean count of a minute. */
  readonly means: Float64Array;
  /** Shape `(signals, scales)`. */
  readonly dispersions: Float64Array;
  /** By hour of the day, UTC: a silence, in minutes, that is longer than all but one in two thousand. */
  readonly longestSilences: Float64Array;
  /** Kinds of messages that it had in training. */
  readonly kinds: ReadonlySet<string>;
}

export interface Baseline {
  /** As of a device, of all together. */
  readonly fleetSilences: Float64Array;
  readonly signals: readonly SignalBaseline[];
  readonly devices: ReadonlyMap<string, DeviceBaseline>;
  /** In how many hours of training each kind of message came, of all devices. */
  readonly kindHours: ReadonlyMap<string, number>;
  /** So many days of so many devices were calibrated on. */
  readonly deviceDays: number;
  /** What is usual of windows' features; only where the forest is trained on vectors in terms of it. */
  readonly windowNorms?: WindowNorms | undefined;
}

/** Of a device that training never saw: as an ordinary one of the fleet. */
export function newDeviceBaseline(id: string, { signals, fleetSilences }: Baseline): DeviceBaseline {
  const means = new Float64Array(signals.length * HOUR_KINDS);
  const dispersions = new Float64Array(signals.length * SCALES.length);
  for (const [at, { fleetMeans, fleetDispersions }] of signals.entries()) {
    means.set(fleetMeans, at * HOUR_KINDS);
    dispersions.set(fleetDispersions, at * SCALES.length);
  }
  return { id, means, dispersions, longestSilences: fleetSilences, kinds: new Set() };
}
