const DAY_MS = 86_400_000;

/**
 * What there is to say if the newest entries of the log and the clock are more than a day apart: the clock is wrong, or that
 * of those who log is, or nothing has been logged since. Undefined if they agree, or there are no entries. Pure.
 *
 * @param newestMs time of the newest entries, Unix milliseconds.
 * @param nowMs of the service's clock.
 */
export function logTimeTrouble(newestMs: number | undefined, nowMs: number): string | undefined {
  if (newestMs === undefined || Math.abs(newestMs - nowMs) <= DAY_MS) return undefined;
  const days = Math.round(Math.abs(newestMs - nowMs) / DAY_MS);
  const apart = `${days} ${days === 1 ? 'day' : 'days'}`;
  const [newest, now] = [isoOf(newestMs), isoOf(nowMs)];
  if (newestMs > nowMs) {
    return `the log's newest entries, of ${newest}, are ${apart} in the future: it is ${now} by the clock, which is wrong, or theirs is`;
  }
  return `the log's newest entries, of ${newest}, are ${apart} in the past: nothing was logged since, or the clock, by which it is ${now}, is wrong`;
}

function isoOf(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 19)}Z`;
}
