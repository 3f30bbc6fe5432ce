import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logTimeTrouble } from './log-time.ts';

const NOW_MS = Date.parse('2026-05-01T12:00:00Z');
const DAY_MS = 86_400_000;

const CASES: readonly [string, number | undefined, RegExp | undefined][] = [
  ['there are no entries', undefined, undefined],
  ['they agree', NOW_MS, undefined],
  ['a day behind is a quiet day', NOW_MS - DAY_MS, undefined],
  ['a day ahead may be a time zone', NOW_MS + DAY_MS, undefined],
  ['a bit more than a day behind', NOW_MS - DAY_MS - 1, /of 2026-04-30T11:59:59Z, are 1 day in the past/],
  ['a year behind', NOW_MS - 365 * DAY_MS, /are 365 days in the past: .* it is 2026-05-01T12:00:00Z, is wrong$/],
  ['a year ahead', NOW_MS + 365 * DAY_MS, /of 2027-05-01T12:00:00Z, are 365 days in the future/],
];

for (const [title, newestMs, said] of CASES) {
  test(`log and clock: ${title}`, () => {
    const trouble = logTimeTrouble(newestMs, NOW_MS);
    if (said === undefined) assert.equal(trouble, undefined);
    else assert.match(trouble ?? '', said);
  });
}
