import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StoredWindow } from '../anomalies/anomaly-store.ts';
import { lateSlots } from './late-entries.ts';

const WINDOW_MS = 300_000;

/** A stored window: slot number, device, entries. */
type Row = readonly [number, string | null, number];

function stored(...rows: Row[]): StoredWindow[] {
  return rows.map(([slot, deviceId, entries]) => ({
    agent: 'wifi',
    fromMs: slot * WINDOW_MS,
    toMs: (slot + 1) * WINDOW_MS,
    deviceId,
    entries,
    score: null,
    decision: null,
    surprise: null,
    anomalous: false,
    modelVersion: null,
    features: [],
  }));
}

function counted(...rows: readonly [number, string, number][]) {
  return rows.map(([slot, deviceId, entries]) => ({ fromMs: slot * WINDOW_MS, deviceId, entries }));
}

function late(had: StoredWindow[], now: ReturnType<typeof counted>, groupBy: 'device' | 'global' = 'device') {
  return lateSlots(had, now, WINDOW_MS, groupBy).map(({ fromMs, devices }) => {
    return [fromMs / WINDOW_MS, devices === undefined ? 'all' : [...devices].sort().join()];
  });
}

test('windows with as many entries as they had are not late, nor those with fewer', () => {
  assert.deepEqual(late(stored([0, 'a', 5], [0, 'b', 0]), counted([0, 'a', 5])), []);
  assert.deepEqual(late(stored([0, 'a', 5]), counted([0, 'a', 4])), []);
  assert.deepEqual(late(stored([0, 'a', 5]), []), []);
});

test('a window with more entries is late, alone of its slot', () => {
  const had = stored([1, 'a', 5], [1, 'b', 5], [0, 'a', 0], [0, 'b', 1]);
  assert.deepEqual(late(had, counted([0, 'a', 1], [0, 'b', 1], [1, 'a', 5], [1, 'b', 9])), [
    [0, 'a'],
    [1, 'b'],
  ]);
});

test('a device of which nothing was known gets windows from its first late entry on', () => {
  const had = stored([0, 'a', 1], [1, 'a', 1], [2, 'a', 1], [2, 'new', 4]);
  assert.deepEqual(late(had, counted([0, 'a', 1], [0, 'new', 3], [1, 'a', 1], [2, 'a', 1], [2, 'new', 4])), [
    [0, 'new'],
    [1, 'new'],
  ]);
});

test('a slot that was never analysed is none of ours', () => {
  assert.deepEqual(late(stored([1, 'a', 1]), counted([0, 'a', 7], [1, 'a', 1], [2, 'a', 7])), []);
});

test('windows of another length are none of ours', () => {
  const [window] = stored([0, 'a', 1]);
  assert.ok(window);
  assert.deepEqual(late([{ ...window, toMs: 60_000 }], counted([0, 'a', 7])), []);
});

test('where one window holds all devices, their entries count together', () => {
  const had = stored([0, null, 5], [1, null, 5]);
  assert.deepEqual(late(had, counted([0, 'a', 2], [0, 'b', 3], [1, 'a', 2], [1, 'b', 4]), 'global'), [[1, 'all']]);
});

test('the window of all devices that an agent keeps beside those of each is left out', () => {
  assert.deepEqual(late(stored([0, null, 0], [0, 'a', 3]), counted([0, 'a', 3])), []);
});
