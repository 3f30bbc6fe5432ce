/**
 * The signal counter turns the entries of a slot into counts of signals: the same way in training and in production.
 *
 * What it remembers reaches two days back: after two days and an hour it counts as one that has always been there. So what
 * has been away for longer is forgotten; training alone keeps the numbers of all signals, as it learns them.
 */
import type { LogEntry } from '@edgewood/logs';
import { HISTORY_HOURS } from './device-history.ts';
import { KindMemory, type MemoryBudget } from './kind-memory.ts';
import { RecentSubjects } from './recent-subjects.ts';
import { ALWAYS, type SignalNames } from './signal-names.ts';
import { type SlotCounts, SlotTally } from './slot-counts.ts';
import type { KindFinder, KindOfEntry, MessageKind } from './slot-signals.ts';
import { MINUTES_PER_HOUR, MINUTES_PER_SLOT } from './slot-time.ts';

const MINUTE_MS = 60_000;
/** A station, or a rare kind of message, counts again when it was not seen for so long, in minutes. */
const AGAIN_MINUTES = 10;
/** A station does something for the first time when it did not for so long, in minutes: six hours. */
const FIRST_MINUTES = 360;
/** A kind of message is rare while all devices together had it in no more hours than this within two days. */
const RARE_HOURS = 5;
/** Memories are tidied up every six hours. */
const PRUNED_SLOTS = 72;
/** A kind that was away for so long, in minutes, is forgotten: its counts have left the history of every device. */
const FORGOTTEN_MINUTES = (HISTORY_HOURS + 1) * MINUTES_PER_HOUR;
/** So many kinds that training never had are told apart at a time; what comes beyond is counted as one kind. */
export const MOST_NEW_KINDS = 20_000;
const OTHER_KINDS = 'other kinds of messages';

/** Kinds of messages that were seen in training. */
export interface KnownKinds {
  /** Whether training had it on this device. */
  onDevice(device: string, kind: string): boolean;
  /** In how many hours of training any device had it. */
  hours(kind: string): number;
}

/** One kind of message: the numbers of its signals, and what is remembered of it. */
interface CountedKind {
  readonly kind: MessageKind;
  readonly trainedHours: number;
  readonly memory: KindMemory;
  numbers: KindNumbers;
}

/** The numbers of a kind's signals; -1 for those that there was no place for. */
interface KindNumbers {
  readonly minutes: number;
  readonly stations: number;
  readonly firstStations: number;
  readonly programEntries: number;
}

export class SignalCounter {
  readonly #names: SignalNames;
  readonly #findKind: KindFinder;
  readonly #known: KnownKinds | undefined;
  readonly #kinds = new Map<string, CountedKind>();
  readonly #stations = new Map<string, RecentSubjects>();
  readonly #budget: MemoryBudget = { deviceKinds: 0, subjects: { held: 0 } };
  readonly #allStations = new RecentSubjects(this.#budget.subjects);
  #prunedAt = Number.NaN;

  /** @param known left out: it is training that counts. */
  constructor(names: SignalNames, findKind: KindFinder, known?: KnownKinds) {
    this.#names = names;
    this.#findKind = findKind;
    this.#known = known;
  }

  /**
   * @param entries of the device in the slot, in order of time.
   * @param onKind is told the kind of every entry that is counted.
   */
  count(slot: number, device: string, entries: readonly LogEntry[], onKind?: (name: string) => void): SlotCounts {
    const sixHours = Math.floor(slot / PRUNED_SLOTS);
    if (sixHours !== this.#prunedAt) this.#prune(slot * MINUTES_PER_SLOT);
    this.#prunedAt = sixHours;
    const tally = new SlotTally();
    const ofStations = new Map<number, number>();
    for (const entry of entries) {
      const found = this.#findKind(entry);
      if (found === undefined) continue;
      const kind = this.#kind(found.kind);
      onKind?.(kind.kind.name);
      const minute = Math.floor(entry.timeMs / MINUTE_MS);
      const at = minute - slot * MINUTES_PER_SLOT;
      this.#countEntry(tally, device, found.severity, kind, minute, at);
      if (found.subject === undefined) continue;
      const station = stationNumber(found.subject);
      ofStations.set(station, (ofStations.get(station) ?? 0) + 1);
      this.#countStation(tally, device, kind, station, minute, at);
    }
    const busiest = ofStations.values().reduce((most, entries) => Math.max(most, entries), 0);
    if (busiest > 0) tally.add(ALWAYS.busiestStation, 0, busiest);
    return tally.finish(slot);
  }

  #countEntry(
    tally: SlotTally,
    device: string,
    severity: KindOfEntry['severity'],
    kind: CountedKind,
    minute: number,
    at: number,
  ): void {
    tally.note(at);
    tally.add(ALWAYS.entries, at);
    tally.add(kind.numbers.programEntries, at);
    tally.mark(kind.numbers.minutes, at);
    if (severity !== 'other') countSeverity(tally, severity, at);
    this.#countNews(tally, device, kind, minute, at);
  }

