/** Who was seen when, by minutes: what tells one that comes for the first time from one that comes all the time. */

/** Looks back so far at most, in minutes: two days. */
export const LOOK_BACK_MINUTES = 2_880;
/** So many are remembered; of more, those that were seen longest ago are forgotten. */
const MOST = 100_000;

export class RecentSubjects {
  readonly #lastMinutes = new Map<string, number>();

  /** Minutes since this was seen last; infinite if it was not within two days. It counts as seen now. */
  see(subject: string, minute: number): number {
    const last = this.#lastMinutes.get(subject);
    if (last === minute) return 0;
    if (last !== undefined) this.#lastMinutes.delete(subject); // so that the oldest stand first
    this.#lastMinutes.set(subject, minute);
    return last === undefined || minute - last > LOOK_BACK_MINUTES ? Number.POSITIVE_INFINITY : minute - last;
  }

  /** Forgets what is too old, or too much. */
  prune(minute: number): void {
    for (const [subject, last] of this.#lastMinutes) {
      if (this.#lastMinutes.size <= MOST && minute - last <= LOOK_BACK_MINUTES) break;
      this.#lastMinutes.delete(subject);
    }
  }
}
