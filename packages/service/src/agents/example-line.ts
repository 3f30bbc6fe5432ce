/** How many lines of its window an anomaly carries. */
export const EXAMPLE_LINES = 5;
/** Longest example line, in characters; what is longer is cut. */
const EXAMPLE_LINE_LENGTH = 400;
/** What stands behind so many characters is not looked at: even if all before it is white space, no more is shown. */
const LOOKED_AT_LENGTH = 2_000;

/** A line as an anomaly carries it: line breaks are shown as ⏎, and what is too long is cut. */
export function exampleLine(line: string): string {
  // Cut before it is looked at: what looks for line breaks takes time with the square of the white space around them.
  const oneLine = line.slice(0, LOOKED_AT_LENGTH).replace(/\s*\n\s*/g, ' ⏎ ');
  return oneLine.length <= EXAMPLE_LINE_LENGTH && line.length <= LOOKED_AT_LENGTH
    ? oneLine
    : `${oneLine.slice(0, EXAMPLE_LINE_LENGTH - 1)}…`;
}
