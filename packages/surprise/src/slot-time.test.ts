import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HOUR_KINDS, hourKindOf, neighboursOf, SLOT_MS, SLOTS_PER_HOUR, slotOf } from './slot-time.ts';

const hourOf = (time: string) => Math.floor(slotOf(Date.parse(time)) / SLOTS_PER_HOUR);

test('a slot is five minutes that begin with a whole one', () => {
  const start = Date.parse('2025-05-01T06:35:00Z');
  const slot = slotOf(start);
  assert.equal(slot * SLOT_MS, start);
  assert.equal(slotOf(start + SLOT_MS - 1), slot);
  assert.equal(slotOf(start + SLOT_MS), slot + 1);
  assert.equal(slotOf(start - 1), slot - 1);
});

test('hours are told apart by the hour of the day and by weekend, in UTC', () => {
  for (const [time, kind] of [
    ['1970-01-01T00:00Z', 0], // a Thursday
    ['2025-05-01T00:00Z', 0], // a Thursday
    ['2025-05-02T23:59Z', 23], // a Friday
    ['2025-05-03T00:00Z', 24], // a Saturday
    ['2025-05-04T23:59Z', 47], // a Sunday
    ['2025-05-05T00:00Z', 0], // a Monday
    ['2024-02-29T13:00Z', 13], // a Thursday
    ['2025-03-30T02:30Z', 26], // a Sunday on which clocks change in Europe
  ] as const) {
    assert.equal(hourKindOf(hourOf(time)), kind, time);
  }
});

test('hour kinds agree with the calendar for two years', () => {
  const first = hourOf('2024-01-01T00:00Z');
  for (let hour = first; hour < first + 2 * 366 * 24; hour += 1) {
    const date = new Date(hour * 3_600_000);
    const isWeekend = date.getUTCDay() % 6 === 0;
    assert.equal(hourKindOf(hour), date.getUTCHours() + (isWeekend ? 24 : 0), date.toISOString());
  }
});

test('neighbours are the hours beside, of the same kind of day', () => {
  for (const [kind, neighbours] of [
    [0, [23, 1]],
    [12, [11, 13]],
    [23, [22, 0]],
    [24, [47, 25]],
    [47, [46, 24]],
  ] as const) {
    assert.deepEqual(neighboursOf(kind), neighbours, String(kind));
  }
  for (let kind = 0; kind < HOUR_KINDS; kind += 1) {
    for (const near of neighboursOf(kind)) assert.ok(neighboursOf(near).includes(kind), `${kind} and ${near}`);
  }
});