  #countNews(tally: SlotTally, device: string, kind: CountedKind, minute: number, at: number): void {
    const here = kind.memory.on(device);
    const isNewHere = here.presence.isNew(minute);
    const isNewAnywhere = kind.memory.presence.isNew(minute);
    if (isNewHere && !this.#known?.onDevice(device, kind.kind.name)) tally.add(ALWAYS.newHere, at);
    if (isNewAnywhere && kind.trainedHours === 0) tally.add(ALWAYS.newAnywhere, at);
    if (kind.trainedHours + kind.memory.hours.see(minute) > RARE_HOURS) return;
    if (minute - here.rareMinute > AGAIN_MINUTES) tally.add(ALWAYS.rare, at);
    here.rareMinute = minute;
  }

  #countStation(
    tally: SlotTally,
    device: string,
    kind: CountedKind,
    station: number,
    minute: number,
    at: number,
  ): void {
    if (kind.memory.on(device).stations.see(station, minute) > AGAIN_MINUTES) tally.add(kind.numbers.stations, at);
    if (kind.memory.stations.see(station, minute) > FIRST_MINUTES) tally.add(kind.numbers.firstStations, at);
    if (this.#stationsOf(device).see(station, minute) > AGAIN_MINUTES) tally.add(ALWAYS.stations, at);
    if (this.#allStations.see(station, minute) === Number.POSITIVE_INFINITY) tally.add(ALWAYS.newStations, at);
  }

  #kind(kind: MessageKind): CountedKind {
    const counted = this.#kinds.get(kind.name);
    if (counted !== undefined) return counted;
    const trainedHours = this.#known?.hours(kind.name) ?? 0;
    if (trainedHours === 0 && this.#kinds.size >= MOST_NEW_KINDS && kind.name !== OTHER_KINDS)
      return this.#kind({ name: OTHER_KINDS, program: '' });
    const memory = new KindMemory(RARE_HOURS + 1, this.#budget);
    const fresh = { kind, trainedHours, memory, numbers: this.#numbersOf(kind) };
    this.#kinds.set(kind.name, fresh);
    return fresh;
  }

  #numbersOf({ name, program }: MessageKind): KindNumbers {
    return {
      minutes: this.#names.numberOf(`minutes with ${name}`, true),
      stations: this.#names.numberOf(`stations with ${name}`, true),
      firstStations: this.#names.numberOf(`stations for the first time with ${name}`, false),
      programEntries: this.#names.numberOf(`entries of ${program || 'no program'}`, true),
    };
  }

  #stationsOf(device: string): RecentSubjects {
    let stations = this.#stations.get(device);
    if (stations === undefined) {
      stations = new RecentSubjects(this.#budget.subjects);
      this.#stations.set(device, stations);
    }
    return stations;
  }

  #prune(minute: number): void {
    this.#allStations.prune(minute);
    for (const [device, stations] of this.#stations) {
      stations.prune(minute);
      if (stations.isEmpty) this.#stations.delete(device);
    }
    for (const { memory } of this.#kinds.values()) memory.prune(minute);
    if (this.#known !== undefined) this.#forgetKinds(minute);
  }

  /** Forgets the kinds that have been away, and gives the places of their signals to those that had none. */
  #forgetKinds(minute: number): void {
    for (const [name, { memory }] of this.#kinds) {
      if (memory.presence.awayMinutes(minute) <= FORGOTTEN_MINUTES) continue;
      memory.clear();
      this.#kinds.delete(name);
    }
    const kinds = [...this.#kinds.values()];
    this.#names.keepOnly(new Set(kinds.flatMap(({ numbers }) => Object.values(numbers))));
    for (const counted of kinds) {
      if (Object.values(counted.numbers).includes(-1)) counted.numbers = this.#numbersOf(counted.kind);
    }
  }
}

const COLON = ':'.charCodeAt(0);
const DIGIT_NINE = '9'.charCodeAt(0);

/** The number that an address is: as text it would hold its whole message in memory. */
function stationNumber(hardwareAddress: string): number {
  let number = 0;
  for (let at = 0; at < hardwareAddress.length; at += 1) {
    const code = hardwareAddress.charCodeAt(at);
    if (code !== COLON) number = number * 16 + (code & 15) + (code > DIGIT_NINE ? 9 : 0);
  }
  return number;
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
