import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnalysedSlot } from '../anomalies/anomaly-store.ts';
import { MemoryAnomalyStore } from '../testing/memory-anomaly-store.ts';
import { COMPARED_WINDOWS, compareShadow, EXAMPLES } from './compare-shadow.ts';
import { shadowName } from './shadow-post.ts';

const WINDOW_MS = 300_000;
const [CURRENT, CANDIDATE] = ['20250607_230000', '20250608_230000'];

/** The windows of so many devices in one slot; those of the devices named are odd. */
function slotOf(agent: string, n: number, devices: number, odd: readonly string[] = []): AnalysedSlot {
  const windows = Array.from({ length: devices }, (_, device) => ({
    deviceId: `ap-${device}`,
    entries: 1,
    score: -0.5,
    decision: 0.1,
    surprise: null,
    anomalous: odd.includes(`ap-${device}`),
    modelVersion: agent === 'wifi' ? CURRENT : CANDIDATE,
  }));
  const [fromMs, toMs] = [n * WINDOW_MS, (n + 1) * WINDOW_MS];
  return { agent, fromMs, toMs, windows, features: [], anomalies: [], quietMs: 0, analysedAtMs: toMs };
}

function compare(store: MemoryAnomalyStore, untilMs = 1e12) {
  const versions = { agent: 'wifi', current: CURRENT, candidate: CANDIDATE };
  return compareShadow(store, { ...versions, sinceMs: 0, untilMs });
}

test('of more windows than the limit the newest are compared, and that is said', async () => {
  const store = new MemoryAnomalyStore();
  const devices = 1_500; // no part of the limit, so that it ends within a slot
  for (let n = 0; n < 15; n += 1) {
    for (const agent of ['wifi', shadowName('wifi')]) await store.append(slotOf(agent, n, devices));
  }
  const { comparison, isLimited } = await compare(store);
  assert.deepEqual([comparison?.windows, isLimited], [COMPARED_WINDOWS, true]);
  assert.equal(comparison?.span.toMs, 15 * WINDOW_MS);
  const few = await compare(store, 3 * WINDOW_MS);
  assert.deepEqual([few.comparison?.windows, few.isLimited], [3 * devices, false]);
});

test('windows that an agent gave up do not count', async () => {
  const store = new MemoryAnomalyStore();
  for (const agent of ['wifi', shadowName('wifi')]) {
    const slot = slotOf(agent, 0, 3);
    const windows = slot.windows.map((window, at) => (at === 0 ? { ...window, failure: 'took too long' } : window));
    await store.append({ ...slot, windows });
  }
  assert.equal((await compare(store)).comparison?.windows, 2);
});

test('of many alerts of one side the newest are given, the oldest of these first', async () => {
  const store = new MemoryAnomalyStore();
  const alerts = EXAMPLES + 2;
  for (let n = 0; n < alerts * 10; n += 1) {
    await store.append(slotOf('wifi', n, 1, n % 10 === 0 ? ['ap-0'] : [])); // 45 minutes apart
    await store.append(slotOf(shadowName('wifi'), n, 1));
  }
  const { comparison, avoided, added } = await compare(store);
  assert.equal(comparison?.episodes.avoided.length, alerts);
  assert.deepEqual(
    avoided.map(({ fromMs }) => fromMs / WINDOW_MS),
    Array.from({ length: EXAMPLES }, (_, at) => (at + 2) * 10),
  );
  assert.deepEqual(added, []);
});
