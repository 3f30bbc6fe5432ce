/** What one device did in one slot: for each signal its count in the slot, and the most of it in one minute. */
export interface SlotCounts {
  readonly slot: number;
  /** Minutes of the slot, 0 to 4, in which the first and the last entry came; -1 without entries. */
  readonly firstMinute: number;
  readonly lastMinute: number;
  /** Signals with a count above 0, each once. */
  readonly signals: Uint16Array;
  readonly counts: Uint32Array;
  /** The largest count of a single minute. */
  readonly peaks: Uint32Array;
}

const MINUTES = 5;

/** Collects the counts of one slot. */
export class SlotTally {
  readonly #bySignal = new Map<number, Uint32Array>();
  #firstMinute = -1;
  #lastMinute = -1;

  /** Notes that there is an entry. @param minute of the slot, 0 to 4; in order. */
  note(minute: number): void {
    if (this.#firstMinute < 0) this.#firstMinute = minute;
    this.#lastMinute = minute;
  }

  /** @param minute of the slot, 0 to 4. */
  add(signal: number, minute: number, count = 1): void {
    if (signal < 0) return;
    let minutes = this.#bySignal.get(signal);
    if (minutes === undefined) {
      minutes = new Uint32Array(MINUTES);
      this.#bySignal.set(signal, minutes);
    }
    minutes[minute] += count;
  }

  /** Counts a minute once, however often. */
  mark(signal: number, minute: number): void {
    if (signal < 0) return;
    this.add(signal, minute);
    const minutes = this.#bySignal.get(signal);
    if (minutes !== undefined) minutes[minute] = 1;
  }

  finish(slot: number): SlotCounts {
    const { size } = this.#bySignal;
    const signals = new Uint16Array(size);
    const counts = new Uint32Array(size);
    const peaks = new Uint32Array(size);
    let at = 0;
    for (const [signal, minutes] of this.#bySignal) {
      signals[at] = signal;
      for (const count of minutes) {
        counts[at] += count;
        if (count > peaks[at]) peaks[at] = count;
      }
      at += 1;
    }
    return { slot, firstMinute: this.#firstMinute, lastMinute: this.#lastMinute, signals, counts, peaks };
  }
}
