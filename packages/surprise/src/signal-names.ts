/** The signals that there are, numbered: those of every device first, then those of each kind of message as it comes. */

/** How a signal reads in a sentence and whether too little of it is a finding too. */
export interface Signal {
  readonly name: string;
  /** Whether less than usual is a finding: of what comes all the time, not of what is new. */
  readonly low: boolean;
}

/** Signals that there always are, by their place. */
export const ALWAYS = {
  entries: 0,
  errors: 1,
  warnings: 2,
  critical: 3,
  errorMinutes: 4,
  warningMinutes: 5,
  criticalMinutes: 6,
  stations: 7,
  newStations: 8,
  newHere: 9,
  newAnywhere: 10,
  rare: 11,
  silence: 12,
  busiestStation: 13,
} as const;

const ALWAYS_SIGNALS: readonly Signal[] = [
  { name: 'entries', low: true },
  { name: 'errors', low: false },
  { name: 'warnings', low: false },
  { name: 'critical entries', low: false },
  { name: 'minutes with errors', low: false },
  { name: 'minutes with warnings', low: false },
  { name: 'minutes with critical entries', low: false },
  { name: 'stations', low: true },
  { name: 'stations not seen for two days', low: false },
  { name: 'entries of kinds new to the device', low: false },
  { name: 'entries of kinds new to all devices', low: false },
  { name: 'rare kinds of entries', low: false },
  { name: 'minutes without an entry', low: false },
  { name: 'entries of the busiest station', low: false },
];

/** So many signals are told apart; kinds of messages beyond are not counted by themselves. */
export const MOST_SIGNALS = 1_500;

export class SignalNames {
  readonly #signals: Signal[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #most: number;
  /** Signals from this number on are not those that were known from the beginning. */
  readonly #firstNew: number;
  /** Numbers that have been given back. */
  #free: readonly number[] = [];

  /**
   * @param known the signals of a baseline, in its order.
   * @param most so many are told apart, those included.
   */
  constructor(known: readonly Signal[] = ALWAYS_SIGNALS, most: number = MOST_SIGNALS) {
    this.#most = most;
    for (const signal of known) this.#set(this.#signals.length, signal);
    this.#firstNew = known.length;
  }

  /** By number; among them those that have been given back. */
  get all(): readonly Signal[] {
    return this.#signals;
  }

  /** The number of a signal, a new one if need be; -1 if there are too many. */
  numberOf(name: string, low: boolean): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const number = this.#free[0] ?? this.#signals.length;
    if (number >= this.#most) return -1;
    this.#free = this.#free.slice(1);
    return this.#set(number, { name, low });
  }

  /** Gives back the numbers of all signals that were not known from the beginning, but for these: others will get them. */
  keepOnly(used: ReadonlySet<number>): void {
    const unused = (number: number) => number >= this.#firstNew && !used.has(number);
    this.#free = [...this.#signals.keys()].filter(unused);
    for (const number of this.#free) {
      const { name } = this.#signals[number];
      if (this.#numbers.get(name) === number) this.#numbers.delete(name);
    }
  }

  #set(number: number, signal: Signal): number {
    this.#numbers.set(signal.name, number);
    this.#signals[number] = signal;
    return number;
  }
}

const OF_A_KIND = /^(?:minutes|stations|stations for the first time) with (.*)$/s;

/** The name of the kind of message that a signal counts, `wifi:psk_mismatch, hostapd`; undefined for one of several kinds. */
export function kindOfSignal(name: string): string | undefined {
  return OF_A_KIND.exec(name)?.[1];
}
