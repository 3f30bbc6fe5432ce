/**
 * The surprise detector tells of every slot and device how surprising it is, as -log10 of episodes per device and day that
 * are as surprising, and what is surprising about it.
 */
import type { LogEntry } from '@edgewood/logs';
import { type Baseline, NEVER_SEEN, newDeviceBaseline, type SignalBaseline } from './baseline.ts';
import { calibrated, UNSEEN } from './calibration.ts';
import { DeviceSurprise } from './device-surprise.ts';
import { type HourParts, hourPartsOf } from './expectation.ts';
import { SCALES } from './scales.ts';
import { SignalCounter } from './signal-counter.ts';
import { SignalNames } from './signal-names.ts';
import type { KindFinder } from './slot-signals.ts';
import { HOUR_KINDS, MINUTES_PER_DAY } from './slot-time.ts';

/** Signals that the baseline does not know are counted too, so many of them. */
const MOST_NEW_SIGNALS = 300;
const NEW_DISPERSION = 1;

/** One reason why a slot is surprising. */
export interface SurpriseReason {
  /** What was counted: `minutes with wifi:psk_mismatch, hostapd`. */
  readonly signal: string;
  /** Over how many minutes, ending with the slot. */
  readonly minutes: number;
  readonly count: number;
  readonly expected: number;
  /** -log10 of episodes per device and day. */
  readonly score: number;
}

/** How many reasons are told, the largest first. */
const REASONS = 5;

export class SurpriseDetector {
  readonly #baseline: Baseline;
  readonly #signals: readonly SignalBaseline[];
  readonly #counter: SignalCounter;
  readonly #names: SignalNames;
  readonly #devices = new Map<string, DeviceSurprise>();
  #slot = Number.NaN;
  #slotParts: readonly HourParts[] = [];

  constructor(baseline: Baseline, findKind: KindFinder) {
    this.#baseline = baseline;
    this.#signals = [...baseline.signals, ...newSignals(baseline)];
    this.#names = new SignalNames(baseline.signals, this.#signals.length);
    this.#counter = new SignalCounter(this.#names, findKind, {
      onDevice: (device, kind) => baseline.devices.get(device)?.kinds.has(kind) ?? false,
      hours: (kind) => baseline.kindHours.get(kind) ?? 0,
    });
  }

  /**
   * Judges the next slot of a device; slots of a device must come in their order, and one without entries counts as silence.
   *
   * @param slot as `slotOf` counts.
   * @returns the reasons, the most surprising first; none if nothing is surprising.
   */
  inspect(slot: number, deviceId: string, entries: readonly LogEntry[]): readonly SurpriseReason[] {
    const counts = this.#counter.count(slot, deviceId, entries);
    const device = this.#device(deviceId);
    device.add(counts, this.#parts(slot));
    const best = new Map<number, SurpriseReason>();
    device.surprises(slot, (signal, scale, surprise, count, expected) => {
      const score = calibrated(surprise, this.#signals[signal].calibrations[scale], this.#baseline.deviceDays);
      if (score <= (best.get(signal)?.score ?? 0)) return;
      const name = this.#names.all[signal].name;
      best.set(signal, { signal: name, minutes: SCALES[scale].minutes, count, expected, score });
    });
    return [...best.values()].sort(byScoreAndName).slice(0, REASONS);
  }

  /** The same for all devices. */
  #parts(slot: number): readonly HourParts[] {
    if (slot !== this.#slot) {
      this.#slot = slot;
      this.#slotParts = hourPartsOf(slot);
    }
    return this.#slotParts;
  }

  #device(id: string): DeviceSurprise {
    let device = this.#devices.get(id);
    if (device === undefined) {
      const known = this.#baseline.devices.get(id);
      const whole = { ...this.#baseline, signals: this.#signals };
      const fresh = newDeviceBaseline(id, whole);
      if (known !== undefined) {
        fresh.means.set(known.means);
        fresh.dispersions.set(known.dispersions);
      }
      device = new DeviceSurprise(
        { ...fresh, ...(known && { longestSilences: known.longestSilences }) },
        this.#signals,
      );
      this.#devices.set(id, device);
    }
    return device;
  }
}

/** By name where scores are the same, or it would depend on what came first, days ago. */
function byScoreAndName(a: SurpriseReason, b: SurpriseReason): number {
  return b.score - a.score || (a.signal < b.signal ? -1 : 1);
}

/** Places for signals that are yet to come. */
function newSignals({ deviceDays }: Baseline): SignalBaseline[] {
  const mean = NEVER_SEEN / (deviceDays * MINUTES_PER_DAY);
  return Array.from({ length: MOST_NEW_SIGNALS }, () => ({
    name: 'new',
    low: false,
    fleetMeans: new Float64Array(HOUR_KINDS).fill(mean),
    fleetDispersions: SCALES.map(() => NEW_DISPERSION),
    calibrations: SCALES.map(() => UNSEEN),
  }));
}
