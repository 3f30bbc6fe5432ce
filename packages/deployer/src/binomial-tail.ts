/**
 * How probable it is that of `trials` independent trials, each of which comes true with `probability`, at least `least` do.
 * Exact but for rounding: the terms are summed.
 *
 * @param trials at least 0. @param least any integer. @param probability in [0, 1].
 */
export function binomialTail(trials: number, least: number, probability: number): number {
  if (least <= 0) return 1;
  if (least > trials || probability <= 0) return 0;
  if (probability >= 1) return 1;
  const [logYes, logNo] = [Math.log(probability), Math.log1p(-probability)];
  let logTerm = logChoices(trials, least) + least * logYes + (trials - least) * logNo;
  let sum = 0;
  for (let count = least; count <= trials; count++) {
    sum += Math.exp(logTerm);
    logTerm += Math.log((trials - count) / (count + 1)) + logYes - logNo;
    if (count > trials * probability && Math.exp(logTerm) < sum * Number.EPSILON) break; // what follows is smaller still
  }
  return Math.min(1, sum);
}

/** Logarithm of the number of ways to choose `count` of `trials`. */
function logChoices(trials: number, count: number): number {
  const fewer = Math.min(count, trials - count);
  let log = 0;
  for (let at = 1; at <= fewer; at++) log += Math.log((trials - fewer + at) / at);
  return log;
}
