/**
 * The surprise detector tells of every slot and device how surprising it is, as -log10 of episodes per device and day that
 * are as surprising, and what is surprising about it.
 */
import type { LogEntry } from '@edgewood/logs';
import { type Baseline, type DeviceBaseline, NEVER_SEEN, newDeviceBaseline } from './baseline.ts';
import { calibrated, UNSEEN } from './calibration.ts';
import { DeviceSurprise } from './device-surprise.ts';
import { type HourParts, hourPartsOf } from './expectation.ts';
import { SCALES } from './scales.ts';
import { SignalCounter } from './signal-counter.ts';
import { SignalNames } from './signal-names.ts';
import type { SlotCounts } from './slot-counts.ts';
import type { KindFinder } from './slot-signals.ts';
import { MINUTES_PER_DAY } from './slot-time.ts';

/** Signals that the baseline does not know are counted too, so many of them at a time. */
const MOST_NEW_SIGNALS = 300;
/** Devices that training did not have are judged too, so many of them at a time: those that were heard first. */
export const MOST_NEW_DEVICES = 500;
/** Devices beyond that are counted, up to so many. */
export const MOST_UNJUDGED_DEVICES = 2_000;
/**
 * A device that was silent for so long, in minutes, is not judged until it is heard again, and then as one that begins: two
 * days, in which its silence was told.
 */
export const GONE_MINUTES = 2 * MINUTES_PER_DAY;
/** Devices that are gone are looked for every six hours. */
const SWEPT_SLOTS = 72;

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

/** Memory is bounded, whatever comes: by limits of new devices, of new signals, and of what is remembered of each. */
export class SurpriseDetector {
  readonly #baseline: Baseline;
  readonly #newDevice: DeviceBaseline;
  readonly #newSignals: { readonly count: number; readonly mean: number };
  readonly #counter: SignalCounter;
  readonly #names: SignalNames;
  readonly #devices = new Map<string, DeviceSurprise>();
  #newDevices = 0;
  readonly #unjudged = new Set<string>();
  #slot = Number.NaN;
  #slotParts: readonly HourParts[] = [];

  constructor(baseline: Baseline, findKind: KindFinder) {
    this.#baseline = baseline;
    this.#newDevice = newDeviceBaseline('', baseline);
    const mean = NEVER_SEEN / (baseline.deviceDays * MINUTES_PER_DAY);
    this.#newSignals = { count: MOST_NEW_SIGNALS, mean };
    this.#names = new SignalNames(baseline.signals, baseline.signals.length + MOST_NEW_SIGNALS);
    this.#counter = new SignalCounter(this.#names, findKind, {
      onDevice: (device, kind) => baseline.devices.get(device)?.kinds.has(kind) ?? false,
      hours: (kind) => baseline.kindHours.get(kind) ?? 0,
    });
  }

  /**
   * Judges the next slot of a device; slots of a device must come in their order, and one without entries counts as silence.
   * A device is judged from its first entry on, until it has been silent for two days.
   *
   * @param slot as `slotOf` counts.
   * @returns the reasons, the most surprising first; none if nothing is surprising, or if the device is not judged: it is
   *   not there, or training did not have it and {@link MOST_NEW_DEVICES} others are judged already.
   */
  inspect(slot: number, deviceId: string, entries: readonly LogEntry[]): readonly SurpriseReason[] {
    const device = this.#goOn(slot, deviceId, entries);
    return device === undefined ? [] : this.#reasons(slot, device);
  }

  /** As {@link inspect} of a slot of which nobody wants to know the reasons: it is looked at for the sake of later ones. */
  follow(slot: number, deviceId: string, entries: readonly LogEntry[]): void {
    this.#goOn(slot, deviceId, entries);
  }

  /** Devices that were heard when {@link MOST_NEW_DEVICES} others were judged; {@link MOST_UNJUDGED_DEVICES} at most. */
  get unjudgedDevices(): number {
    return this.#unjudged.size;
  }

  /** @returns undefined if the device is not judged. */
  #goOn(slot: number, deviceId: string, entries: readonly LogEntry[]): DeviceSurprise | undefined {
    if (slot !== this.#slot) this.#begin(slot);
    if (!this.#hasPlaceFor(deviceId)) {
      if (entries.length > 0 && this.#unjudged.size < MOST_UNJUDGED_DEVICES) this.#unjudged.add(deviceId);
      return undefined;
    }
    const counts = this.#counter.count(slot, deviceId, entries);
    const device = this.#deviceOf(deviceId, counts);
    device?.add(counts, this.#slotParts);
    return device;
  }

  #begin(slot: number): void {
    const isSwept = Math.floor(slot / SWEPT_SLOTS) === Math.floor(this.#slot / SWEPT_SLOTS);
    this.#slot = slot;
    this.#slotParts = hourPartsOf(slot);
    if (isSwept) return;
    for (const [id, device] of this.#devices) if (isGone(device, slot)) this.#drop(id);
  }

  #hasPlaceFor(id: string): boolean {
    return this.#devices.has(id) || this.#baseline.devices.has(id) || this.#newDevices < MOST_NEW_DEVICES;
  }

  /** The device as it is known; undefined for one that is not there. */
  #deviceOf(id: string, { slot, lastMinute }: SlotCounts): DeviceSurprise | undefined {
    const device = this.#devices.get(id);
    if (device !== undefined && !isGone(device, slot)) return device;
    if (device !== undefined) this.#drop(id);
    if (lastMinute < 0) return undefined;
    const known = this.#baseline.devices.get(id);
    if (known === undefined) this.#newDevices += 1;
    const fresh = new DeviceSurprise(known ?? this.#newDevice, this.#baseline.signals, this.#newSignals);
    this.#devices.set(id, fresh);
    return fresh;
  }

  #drop(id: string): void {
    this.#devices.delete(id);
    if (!this.#baseline.devices.has(id)) this.#newDevices -= 1;
  }

  #reasons(slot: number, device: DeviceSurprise): readonly SurpriseReason[] {
    const { signals, deviceDays } = this.#baseline;
    const best = new Map<number, SurpriseReason>();
    device.surprises(slot, (signal, scale, surprise, count, expected) => {
      const score = calibrated(surprise, signals[signal]?.calibrations[scale] ?? UNSEEN, deviceDays);
      if (score <= (best.get(signal)?.score ?? 0)) return;
      const { name } = this.#names.all[signal];
      best.set(signal, { signal: name, minutes: SCALES[scale].minutes, count, expected, score });
    });
    return [...best.values()].sort(byScoreAndName).slice(0, REASONS);
  }
}

/** Whether it is silent for two days and the slot. */
function isGone(device: DeviceSurprise, slot: number): boolean {
  return (device.silentMinutes(slot) ?? Number.POSITIVE_INFINITY) > GONE_MINUTES;
}

/** By name where scores are the same, or it would depend on what came first, days ago. */
function byScoreAndName(a: SurpriseReason, b: SurpriseReason): number {
  return b.score - a.score || (a.signal < b.signal ? -1 : 1);
}
