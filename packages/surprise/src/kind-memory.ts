/**
 * What is remembered of one kind of message: since when it comes, in which hours, and which stations had it. It reaches two
 * days back and no further, give or take the hour for which something is new.
 */
import { LOOK_BACK_MINUTES, RecentSubjects, type SubjectBudget } from './recent-subjects.ts';
import { MINUTES_PER_HOUR } from './slot-time.ts';

/** What is new stays new for so long, in minutes: news are told once, not for ever. */
const NEW_FOR_MINUTES = 60;
/** What was away for longer than this, in minutes, is as if it had never been: hours are remembered as whole ones. */
const FORGOTTEN_MINUTES = LOOK_BACK_MINUTES + MINUTES_PER_HOUR;
/** Kinds of messages are remembered of so many devices each, all kinds together; beyond, of all other devices as one. */
export const MOST_DEVICE_KINDS = 100_000;

/** Since when something comes without having been away for two days. */
export class Presence {
  #since = Number.NEGATIVE_INFINITY;
  #last = Number.NEGATIVE_INFINITY;

  /** Whether it came for the first time less than an hour ago, or comes for the first time now. */
  isNew(minute: number): boolean {
    if (minute - this.#last > LOOK_BACK_MINUTES) this.#since = minute;
    this.#last = minute;
    return minute - this.#since < NEW_FOR_MINUTES;
  }

  /** Minutes since it came last; infinite if it never did. */
  awayMinutes(minute: number): number {
    return minute - this.#last;
  }
}

/** In how many different hours something came within two days, as far as that is to be known. */
export class RecentHours {
  readonly #hours: number[] = [];
  readonly #most: number;

  /** @param most counts no further than this. */
  constructor(most: number) {
    this.#most = most;
  }

  see(minute: number): number {
    const hour = Math.floor(minute / MINUTES_PER_HOUR);
    if (this.#hours.at(-1) !== hour) this.#hours.push(hour);
    while (this.#hours.length > this.#most || hour - this.#hours[0] > LOOK_BACK_MINUTES / MINUTES_PER_HOUR)
      this.#hours.shift();
    return this.#hours.length;
  }
}

/** A kind of message on one device. */
export interface DeviceKindMemory {
  readonly presence: Presence;
  readonly stations: RecentSubjects;
  /** The minute in which it was told as rare. */
  rareMinute: number;
}

/** How much the memories of all kinds hold together. */
export interface MemoryBudget {
  /** {@link DeviceKindMemory}s. */
  deviceKinds: number;
  readonly subjects: SubjectBudget;
}

/** A kind of message on all devices. */
export class KindMemory {
  readonly presence = new Presence();
  readonly stations: RecentSubjects;
  readonly hours: RecentHours;
  readonly #devices = new Map<string, DeviceKindMemory>();
  readonly #budget: MemoryBudget;
  #otherDevices: DeviceKindMemory | undefined;

  constructor(mostHours: number, budget: MemoryBudget) {
    this.#budget = budget;
    this.stations = new RecentSubjects(budget.subjects);
    this.hours = new RecentHours(mostHours);
  }

  on(device: string): DeviceKindMemory {
    const known = this.#devices.get(device);
    if (known !== undefined) return known;
    if (this.#budget.deviceKinds >= MOST_DEVICE_KINDS) {
      this.#otherDevices ??= newMemory(this.#budget);
      return this.#otherDevices;
    }
    const memory = newMemory(this.#budget);
    this.#devices.set(device, memory);
    this.#budget.deviceKinds += 1;
    return memory;
  }

  /** Forgets what is too old to matter. */
  prune(minute: number): void {
    this.stations.prune(minute);
    this.#otherDevices?.stations.prune(minute);
    for (const [device, { presence, stations }] of this.#devices) {
      if (presence.awayMinutes(minute) > FORGOTTEN_MINUTES) this.#forget(device, stations);
      else stations.prune(minute);
    }
  }

  /** Forgets everything: before the memory itself is dropped. */
  clear(): void {
    this.stations.clear();
    this.#otherDevices?.stations.clear();
    for (const [device, { stations }] of this.#devices) this.#forget(device, stations);
  }

  #forget(device: string, stations: RecentSubjects): void {
    stations.clear();
    this.#devices.delete(device);
    this.#budget.deviceKinds -= 1;
  }
}

function newMemory({ subjects }: MemoryBudget): DeviceKindMemory {
  return {
    presence: new Presence(),
    stations: new RecentSubjects(subjects),
    rareMinute: Number.NEGATIVE_INFINITY,
  };
}
