/**
 * The name that somebody meant who wrote another one.
 *
 * @returns the nearest of `known` by slips of the pen (a letter too many, too few, wrong, or two swapped), if there are no
 *   more of them than a third of the letters `written`; undefined if none is near.
 */
export function closestName(written: string, known: readonly string[]): string | undefined {
  const most = Math.max(1, Math.floor(written.length / 3));
  const near = known
    .map((name) => ({ name, slips: countSlips(written.toLowerCase(), name.toLowerCase()) }))
    .filter(({ slips }) => slips <= most)
    .sort((a, b) => a.slips - b.slips);
  return near[0]?.name;
}

/** The optimal string alignment distance. */
function countSlips(a: string, b: string): number {
  const slips = [Array.from({ length: b.length + 1 }, (_, column) => column)];
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const isWrong = a[row - 1] === b[column - 1] ? 0 : 1;
      const above = slips[row - 1]!;
      let least = Math.min(above[column - 1]! + isWrong, above[column]! + 1, current[column - 1]! + 1);
      const isSwapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (isSwapped) least = Math.min(least, slips[row - 2]![column - 2]! + 1);
      current.push(least);
    }
    slips.push(current);
  }
  return slips[a.length]![b.length]!;
}
