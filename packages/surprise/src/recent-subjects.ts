/** Who was seen when, by minutes: what tells one that comes for the first time from one that comes all the time. */

/** Looks back so far at most, in minutes: two days. */
export const LOOK_BACK_MINUTES = 2_880;
/** So many subjects one list remembers; of more, those that were seen longest ago are forgotten. */
export const MOST_OF_LIST = 50_000;
/** So many the lists of one budget remember together, 50 bytes each; each of them goes on with what it has by then. */
export const MOST_TOGETHER = 500_000;

/** How many subjects several lists hold together. */
export interface SubjectBudget {
  held: number;
}

export class RecentSubjects {
  readonly #lastMinutes = new Map<number, number>();
  readonly #budget: SubjectBudget;

  constructor(budget: SubjectBudget) {
    this.#budget = budget;
  }

  /**
   * Minutes since this was seen last; infinite if it was not within two days. It counts as seen now.
   *
   * @param subject any number that stands for it: numbers keep no text in memory.
   */
  see(subject: number, minute: number): number {
    const last = this.#lastMinutes.get(subject);
    if (last === minute) return 0;
    if (last !== undefined)
      this.#lastMinutes.delete(subject); // so that the oldest stand first
    else if (!this.#makeRoom()) return Number.POSITIVE_INFINITY;
    this.#lastMinutes.set(subject, minute);
    return last === undefined || minute - last > LOOK_BACK_MINUTES ? Number.POSITIVE_INFINITY : minute - last;
  }

  /** Forgets what is too old. */
  prune(minute: number): void {
    for (const [subject, last] of this.#lastMinutes) {
      if (minute - last <= LOOK_BACK_MINUTES) break;
      this.#forget(subject);
    }
  }

  /** Forgets everything: before the list itself is dropped. */
  clear(): void {
    this.#budget.held -= this.#lastMinutes.size;
    this.#lastMinutes.clear();
  }

  get isEmpty(): boolean {
    return this.#lastMinutes.size === 0;
  }

  /** For one more; false if there is no room, and none to be made. */
  #makeRoom(): boolean {
    if (this.#lastMinutes.size >= MOST_OF_LIST || this.#budget.held >= MOST_TOGETHER) {
      const oldest = this.#lastMinutes.keys().next();
      if (oldest.done === true) return false;
      this.#forget(oldest.value);
    }
    this.#budget.held += 1;
    return true;
  }

  #forget(subject: number): void {
    this.#lastMinutes.delete(subject);
    this.#budget.held -= 1;
  }
}
