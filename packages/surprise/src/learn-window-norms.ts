/** Means and spreads of windows' values by device and hour kind, which borrow from others where there is little to learn from. */
import { HOUR_KINDS, hourKindOf, neighboursOf } from './slot-time.ts';
import { type HourlyNorms, levelOf, type WindowNorms } from './window-norms.ts';

/** A window of training. */
export interface NormWindow {
  /** Unix milliseconds UTC. */
  readonly fromMs: number;
  /** `null` for a window of all devices. */
  readonly deviceId: string | null;
  /** Shape `(features,)`. */
  readonly vector: Float64Array;
}

const HOUR_MS = 3_600_000;
/** An hour kind has the weight of its windows and its neighbours'; its device that of so many. */
const DEVICE_WEIGHT_WINDOWS = 36;
/** A device has the weight of its windows; the fleet that of so many. */
const FLEET_WEIGHT_WINDOWS = 72;
/** Of a level, added to every spread: what never came would be infinitely far otherwise, and what always came just as well. */
const LEAST_SPREAD = 0.15;
/** Of a level: of what never came. */
const LEAST_MEAN = 1e-6;

/** Of one group of windows: how many there are, and of each feature the sums of its levels and their squares. */
interface Moments {
  windows: number;
  readonly sums: Float64Array;
  readonly squares: Float64Array;
}

/** Moments of windows by hour kind. */
type HourlyMoments = readonly Moments[];

/**
 * Learns what is usual.
 *
 * @param features names in the order of the vectors.
 * @param windows at least one.
 */
export function learnWindowNorms(features: readonly string[], windows: Iterable<NormWindow>): WindowNorms {
  const size = features.length;
  const fleet = noHourlyMoments(size);
  const devices = new Map<string, HourlyMoments>();
  for (const { fromMs, deviceId, vector } of windows) {
    const hourKind = hourKindOf(Math.floor(fromMs / HOUR_MS));
    const levels = vector.map(levelOf);
    addLevels(fleet[hourKind], levels);
    if (deviceId === null) continue;
    const device = devices.get(deviceId) ?? noHourlyMoments(size);
    devices.set(deviceId, device);
    addLevels(device[hourKind], levels);
  }
  const ofFleet = joined(fleet, size);
  return {
    features,
    fleet: hourlyNorms(fleet, ofFleet, size),
    devices: new Map(
      [...devices].map(([id, hours]) => {
        const own = joined([joined(hours, size), weighing(ofFleet, FLEET_WEIGHT_WINDOWS)], size);
        return [id, hourlyNorms(hours, own, size)];
      }),
    ),
  };
}

/** @param overall what an hour kind borrows from. */
function hourlyNorms(hours: HourlyMoments, overall: Moments, size: number): HourlyNorms {
  const norms = { means: new Float64Array(size * HOUR_KINDS), spreads: new Float64Array(size * HOUR_KINDS) };
  const borrowed = weighing(overall, DEVICE_WEIGHT_WINDOWS);
  for (const hourKind of hours.keys()) {
    const near = [hourKind, ...neighboursOf(hourKind)].map((kind) => hours[kind]);
    const { windows, sums, squares } = joined([...near, borrowed], size);
    for (let feature = 0; feature < size; feature += 1) {
      const mean = sums[feature] / windows;
      const variance = Math.max(0, squares[feature] / windows - mean * mean);
      norms.means[feature * HOUR_KINDS + hourKind] = Math.max(mean, LEAST_MEAN);
      norms.spreads[feature * HOUR_KINDS + hourKind] = Math.sqrt(variance + LEAST_SPREAD ** 2);
    }
  }
  return norms;
}

function noMoments(size: number): Moments {
  return { windows: 0, sums: new Float64Array(size), squares: new Float64Array(size) };
}

function noHourlyMoments(size: number): HourlyMoments {
  return Array.from({ length: HOUR_KINDS }, () => noMoments(size));
}

function addLevels(moments: Moments, levels: Float64Array): void {
  moments.windows += 1;
  for (let feature = 0; feature < levels.length; feature += 1) {
    moments.sums[feature] += levels[feature];
    moments.squares[feature] += levels[feature] ** 2;
  }
}

function joined(parts: readonly Moments[], size: number): Moments {
  const whole = noMoments(size);
  for (const { windows, sums, squares } of parts) {
    whole.windows += windows;
    for (let feature = 0; feature < size; feature += 1) {
      whole.sums[feature] += sums[feature];
      whole.squares[feature] += squares[feature];
    }
  }
  return whole;
}

/** The same mean and spread, as of so many windows. */
function weighing({ windows, sums, squares }: Moments, as: number): Moments {
  const share = as / windows;
  return { windows: as, sums: sums.map((sum) => sum * share), squares: squares.map((square) => square * share) };
}
