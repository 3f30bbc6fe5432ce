import assert from 'node:assert/strict';
import { test } from 'node:test';
import { learnWindowNorms, type NormWindow } from './learn-window-norms.ts';
import { HOUR_KINDS } from './slot-time.ts';
import { poisson, seededRandom } from './testing/seeded-random.ts';
import { scaleByNorms } from './window-norms.ts';

const WINDOW_MS = 300_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** 00:00 UTC. */
const MONDAY_MS = Date.UTC(2025, 4, 5);
const FEATURES = ['log_count', 'radar_events'];

/** @param usual the mean of the first feature at an hour of the day; the second never comes. */
function* ordinaryWindows(deviceId: string | null, days: number, usual: (hour: number) => number) {
  const random = seededRandom(7);
  for (let fromMs = MONDAY_MS; fromMs < MONDAY_MS + days * DAY_MS; fromMs += WINDOW_MS) {
    const hour = Math.floor(fromMs / HOUR_MS) % 24;
    yield { fromMs, deviceId, vector: Float64Array.of(poisson(random, usual(hour)), 0) } satisfies NormWindow;
  }
}

const busyByDay = (hour: number) => (hour >= 8 && hour < 20 ? 40 : 4);
const atNoonMs = MONDAY_MS + 14 * DAY_MS + 12 * HOUR_MS;
const atNightMs = MONDAY_MS + 14 * DAY_MS + 2 * HOUR_MS;
const norms = learnWindowNorms(FEATURES, [
  ...ordinaryWindows('busy', 14, busyByDay),
  ...ordinaryWindows('quiet', 14, () => 1),
]);
const distance = (count: number, deviceId: string | null, fromMs: number, of = norms) =>
  scaleByNorms(of, Float64Array.of(count, 0), deviceId, fromMs)[0];

test('what is usual at one hour is far from usual at another', () => {
  assert.ok(distance(40, 'busy', atNoonMs) < 1);
  assert.ok(distance(40, 'busy', atNightMs) > 3);
  assert.ok(distance(4, 'busy', atNightMs) < 1);
});

test('what is usual of one device is far from usual of another', () => {
  assert.ok(distance(40, 'quiet', atNoonMs) > 4);
  assert.ok(distance(1, 'quiet', atNoonMs) < 1);
});

test('silence is as far from usual as too much', () => {
  assert.ok(distance(0, 'busy', atNoonMs) > 4);
});

test('ordinary windows are about a standard deviation from what is usual, or less', () => {
  const distances = [...ordinaryWindows('busy', 5, busyByDay)].map(({ fromMs, vector }) =>
    distance(vector[0], 'busy', fromMs),
  );
  const meanSquare = distances.reduce((sum, each) => sum + each ** 2, 0) / distances.length;
  assert.ok(meanSquare > 0.2 && meanSquare < 1.5, `${meanSquare}`);
});

test('what never came is far off when it comes, but not infinitely', () => {
  const [, radar] = scaleByNorms(norms, Float64Array.of(40, 1), 'busy', atNoonMs);
  assert.ok(radar > 3 && radar < 6, `${radar}`);
});

test('a device that training never saw is measured by all of them together', () => {
  assert.equal(distance(40, 'new', atNoonMs), distance(40, null, atNoonMs));
  assert.ok(distance(40, 'new', atNoonMs) < distance(40, 'quiet', atNoonMs));
});

test('windows of all devices together have norms of their own', () => {
  const global = learnWindowNorms(FEATURES, ordinaryWindows(null, 14, busyByDay));
  assert.equal(global.devices.size, 0);
  assert.ok(distance(40, null, atNoonMs, global) < 1);
  assert.ok(distance(40, null, atNightMs, global) > 3);
});

test('a training of one window gives norms by which every vector can be scaled', () => {
  const [window] = ordinaryWindows('busy', 1, busyByDay);
  const few = learnWindowNorms(FEATURES, [window]);
  for (let hour = 0; hour < 7 * 24; hour += 1) {
    const scaled = scaleByNorms(few, Float64Array.of(1e15, -1), 'busy', MONDAY_MS + hour * HOUR_MS);
    assert.ok(scaled.every((value) => Number.isFinite(value) && value >= 0));
  }
  assert.equal(few.fleet.means.length, FEATURES.length * HOUR_KINDS);
});
