/**
 * Spearman's rank correlation: 1 if both put everything in the same order, -1 if in the opposite one. Equal values share
 * the mean of their ranks.
 *
 * C. Spearman, The proof and measurement of association between two things, American Journal of Psychology 15 (1904).
 *
 * @param one, other element `i` of both belongs together; finite.
 * @returns undefined for fewer than two, and where all values of one are equal: then there is no order.
 */
export function rankCorrelation(one: ArrayLike<number>, other: ArrayLike<number>): number | undefined {
  const count = one.length;
  if (count < 2) return undefined;
  const [ranks, otherRanks] = [ranksOf(one), ranksOf(other)];
  const mean = (count - 1) / 2;
  let [together, spread, otherSpread] = [0, 0, 0];
  for (let at = 0; at < count; at += 1) {
    const [from, otherFrom] = [(ranks[at] ?? 0) - mean, (otherRanks[at] ?? 0) - mean];
    together += from * otherFrom;
    spread += from * from;
    otherSpread += otherFrom * otherFrom;
  }
  return spread === 0 || otherSpread === 0 ? undefined : together / Math.sqrt(spread * otherSpread);
}

/** From 0 on. */
function ranksOf(values: ArrayLike<number>): Float64Array {
  const order = Uint32Array.from({ length: values.length }, (_, at) => at);
  order.sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  const ranks = new Float64Array(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from + 1;
    while (to < order.length && values[order[to] ?? 0] === values[order[from] ?? 0]) to += 1;
    for (let at = from; at < to; at += 1) ranks[order[at] ?? 0] = (from + to - 1) / 2;
    from = to;
  }
  return ranks;
}
