/**
 * What is remembered of one kind of message: since when it comes, in which hours, and which stations had it. It reaches two
 * days back and no further, give or take the hour for which something is new.
 */
import { LOOK_BACK_MINUTES, RecentSubjects } from './recent-subjects.ts';
import { MINUTES_PER_HOUR } from './slot-time.ts';

/** What is new stays new for so long, in minutes: news are told once, not for ever. */
const NEW_FOR_MINUTES = 60;

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

/** A kind of message on all devices. */
export class KindMemory {
  readonly presence = new Presence();
  readonly stations = new RecentSubjects();
  readonly hours: RecentHours;
  readonly #devices = new Map<string, DeviceKindMemory>();

  constructor(mostHours: number) {
    this.hours = new RecentHours(mostHours);
  }

  on(device: string): DeviceKindMemory {
    let memory = this.#devices.get(device);
    if (memory === undefined) {
      memory = { presence: new Presence(), stations: new RecentSubjects(), rareMinute: Number.NEGATIVE_INFINITY };
      this.#devices.set(device, memory);
    }
    return memory;
  }

  prune(minute: number): void {
    this.stations.prune(minute);
    for (const { stations } of this.#devices.values()) stations.prune(minute);
  }
}
