/**
 * Window norms say what a feature of a window usually is, by device and hour. A vector in terms of them says how far a window
 * is from what is usual, so that a busy access point and a quiet one, a working day and a night can stand in one forest.
 */
import { HOUR_KINDS, hourKindOf } from './slot-time.ts';

/** What is usual by hour kind, in the logarithms that {@link levelOf} gives. */
export interface HourlyNorms {
  /** Shape `(features, 48)`. */
  readonly means: Float64Array;
  /** Shape `(features, 48)`: standard deviations, above 0. */
  readonly spreads: Float64Array;
}

export interface WindowNorms {
  /** Names in the order of the vectors. */
  readonly features: readonly string[];
  /** Of a device that training never saw, and of windows of all devices together. */
  readonly fleet: HourlyNorms;
  /** By the devices' ids. */
  readonly devices: ReadonlyMap<string, HourlyNorms>;
}

const HOUR_MS = 3_600_000;

/** The logarithm in which values are compared: from 1 to 2 is as far as from 101 to 203. Values below 0 count as 0. */
export function levelOf(value: number): number {
  return Math.log1p(Math.max(0, value));
}

/**
 * How far each value is from what is usual, in standard deviations: 0 as usual, whether more or less does not matter.
 *
 * @param vector shape `(features,)`.
 * @param deviceId `null` for a window of all devices.
 * @param fromMs beginning of the window; its hour is the one that counts.
 * @returns shape `(features,)`, finite and at least 0 for finite values.
 */
export function scaleByNorms(
  norms: WindowNorms,
  vector: Float64Array,
  deviceId: string | null,
  fromMs: number,
): Float64Array {
  const { means, spreads } = (deviceId === null ? undefined : norms.devices.get(deviceId)) ?? norms.fleet;
  const hourKind = hourKindOf(Math.floor(fromMs / HOUR_MS));
  return vector.map((value, feature) => {
    const at = feature * HOUR_KINDS + hourKind;
    return Math.abs(levelOf(value) - means[at]) / spreads[at];
  });
}
