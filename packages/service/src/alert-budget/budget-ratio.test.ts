import assert from 'node:assert/strict';
import { test } from 'node:test';
import { budgetUse } from './budget-ratio.ts';

const DAY_MS = 86_400_000;

test('a budget is exceeded above 1: of the last week, of a day at least, and never by a single incident', () => {
  const cases: [number, number, number, number, number][] = [
    // incidents, days, devices, a device and week → ratio
    [8, 7, 8, 1, 1],
    [20, 7, 8, 1, 2.5],
    [8, 30, 8, 1, 1], // as a week
    [4, 3.5, 8, 1, 1],
    [2, 0, 7, 1, 2], // as a day
    [0, 7, 8, 1, 0],
    [1, 0, 1, 1, 1], // a seventh is allowed
    [3, 1, 1, 1, 3],
    [1, 7, 0, 2, 0.5], // before any device is known
  ];
  for (const [incidents, days, devices, perDeviceAndWeek, ratio] of cases) {
    const use = budgetUse({ incidents, spanMs: days * DAY_MS, devices, perDeviceAndWeek });
    assert.equal(use.ratio, ratio, `${incidents} in ${days} days of ${devices} devices at ${perDeviceAndWeek}`);
    assert.equal(use.incidents, incidents);
  }
});
