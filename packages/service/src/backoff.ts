/** How long to wait before the next try: `firstMs`, doubling with every failure in a row, never more than `longestMs`. */
export interface Backoff {
  readonly firstMs: number;
  readonly longestMs: number;
}

/** @param failures in a row so far, at least 1. */
export function waitMs({ firstMs, longestMs }: Backoff, failures: number): number {
  return Math.min(longestMs, firstMs * 2 ** (Math.max(1, failures) - 1));
}
