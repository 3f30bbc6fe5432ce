/** How many lines of its window an anomaly carries. */
export const EXAMPLE_LINES = 5;
/** Longest example line, in characters; what is longer is cut. */
const EXAMPLE_LINE_LENGTH = 400;

/** A line as an anomaly carries it: line breaks are shown as ⏎, and what is too long is cut. */
export function exampleLine(line: string): string {
  const oneLine = line.replace(/\s*\n\s*/g, ' ⏎ ');
  return oneLine.length <= EXAMPLE_LINE_LENGTH ? oneLine : `${oneLine.slice(0, EXAMPLE_LINE_LENGTH - 1)}…`;
}
