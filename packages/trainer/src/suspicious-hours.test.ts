import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseSuspiciousHours, hoursByDevice } from './suspicious-hours.ts';

const hour = (score: number, at = 0, deviceId = '1') => ({ deviceId, hour: at, score, signal: 'entries', minutes: 5 });

test('hours above the threshold are left out, the most surprising first', () => {
  const { leftOut, found, share } = chooseSuspiciousHours([hour(4.1), hour(1), hour(6), hour(4)], 10);
  assert.deepEqual(
    leftOut.map(({ score }) => score),
    [6, 4.1],
  );
  assert.deepEqual([found, share], [2, 2 / 240]);
});

test('a twentieth of what is learnt from is left out at most; of more nothing is, and how much it is is told', () => {
  const hours = Array.from({ length: 13 }, (_, at) => hour(5, at));
  assert.equal(chooseSuspiciousHours(hours.slice(0, 12), 10).leftOut.length, 12);
  const tooMany = chooseSuspiciousHours(hours, 10);
  assert.deepEqual([tooMany.leftOut, tooMany.found], [[], 13]);
  assert.ok(tooMany.share > 0.05);
});

test('without hours nothing is suspicious', () => {
  assert.deepEqual(chooseSuspiciousHours([], 10), { leftOut: [], found: 0, share: 0 });
});

test('hours are handed on by device', () => {
  const byDevice = hoursByDevice([hour(5, 7), hour(5, 8), hour(5, 7, '2')]);
  assert.deepEqual(
    [...byDevice],
    [
      ['1', new Set([7, 8])],
      ['2', new Set([7])],
    ],
  );
});
