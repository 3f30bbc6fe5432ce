/**
 * The signal counter turns the entries of a slot into counts of signals: the same way in training and in production.
 *
 * What it remembers reaches two days back: after two days and an hour it counts as one that has always been there.
 */
import type { LogEntry } from '@edgewood/logs';
import { KindMemory } from './kind-memory.ts';
import { RecentSubjects } from './recent-subjects.ts';
import { ALWAYS, type SignalNames } from './signal-names.ts';
import { type SlotCounts, SlotTally } from './slot-counts.ts';
import type { KindFinder, KindOfEntry, MessageKind } from './slot-signals.ts';
import { SLOT_MS } from './slot-time.ts';

const MINUTE_MS = 60_000;
/** A station, or a rare kind of message, counts again when it was not seen for so long, in minutes. */
const AGAIN_MINUTES = 10;
/** A station does something for the first time when it did not for so long, in minutes: six hours. */
const FIRST_MINUTES = 360;
/** A kind of message is rare while all devices together had it in no more hours than this within two days. */
const RARE_HOURS = 5;
/** Memories are tidied up every six hours. */
const PRUNED_SLOTS = 72;

/** Kinds of messages that were seen in training. */
export interface KnownKinds {
  /** Whether training had it on this device. */
  onDevice(device: string, kind: string): boolean;
  /** In how many hours of training any device had it. */
  hours(kind: string): number;
}

export const NOTHING_KNOWN: KnownKinds = { onDevice: () => false, hours: () => 0 };

/** One kind of message: the numbers of its signals, and what is remembered of it. */
interface CountedKind {
  readonly name: string;
  readonly trainedHours: number;
  readonly minutes: number;
  readonly stations: number;
  readonly firstStations: number;
  readonly programEntries: number;
  readonly memory: KindMemory;
}

export class SignalCounter {
  readonly #names: SignalNames;
  readonly #findKind: KindFinder;
  readonly #known: KnownKinds;
  readonly #kinds = new Map<string, CountedKind>();
  readonly #stations = new Map<string, RecentSubjects>();
  readonly #allStations = new RecentSubjects();
  #prunedAt = 0;

  constructor(names: SignalNames, findKind: KindFinder, known: KnownKinds = NOTHING_KNOWN) {
    this.#names = names;
    this.#findKind = findKind;
    this.#known = known;
  }

  /**
   * @param entries of the device in the slot, in order of time.
   * @param onKind is told the kind of every entry that is counted.
   */
  count(slot: number, device: string, entries: readonly LogEntry[], onKind?: (name: string) => void): SlotCounts {
    if (slot - this.#prunedAt >= PRUNED_SLOTS) this.#prune(slot);
    const tally = new SlotTally();
    const ofStations = new Map<string, number>();
    for (const entry of entries) {
      const found = this.#findKind(entry);
      if (found === undefined) continue;
      onKind?.(found.kind.name);
      this.#countEntry(tally, device, found, entry.timeMs, slot);
      if (found.subject !== undefined) ofStations.set(found.subject, (ofStations.get(found.subject) ?? 0) + 1);
    }
    const busiest = ofStations.values().reduce((most, entries) => Math.max(most, entries), 0);
    if (busiest > 0) tally.add(ALWAYS.busiestStation, 0, busiest);
    return tally.finish(slot);
  }

  #countEntry(tally: SlotTally, device: string, of: KindOfEntry, timeMs: number, slot: number): void {
    const minute = Math.floor(timeMs / MINUTE_MS);
    const at = minute - (slot * SLOT_MS) / MINUTE_MS;
    const kind = this.#kind(of.kind);
    tally.note(at);
    tally.add(ALWAYS.entries, at);
    tally.add(kind.programEntries, at);
    tally.mark(kind.minutes, at);
    if (of.severity !== 'other') countSeverity(tally, of.severity, at);
    this.#countNews(tally, device, kind, minute, at);
    if (of.subject !== undefined) this.#countStation(tally, device, kind, of.subject, minute, at);
  }

  #countNews(tally: SlotTally, device: string, kind: CountedKind, minute: number, at: number): void {
    const here = kind.memory.on(device);
    const isNewHere = here.presence.isNew(minute);
    const isNewAnywhere = kind.memory.presence.isNew(minute);
    if (isNewHere && !this.#known.onDevice(device, kind.name)) tally.add(ALWAYS.newHere, at);
    if (isNewAnywhere && kind.trainedHours === 0) tally.add(ALWAYS.newAnywhere, at);
    if (kind.trainedHours + kind.memory.hours.see(minute) > RARE_HOURS) return;
    if (minute - here.rareMinute > AGAIN_MINUTES) tally.add(ALWAYS.rare, at);
    here.rareMinute = minute;
  }

  #countStation(
    tally: SlotTally,
    device: string,
    kind: CountedKind,
    station: string,
    minute: number,
    at: number,
  ): void {
    if (kind.memory.on(device).stations.see(station, minute) > AGAIN_MINUTES) tally.add(kind.stations, at);
    if (kind.memory.stations.see(station, minute) > FIRST_MINUTES) tally.add(kind.firstStations, at);
    if (this.#stationsOf(device).see(station, minute) > AGAIN_MINUTES) tally.add(ALWAYS.stations, at);
    if (this.#allStations.see(station, minute) === Number.POSITIVE_INFINITY) tally.add(ALWAYS.newStations, at);
  }

  #kind({ name, program }: MessageKind): CountedKind {
    let kind = this.#kinds.get(name);
    if (kind === undefined) {
      kind = {
        name,
        trainedHours: this.#known.hours(name),
        minutes: this.#names.numberOf(`minutes with ${name}`, true),
        stations: this.#names.numberOf(`stations with ${name}`, true),
        firstStations: this.#names.numberOf(`stations for the first time with ${name}`, false),
        programEntries: this.#names.numberOf(`entries of ${program || 'no program'}`, true),
        memory: new KindMemory(RARE_HOURS + 1),
      };
      this.#kinds.set(name, kind);
    }
    return kind;
  }

  #stationsOf(device: string): RecentSubjects {
    let stations = this.#stations.get(device);
    if (stations === undefined) {
      stations = new RecentSubjects();
      this.#stations.set(device, stations);
    }
    return stations;
  }

  #prune(slot: number): void {
    this.#prunedAt = slot;
    const minute = (slot * SLOT_MS) / MINUTE_MS;
    this.#allStations.prune(minute);
    for (const stations of this.#stations.values()) stations.prune(minute);
    for (const { memory } of this.#kinds.values()) memory.prune(minute);
  }
}

function countSeverity(tally: SlotTally, severity: 'critical' | 'error' | 'warning', at: number): void {
  if (severity === 'warning') {
    tally.add(ALWAYS.warnings, at);
    tally.mark(ALWAYS.warningMinutes, at);
    return;
  }
  tally.add(ALWAYS.errors, at);
  tally.mark(ALWAYS.errorMinutes, at);
  if (severity === 'error') return;
  tally.add(ALWAYS.critical, at);
  tally.mark(ALWAYS.criticalMinutes, at);
}
