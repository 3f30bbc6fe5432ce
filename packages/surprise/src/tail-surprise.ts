/**
 * How far a count is beyond what was expected, as the exponent of a bound on its probability: 3 is one in a thousand.
 *
 * Counts are taken to be negative binomial with the mean `expected` and the variance `expected + dispersion · expected²`,
 * as counts that come in bursts are. For such a count X and x > E[X], Chernoff's bound is
 * P(X ≥ x) ≤ exp(-(x·ln(x/μ) - (x+k)·ln((x+k)/(μ+k)))) with k = 1/dispersion; below the mean the same holds for P(X ≤ x).
 * The bound is cheap, has no cancellation far out, and orders counts as the probability does; `calibration.ts` makes it
 * comparable between signals.
 *
 * @param count at least 0.
 * @param expected above 0.
 * @param dispersion above 0.
 */
export function tailSurprise(count: number, expected: number, dispersion: number): number {
  const size = 1 / dispersion;
  const own = count > 0 ? count * Math.log(count / expected) : 0;
  const exponent = own - (count + size) * Math.log((count + size) / (expected + size));
  return Math.max(0, exponent / Math.LN10);
}
