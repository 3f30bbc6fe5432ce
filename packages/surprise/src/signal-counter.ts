/**
 * The signal counter turns the entries of a slot into counts of signals: the same way in training and in production.
 *
 * What it remembers reaches two days back: after two days of entries it counts as one that has always been there.
 */
import type { LogEntry } from '@edgewood/logs';
import { LOOK_BACK_MINUTES, RecentSubjects } from './recent-subjects.ts';
import { ALWAYS, type SignalNames } from './signal-names.ts';
import { type SlotCounts, SlotTally } from './slot-counts.ts';
import type { KindFinder, KindOfEntry, MessageKind } from './slot-signals.ts';
import { SLOT_MS } from './slot-time.ts';

const MINUTE_MS = 60_000;
/** What is new stays new for so long, in minutes: news are told once, not for ever. */
const NEW_FOR_MINUTES = 60;
/** A kind of message is rare while all devices together had it in no more hours than this within two days. */
const RARE_HOURS = 5;

/** Kinds of messages that were seen in training. */
export interface KnownKinds {
  /** In training on this device. */
  onDevice(device: string, kind: string): boolean;
  /** In training at all; in how many hours. */
  hours(kind: string): number;
}

export const NOTHING_KNOWN: KnownKinds = { onDevice: () => false, hours: () => 0 };

/** The numbers of the signals of one kind of message. */
interface KindSignals {
  readonly minutes: number;
  readonly stations: number;
  readonly firstStations: number;
  readonly programEntries: number;
}

export class SignalCounter {
  readonly #names: SignalNames;
  readonly #findKind: KindFinder;
  readonly #known: KnownKinds;
  readonly #recent = new RecentSubjects();
  readonly #firstSeen = new Map<string, number>();
  readonly #hoursOf = new Map<string, { hour: number; hours: number }>();
  readonly #signalsOf = new Map<string, KindSignals>();

  constructor(names: SignalNames, findKind: KindFinder, known: KnownKinds = NOTHING_KNOWN) {
    this.#names = names;
    this.#findKind = findKind;
    this.#known = known;
  }

  /** @param entries of the device in the slot, in order of time. */
  count(slot: number, device: string, entries: readonly LogEntry[]): SlotCounts {
    const tally = new SlotTally();
    for (const entry of entries) {
      const found = this.#findKind(entry);
      if (found === undefined) continue;
      const minute = Math.floor(entry.timeMs / MINUTE_MS);
      this.#countEntry(tally, device, found, minute, Math.floor((entry.timeMs - slot * SLOT_MS) / MINUTE_MS));
    }
    return tally.finish(slot);
  }

  /** Forgets what is too old; to be called now and then. */
  prune(slot: number): void {
    const minute = (slot * SLOT_MS) / MINUTE_MS;
    this.#recent.prune(minute);
    for (const [key, since] of this.#firstSeen) {
      if (minute - since > LOOK_BACK_MINUTES.new) this.#firstSeen.delete(key);
    }
  }

  #countEntry(tally: SlotTally, device: string, of: KindOfEntry, minute: number, at: number): void {
    const { kind, subject, severity } = of;
    const signals = this.#signalsOfKind(kind);
    tally.add(ALWAYS.entries, at);
    tally.add(signals.programEntries, at);
    tally.mark(signals.minutes, at);
    if (severity !== 'other') countSeverity(tally, severity, at);
    this.#countNews(tally, device, kind, minute, at);
    if (subject !== undefined) this.#countSubject(tally, device, kind, subject, signals, minute, at);
  }

  #countNews(tally: SlotTally, device: string, { name }: MessageKind, minute: number, at: number): void {
    if (!this.#known.onDevice(device, name) && this.#isNew(`${device}\n${name}`, minute)) tally.add(ALWAYS.newHere, at);
    const knownHours = this.#known.hours(name);
    if (knownHours === 0 && this.#isNew(`\n${name}`, minute)) tally.add(ALWAYS.newAnywhere, at);
    if (knownHours + this.#recentHours(name, minute) > RARE_HOURS) return;
    if (this.#recent.see(`rare\n${device}\n${name}`, minute) > LOOK_BACK_MINUTES.again) tally.add(ALWAYS.rare, at);
  }

  #isNew(key: string, minute: number): boolean {
    const since = this.#firstSeen.get(key);
    if (since === undefined) this.#firstSeen.set(key, minute);
    return since === undefined || minute - since < NEW_FOR_MINUTES;
  }

  /** In how many hours the kind came since it was last away for two days. */
  #recentHours(name: string, minute: number): number {
    const hour = Math.floor(minute / 60);
    const before = this.#hoursOf.get(name);
    const isStale = before !== undefined && hour - before.hour > LOOK_BACK_MINUTES.new / 60;
    const hours = before === undefined || isStale ? 1 : before.hour === hour ? before.hours : before.hours + 1;
    this.#hoursOf.set(name, { hour, hours });
    return hours;
  }

  #countSubject(
    tally: SlotTally,
    device: string,
    kind: MessageKind,
    subject: string,
    signals: KindSignals,
    minute: number,
    at: number,
  ): void {
    const { again, first } = LOOK_BACK_MINUTES;
    if (this.#recent.see(`${subject}\n${device}\n${kind.name}`, minute) > again) tally.add(signals.stations, at);
    if (this.#recent.see(`${subject}\n\n${kind.name}`, minute) > first) tally.add(signals.firstStations, at);
    if (this.#recent.see(`${subject}\n${device}`, minute) > again) tally.add(ALWAYS.stations, at);
    if (this.#recent.see(subject, minute) === Number.POSITIVE_INFINITY) tally.add(ALWAYS.newStations, at);
  }

  #signalsOfKind(kind: MessageKind): KindSignals {
    const { name, program } = kind;
    let signals = this.#signalsOf.get(name);
    if (signals === undefined) {
      signals = {
        minutes: this.#names.numberOf(`minutes with ${name}`, true),
        stations: this.#names.numberOf(`stations with ${name}`, true),
        firstStations: this.#names.numberOf(`stations for the first time with ${name}`, false),
        programEntries: this.#names.numberOf(`entries of ${program || 'no program'}`, true),
      };
      this.#signalsOf.set(name, signals);
    }
    return signals;
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
