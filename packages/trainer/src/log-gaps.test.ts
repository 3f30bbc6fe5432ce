import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogEntry } from '@edgewood/logs';
import { holesOf, type LogGap, LogGaps } from './log-gaps.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Gaps that begin at noon of these days and last so many hours. */
function gapsOf(hours: Record<number, number>): LogGap[] {
  return Object.entries(hours).map(([day, length]) => {
    const fromMs = Number(day) * DAY_MS + 12 * HOUR_MS;
    return { fromMs, toMs: fromMs + length * HOUR_MS };
  });
}

const everyNight = (hours: number) => gapsOf(Object.fromEntries(Array.from({ length: 21 }, (_, day) => [day, hours])));

for (const [what, gaps, holes] of [
  ['a log that never pauses has none', [], []],
  ['six hours are one where nothing else pauses', gapsOf({ 3: 6 }), [6]],
  ['less than six hours are none', gapsOf({ 3: 5.9 }), []],
  ['each of several is one', gapsOf({ 3: 7, 9: 30 }), [7, 30]],
  ['a pause of every night is none', everyNight(9), []],
  ['where nights are quiet, a quiet weekend is none', [...everyNight(13), ...gapsOf({ 30: 62 })], []],
  ['where nights are quiet, three days are one', [...everyNight(13), ...gapsOf({ 30: 72 })], [72]],
] as const) {
  test(`holes of three weeks: ${what}`, () => {
    const found = holesOf(gaps, 21 * DAY_MS).map(({ fromMs, toMs }) => (toMs - fromMs) / HOUR_MS);
    assert.deepEqual(found, holes);
  });
}

test('what passes by is measured from one entry to the next, of whatever device', () => {
  const gaps = new LogGaps();
  for (const hours of [0, 0.05, 0.1, 10, 10.05]) {
    gaps.add([{ timeMs: hours * HOUR_MS, deviceId: `${hours}`, program: 'hostapd', level: 'info', message: '' }]);
  }
  gaps.add([] satisfies LogEntry[]);
  assert.deepEqual(gaps.holes(), [{ fromMs: 0.1 * HOUR_MS, toMs: 10 * HOUR_MS }]);
});

test('a log without entries has no holes', () => {
  assert.deepEqual(new LogGaps().holes(), []);
});
