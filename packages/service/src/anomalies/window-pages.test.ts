import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEVICES, slotAt } from '../testing/http-parts.ts';
import { MemoryAnomalyStore } from '../testing/memory-anomaly-store.ts';
import { windowPages } from './window-pages.ts';

const WINDOW_MS = 300_000;

async function storeOf(slots: number): Promise<MemoryAnomalyStore> {
  const store = new MemoryAnomalyStore();
  for (let n = 0; n < slots; n += 1) await store.append(slotAt(n));
  return store;
}

async function pagesOf(store: MemoryAnomalyStore, limit: number | undefined, { sinceMs = 0, untilMs = 1e9 } = {}) {
  const pages: string[][] = [];
  for await (const page of windowPages(store, { agent: 'wifi', sinceMs, untilMs, limit })) {
    pages.push(page.map(({ fromMs, deviceId }) => `${fromMs / WINDOW_MS} ${deviceId}`));
  }
  return pages;
}

const namesOf = (...slots: number[]) => slots.flatMap((n) => DEVICES.map((deviceId) => `${n} ${deviceId}`));

test('a span that fits into a page is one page, the oldest window first', async () => {
  assert.deepEqual(await pagesOf(await storeOf(3), undefined), [namesOf(0, 1, 2)]);
});

test('a longer span is several, the newest first, and no window is missing or there twice', async () => {
  assert.deepEqual(await pagesOf(await storeOf(5), 5), [namesOf(3, 4), namesOf(1, 2), namesOf(0)]);
});

test('of a slot that is larger than a page as many are given as fit, and the slots before it all the same', async () => {
  const pages = await pagesOf(await storeOf(2), 1);
  assert.deepEqual(
    pages.map((page) => page.length),
    [1, 1],
  );
});

test('only the span is given, and nothing of an empty one', async () => {
  const store = await storeOf(5);
  assert.deepEqual(await pagesOf(store, 5, { sinceMs: WINDOW_MS, untilMs: 3 * WINDOW_MS }), [namesOf(1, 2)]);
  assert.deepEqual(await pagesOf(store, 5, { sinceMs: 9 * WINDOW_MS, untilMs: 10 * WINDOW_MS }), []);
  assert.deepEqual(await pagesOf(store, 5, { sinceMs: WINDOW_MS, untilMs: WINDOW_MS }), []);
});

test('windows of both lengths that begin at the same time are given', async () => {
  const store = await storeOf(2);
  await store.append({ ...slotAt(1), toMs: WINDOW_MS + 60_000 });
  assert.equal((await pagesOf(store, 5)).flat().length, 6);
});
