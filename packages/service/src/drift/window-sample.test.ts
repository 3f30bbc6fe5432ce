import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnalysedWindow, StoredWindow } from '../anomalies/anomaly-store.ts';
import { slotAt } from '../testing/http-parts.ts';
import { WindowSampler } from './window-sample.ts';

const WINDOW_MS = 300_000;
const [like] = slotAt(0).windows as [AnalysedWindow];

/** Windows of eight devices; the one feature is the device, the score tells the slot. */
function windowsOf(slots: number, devices = 8): StoredWindow[] {
  return Array.from({ length: slots * devices }, (_, at) => {
    const [slot, device] = [Math.floor(at / devices), at % devices];
    return {
      ...like,
      agent: 'wifi',
      deviceId: `${device}`,
      fromMs: slot * WINDOW_MS,
      toMs: (slot + 1) * WINDOW_MS,
      score: -(slot + 1) / slots,
      features: ['device'],
      vector: Float64Array.of(device),
    };
  });
}

function sampleOf(windows: readonly StoredWindow[], limit?: number) {
  const sampler = new WindowSampler(limit);
  for (const window of windows) sampler.add(window);
  return sampler.sample;
}

test('few windows are all in the sample, in order of their values', () => {
  const { scores, features, windows } = sampleOf(windowsOf(2));
  assert.deepEqual([windows, scores.length], [16, 16]);
  assert.deepEqual([scores[0], scores[15]], [-1, -0.5]);
  assert.deepEqual([...(features.get('device') ?? [])].slice(0, 4), [0, 0, 1, 1]);
});

test('many windows are thinned out: never more than the limit, never less than half of it', () => {
  for (const slots of [13, 100, 2_016]) {
    const { scores, windows } = sampleOf(windowsOf(slots), 100);
    assert.equal(windows, slots * 8);
    assert.ok(scores.length > 45 && scores.length <= 100, `${scores.length} of ${windows}`);
  }
});

test('whatever the number of devices, each has its share, and each time', () => {
  for (const devices of [1, 2, 3, 4, 7, 8, 16, 64]) {
    const { features, scores } = sampleOf(windowsOf(16_000 / devices, devices), 1_000);
    const kept = Map.groupBy(features.get('device') ?? [], (device) => device);
    const share = scores.length / devices;
    for (const [device, { length }] of kept) {
      assert.ok(
        Math.abs(length - share) <= 0.3 * share + 2,
        `${length} of device ${device} of ${devices}, not ${share}`,
      );
    }
    assert.equal(kept.size, devices);
    const early = scores.filter((score) => score >= -0.25).length;
    assert.ok(Math.abs(early - scores.length / 4) < 0.03 * scores.length, `${early} of ${scores.length} are early`);
  }
});

test('time that several devices share counts once', () => {
  assert.equal(sampleOf(windowsOf(12)).coveredMs, 3_600_000);
});

test('what has no score, and values that are no numbers, are left out', () => {
  const [one, two] = windowsOf(1) as [StoredWindow, StoredWindow];
  const { scores, features } = sampleOf([
    { ...one, score: null },
    { ...two, vector: Float64Array.of(Number.NaN) },
  ]);
  assert.deepEqual([scores.length, features.get('device')?.length], [1, 1]);
});

test('nothing gives an empty sample', () => {
  const { scores, features, windows, coveredMs } = sampleOf([]);
  assert.deepEqual([scores.length, features.size, windows, coveredMs], [0, 0, 0, 0]);
});
