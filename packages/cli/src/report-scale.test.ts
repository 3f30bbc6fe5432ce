import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bucketMaxima, timeMarks } from './report-scale.ts';

test('a peak is never lost, however many points there are', () => {
  const points = Array.from({ length: 43_200 }, (_, at) => ({ atMs: at * 60_000, value: at === 31_337 ? 9 : 1 }));
  const maxima = bucketMaxima(points, { fromMs: 0, toMs: 43_200 * 60_000 }, 800);
  assert.equal(maxima.length, 800);
  assert.deepEqual(
    maxima.flatMap((value, at) => (value === 9 ? [at] : [])),
    [Math.floor((31_337 / 43_200) * 800)],
  );
});

test('where there is no point there is no value, and the end of the span belongs to the last part', () => {
  const points = [
    { atMs: -1, value: 5 },
    { atMs: 0, value: -2 },
    { atMs: 100, value: 3 },
  ];
  assert.deepEqual(bucketMaxima(points, { fromMs: 0, toMs: 100 }, 4), [-2, undefined, undefined, 3]);
});

for (const [hours, first, marks] of [
  [2, '00:30', 4],
  [36, '06:00', 6],
  [24 * 31, 'May 8', 4],
  [24 * 400, 'May 8', 8],
] as const) {
  test(`the axis of ${hours} hours has round moments`, () => {
    const fromMs = Date.UTC(2025, 4, 1, 0, 5);
    const got = timeMarks({ fromMs, toMs: fromMs + hours * 3_600_000 });
    assert.deepEqual([got[0]?.label, got.length], [first, marks]);
  });
}
