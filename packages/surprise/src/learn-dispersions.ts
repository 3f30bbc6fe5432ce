/**
 * How much more the counts of a signal vary than independent ones would, by moments: over many spans of a scale, the mean of
 * (count - expected)² - expected, relative to expected². A device's is pooled with the fleet's.
 */
import type { DeviceBaseline } from './baseline.ts';
import { SCALES } from './scales.ts';
import type { Signal } from './signal-names.ts';
import { type DeviceRecord, replay, type TrainingSpan } from './training-record.ts';

/** Measured in every third slot: neighbours have most of their long scales in common. */
const SAMPLED_SLOTS = 3;
/** A device's dispersion is its own to so much, and the fleet's for the rest. */
const OWN_SHARE = 0.75;
const LIMITS = { least: 0.01, most: 50 };
const NEARLY_NOTHING = 1e-9;

/**
 * Sets the dispersions of the devices.
 *
 * @returns those of the fleet, shape `(signals, scales)`.
 */
export function learnDispersions(
  records: readonly DeviceRecord[],
  devices: readonly DeviceBaseline[],
  signals: readonly Signal[],
  span: TrainingSpan,
): Float64Array {
  const size = signals.length * SCALES.length;
  const moments = records.map((record, at) => momentsOf(record, devices[at], signals, span));
  const fleet = new Float64Array(size);
  for (let at = 0; at < size; at += 1) {
    let excess = 0;
    let squares = 0;
    for (const of of moments) {
      excess += of.excess[at];
      squares += of.squares[at];
    }
    fleet[at] = limited(excess / (squares + NEARLY_NOTHING));
    for (const [device, of] of moments.entries()) {
      const own = Math.max(0, of.excess[at] / (of.squares[at] + NEARLY_NOTHING));
      devices[device].dispersions[at] = limited(
        OWN_SHARE * own + (1 - OWN_SHARE) * Math.max(0, excess / (squares + NEARLY_NOTHING)),
      );
    }
  }
  return fleet;
}

function momentsOf(record: DeviceRecord, baseline: DeviceBaseline, signals: readonly Signal[], span: TrainingSpan) {
  const excess = new Float64Array(signals.length * SCALES.length);
  const squares = new Float64Array(signals.length * SCALES.length);
  replay(record, baseline, signals, span, (slot, device, scales) => {
    if (slot % SAMPLED_SLOTS !== 0) return;
    device.forEach((signal, scale, count, usual) => {
      if (scale >= scales) return;
      const at = signal * SCALES.length + scale;
      excess[at] += (count - usual) ** 2 - usual;
      squares[at] += usual * usual;
    });
  });
  return { excess, squares };
}

function limited(dispersion: number): number {
  return Math.min(LIMITS.most, Math.max(LIMITS.least, dispersion));
}
