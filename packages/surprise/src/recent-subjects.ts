/**
 * Who did what when: what tells a station that comes for the first time from one that comes all the time. It looks back two
 * days at most, so that whoever reads those two days again knows the same.
 */

/** How long something is remembered, in minutes. */
export const LOOK_BACK_MINUTES = { again: 10, first: 360, new: 2_880 };
/** So many are remembered; of more, the ones that were seen longest ago are forgotten. */
const MOST = 400_000;

export class RecentSubjects {
  readonly #lastMinutes = new Map<string, number>();

  /** Minutes since this was seen last; infinite if it was not within two days. It counts as seen now. */
  see(key: string, minute: number): number {
    const last = this.#lastMinutes.get(key);
    this.#lastMinutes.delete(key); // so that the oldest stand first
    this.#lastMinutes.set(key, Math.max(minute, last ?? minute));
    if (last === undefined || minute - last > LOOK_BACK_MINUTES.new) return Number.POSITIVE_INFINITY;
    return minute - last;
  }

  /** Forgets what is too old, or too much. */
  prune(minute: number): void {
    for (const [key, last] of this.#lastMinutes) {
      if (this.#lastMinutes.size <= MOST && minute - last <= LOOK_BACK_MINUTES.new) break;
      this.#lastMinutes.delete(key);
    }
  }
}
