/**
 * Learning a baseline takes three looks at the counts of training: how much there is of each signal at each hour, how much
 * that varies, and how rarely it then surprises. The last two look through the very code that looks in production.
 */
import type { LogEntry } from '@edgewood/logs';
import type { Baseline, DeviceBaseline, SignalBaseline } from './baseline.ts';
import { calibrate } from './calibration.ts';
import { hourlySurprises } from './hourly-surprises.ts';
import { learnDispersions } from './learn-dispersions.ts';
import { learnMeans } from './learn-means.ts';
import { learnSilences } from './learn-silences.ts';
import { SCALES } from './scales.ts';
import { SignalCounter } from './signal-counter.ts';
import { SignalNames } from './signal-names.ts';
import type { SlotCounts } from './slot-counts.ts';
import type { KindFinder } from './slot-signals.ts';
import { SLOTS_PER_HOUR } from './slot-time.ts';

const SLOTS_PER_DAY = 288;
/** The beginning is not learnt from: everything is new there. Two days, or a seventh of a short training. */
const BEGINNING = { slots: 2 * SLOTS_PER_DAY, share: 1 / 7 };
interface DeviceNotes {
  readonly slots: SlotCounts[];
  readonly kinds: Set<string>;
}

export class BaselineLearner {
  readonly #names = new SignalNames();
  readonly #counter: SignalCounter;
  readonly #devices = new Map<string, DeviceNotes>();
  readonly #kindHours = new Map<string, { hour: number; hours: number }>();
  #firstSlot = Number.POSITIVE_INFINITY;
  #lastSlot = Number.NEGATIVE_INFINITY;

  constructor(findKind: KindFinder) {
    this.#counter = new SignalCounter(this.#names, findKind);
  }

  /** Takes a slot of a device; in order of time. Slots without entries may be left out. */
  add(slot: number, deviceId: string, entries: readonly LogEntry[]): void {
    this.#firstSlot = Math.min(this.#firstSlot, slot);
    this.#lastSlot = Math.max(this.#lastSlot, slot);
    let device = this.#devices.get(deviceId);
    if (device === undefined) {
      device = { slots: [], kinds: new Set() };
      this.#devices.set(deviceId, device);
    }
    const { kinds } = device;
    const hour = Math.floor(slot / SLOTS_PER_HOUR);
    device.slots.push(this.#counter.count(slot, deviceId, entries, (name) => this.#noteKind(kinds, name, hour)));
  }

  finish(): Baseline {
    const length = this.#lastSlot - this.#firstSlot + 1;
    const fromSlot = this.#firstSlot + Math.floor(Math.min(BEGINNING.slots, length * BEGINNING.share));
    const span = { fromSlot, firstSlot: this.#firstSlot, toSlot: this.#lastSlot + 1 };
    const records = [...this.#devices].map(([id, { slots }]) => ({ id, slots }));
    const means = learnMeans(records, this.#names.all.length, span);
    const silences = learnSilences(records, span);
    const signals = this.#names.all.map((signal, at): SignalBaseline => {
      return { ...signal, fleetMeans: means.fleet(at), fleetDispersions: [], calibrations: [] };
    });
    const devices = records.map(({ id }, at): DeviceBaseline => {
      return {
        id,
        means: means.ofDevice(at),
        dispersions: new Float64Array(signals.length * SCALES.length).fill(1),
        longestSilences: silences.devices[at],
        kinds: this.#devices.get(id)?.kinds ?? new Set(),
      };
    });
    const fleetDispersions = learnDispersions(records, devices, signals, span);
    const hourly = hourlySurprises(records, devices, signals, span);
    const deviceDays = ((span.toSlot - span.fromSlot) / SLOTS_PER_DAY) * devices.length;
    return {
      signals: signals.map((signal, at) => ({
        ...signal,
        fleetDispersions: [...fleetDispersions.subarray(at * SCALES.length, (at + 1) * SCALES.length)],
        calibrations: SCALES.map((_, scale) => calibrate(hourly[at * SCALES.length + scale])),
      })),
      devices: new Map(devices.map((device) => [device.id, device])),
      fleetSilences: silences.fleet,
      kindHours: new Map([...this.#kindHours].map(([kind, { hours }]) => [kind, hours])),
      deviceDays,
    };
  }

  #noteKind(kinds: Set<string>, name: string, hour: number): void {
    kinds.add(name);
    const known = this.#kindHours.get(name);
    if (known === undefined) this.#kindHours.set(name, { hour, hours: 1 });
    else if (known.hour !== hour) this.#kindHours.set(name, { hour, hours: known.hours + 1 });
  }
}
