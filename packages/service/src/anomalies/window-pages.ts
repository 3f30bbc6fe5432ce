import type { SlotStore, StoredWindow, WindowQuery } from './anomaly-store.ts';

/** Windows of one page: with 100 features in their vectors, less than 2 MB. */
export const PAGE_WINDOWS = 2_000;

/**
 * The windows of a span, page after page, so that a week of them is never in memory as a whole: the newest page first,
 * within a page the oldest window first. Each window once, also where a page ends within a slot.
 *
 * Between two pages others may use the store; what is stored meanwhile at the newest end is not among them.
 *
 * @param query as the store's, whose `limit` is the size of a page here: at least the number of windows in a slot; of a
 *   larger slot only so many are given.
 */
export async function* windowPages(
  store: Pick<SlotStore, 'windows'>,
  query: WindowQuery,
): AsyncGenerator<readonly StoredWindow[]> {
  const { limit = PAGE_WINDOWS } = query;
  for (let { untilMs } = query; untilMs > query.sinceMs; ) {
    const page = await store.windows({ ...query, untilMs, limit });
    const oldestMs = page[0]?.fromMs;
    if (oldestMs === undefined) return;
    if (page.length < limit) {
      yield page;
      return;
    }
    const whole = page.filter(({ fromMs }) => fromMs > oldestMs); // the oldest slot may go on in the next page
    yield whole.length > 0 ? whole : page;
    untilMs = whole.length > 0 ? oldestMs + 1 : oldestMs;
  }
}
