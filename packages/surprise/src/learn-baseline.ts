/**
 * Learning a baseline takes three looks at the counts of training: how much there is of each signal at each hour, how much
 * that varies, and how rarely it then surprises. The last two look through the very code that looks in production.
 *
 * Time can be left out, from the beginning or after a first look: then it counts as not looked at, which is less than as
 * time in which nothing came.
 */
import type { LogEntry } from '@edgewood/logs';
import type { Baseline, DeviceBaseline, SignalBaseline } from './baseline.ts';
import { calibrate } from './calibration.ts';
import { hourlySurprises } from './hourly-surprises.ts';
import { learnDispersions } from './learn-dispersions.ts';
import { type DeviceHours, KindHours } from './learn-kind-hours.ts';
import { type LearntMeans, learnMeans } from './learn-means.ts';
import { type LearntSilences, learnSilences } from './learn-silences.ts';
import { type SurprisingHour, surprisingHours } from './learn-surprising-hours.ts';
import { SCALES } from './scales.ts';
import { SignalCounter } from './signal-counter.ts';
import { SignalNames } from './signal-names.ts';
import type { SlotCounts } from './slot-counts.ts';
import type { KindFinder } from './slot-signals.ts';
import { SLOTS_PER_DAY, SLOTS_PER_HOUR } from './slot-time.ts';
import { type DeviceRecord, learntSlots, type TrainingSpan } from './training-record.ts';

/** The beginning is not learnt from: everything is new there. Two days, or a seventh of a short training. */
const BEGINNING = { slots: 2 * SLOTS_PER_DAY, share: 1 / 7 };

export interface LearntBaseline {
  readonly baseline: Baseline;
  /** The hours of training that surprise by it, the most surprising first. */
  readonly surprisingHours: readonly SurprisingHour[];
}

export class BaselineLearner {
  readonly #names = new SignalNames();
  readonly #counter: SignalCounter;
  readonly #isLeftOut: (deviceId: string, slot: number) => boolean;
  readonly #devices = new Map<string, SlotCounts[]>();
  readonly #kinds = new KindHours();
  #firstSlot = Number.POSITIVE_INFINITY;
  #lastSlot = Number.NEGATIVE_INFINITY;

  /** @param isLeftOut tells slots of devices that count as not looked at; the same answer whenever it is asked. */
  constructor(findKind: KindFinder, isLeftOut: (deviceId: string, slot: number) => boolean = () => false) {
    this.#counter = new SignalCounter(this.#names, findKind);
    this.#isLeftOut = isLeftOut;
  }

  /** Takes a slot of a device; in order of time. Slots without entries may be left out. */
  add(slot: number, deviceId: string, entries: readonly LogEntry[]): void {
    if (this.#isLeftOut(deviceId, slot)) return;
    this.#firstSlot = Math.min(this.#firstSlot, slot);
    this.#lastSlot = Math.max(this.#lastSlot, slot);
    let slots = this.#devices.get(deviceId);
    if (slots === undefined) {
      slots = [];
      this.#devices.set(deviceId, slots);
    }
    const hour = Math.floor(slot / SLOTS_PER_HOUR);
    slots.push(this.#counter.count(slot, deviceId, entries, (name) => this.#kinds.note(name, deviceId, hour)));
  }

  /** The baseline of all that was added. */
  finish(): Baseline {
    return this.learn().baseline;
  }

  /**
   * Learns from what was added so far; may be asked again.
   *
   * @param without hours that are left out as well.
   */
  learn(without: DeviceHours = new Map()): LearntBaseline {
    const span = this.#span();
    const records = [...this.#devices.keys()].map((id) => this.#recordOf(id, without));
    const kinds = this.#kinds.without(without);
    const means = learnMeans(records, this.#names.all.length, span);
    const silences = learnSilences(records, span);
    const unmeasured = this.#names.all.map((signal, at): SignalBaseline => {
      return { ...signal, fleetMeans: means.fleet(at), fleetDispersions: [], calibrations: [] };
    });
    const devices = records.map(({ id }, at) => deviceOf(id, at, means, silences, kinds.ofDevice(id), unmeasured));
    const fleetDispersions = learnDispersions(records, devices, unmeasured, span);
    const hourly = hourlySurprises(records, devices, unmeasured, span);
    const slots = records.reduce((sum, record) => sum + learntSlots(record, span), 0);
    const deviceDays = Math.max(1, slots) / SLOTS_PER_DAY;
    const signals = unmeasured.map((signal, at) => ({
      ...signal,
      fleetDispersions: [...fleetDispersions.subarray(at * SCALES.length, (at + 1) * SCALES.length)],
      calibrations: SCALES.map((_, scale) => {
        return calibrate(hourly[at * SCALES.length + scale].map(({ surprise }) => surprise));
      }),
    }));
    const baseline = {
      signals,
      devices: new Map(devices.map((device) => [device.id, device])),
      fleetSilences: silences.fleet,
      kindHours: kinds.hours,
      deviceDays,
    };
    return { baseline, surprisingHours: surprisingHours(hourly, signals, deviceDays) };
  }

  #span(): TrainingSpan {
    const length = this.#lastSlot - this.#firstSlot + 1;
    const fromSlot = this.#firstSlot + Math.floor(Math.min(BEGINNING.slots, length * BEGINNING.share));
    return { fromSlot, firstSlot: this.#firstSlot, toSlot: this.#lastSlot + 1 };
  }

  #recordOf(id: string, without: DeviceHours): DeviceRecord {
    const hours = without.get(id) ?? new Set();
    const isDropped = (slot: number) => hours.has(Math.floor(slot / SLOTS_PER_HOUR));
    const slots = this.#devices.get(id) ?? [];
    return {
      id,
      slots: hours.size === 0 ? slots : slots.filter(({ slot }) => !isDropped(slot)),
      isLeftOut: (slot) => isDropped(slot) || this.#isLeftOut(id, slot),
    };
  }
}

function deviceOf(
  id: string,
  at: number,
  means: LearntMeans,
  silences: LearntSilences,
  kinds: ReadonlySet<string>,
  signals: readonly SignalBaseline[],
): DeviceBaseline {
  return {
    id,
    means: means.ofDevice(at),
    dispersions: new Float64Array(signals.length * SCALES.length).fill(1),
    longestSilences: silences.devices[at],
    kinds,
  };
}
