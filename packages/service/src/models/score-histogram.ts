/** Bins over the scores from -1 to 0: a thousandth each. */
const BINS = 1_000;

/**
 * Counts scores in `[-1, 0)`, however many there are, in the room of 1,000 numbers. What lies outside counts as the nearest
 * that does not.
 */
export class ScoreHistogram {
  readonly #counts = new Float64Array(BINS);
  #total = 0;

  /** How many were added. */
  get total(): number {
    return this.#total;
  }

  /** @param score a finite number. */
  add(score: number): void {
    const bin = Math.min(BINS - 1, Math.max(0, Math.floor((score + 1) * BINS)));
    this.#counts[bin] = (this.#counts[bin] ?? 0) + 1;
    this.#total += 1;
  }

  /**
   * The score below or at which a share of all lies; within half a thousandth of the one that stands there in order.
   *
   * @param share from 0 to 1.
   * @returns undefined before the first score.
   */
  quantile(share: number): number | undefined {
    if (this.#total === 0) return undefined;
    const rank = Math.max(1, Math.ceil(share * this.#total));
    let seen = 0;
    const bin = this.#counts.findIndex((count) => {
      seen += count;
      return seen >= rank;
    });
    return ((bin - BINS) * 2 + 1) / (2 * BINS); // the middle of the bin
  }
}
