import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forestAlarm, forestSeverity, surpriseAlarm } from './alarm.ts';
import { joinAgents, joinDetectors } from './join-alarms.ts';

const MINUTE = 60_000;

test('a severity is above a half exactly below the offset, and never falls as the score gets worse', () => {
  const scales: readonly (readonly [offset: number, usual?: number])[] = [
    [-0.4],
    [-0.5, -0.4],
    [-0.6291, -0.43],
    [-0.97, -0.2],
    [-0.45, -0.5],
    [-0.45, -0.45],
  ];
  for (const [offset, usual] of scales) {
    let before = 0;
    for (let step = 1; step <= 10_000; step += 1) {
      const score = -step / 10_000;
      const severity = forestSeverity(score, { offset, usual });
      assert.equal(severity > 0.5, score - offset < 0, `${score} of ${offset}`);
      assert.ok(severity >= before && severity < 1, `${score} of ${offset}`);
      before = severity;
    }
    assert.ok(forestSeverity(offset - Number.EPSILON, { offset, usual }) > 0.5);
  }
});

test('severities of forests compare by how far a score is from what is usual', () => {
  assert.equal(forestSeverity(-0.6, { offset: -0.5, usual: -0.4 }), 0.6667);
  assert.equal(forestSeverity(-0.8, { offset: -0.6, usual: -0.4 }), 0.6667);
  assert.equal(forestSeverity(-0.3, { offset: -0.5, usual: -0.4 }), 0);
});

test('windows of all devices are no alarm of one', () => {
  const judgement = { detector: 'forest', deviceId: null, fromMs: 0, toMs: MINUTE, score: -0.9 } as const;
  assert.equal(forestAlarm(judgement, { offset: -0.5 }), undefined);
});

test("a surprise's window is the span that surprises most, and never shorter than what was judged", () => {
  const reason = { signal: 'errors', count: 9, expected: 1, score: 4.300_04 };
  const judgement = { detector: 'surprise', deviceId: '1', fromMs: 0, toMs: 5 * MINUTE } as const;
  const alarmOf = (minutes: number) => surpriseAlarm({ ...judgement, reasons: [{ ...reason, minutes }] });
  assert.deepEqual(alarmOf(60), { deviceId: '1', atMs: 5 * MINUTE, windowMs: 60 * MINUTE, score: 4.3 });
  assert.equal(alarmOf(1).windowMs, 5 * MINUTE);
  assert.equal(surpriseAlarm({ ...judgement, reasons: [] }).score, 0);
});

const alarm = (atMs: number, deviceId: string, score: number, windowMs = 5 * MINUTE) => ({
  deviceId,
  atMs,
  windowMs,
  score,
});

test('a forest puts in order what surprises alike, and never more than that', () => {
  const surprise = [alarm(1, '1', 4.2999, 60 * MINUTE), alarm(1, '2', 4.3)];
  const joined = joinDetectors(surprise, [alarm(1, '1', 1), alarm(2, '10', 0.6), alarm(2, '2', 0.7)]);
  assert.deepEqual(
    joined.map(({ deviceId, atMs }) => `${atMs} ${deviceId}`),
    ['1 1', '1 2', '2 2', '2 10'],
  );
  const [first, second, third, fourth] = joined.map(({ score }) => score);
  assert.ok(first !== undefined && first > 4.2999 && first < 4.3, `${first}`);
  assert.equal(second, 4.3);
  assert.ok(third !== undefined && fourth !== undefined && third > fourth && third < 0.000_1);
  assert.equal(joined[0]?.windowMs, 60 * MINUTE);
});

test('of several agents that alarm at one moment, the one with the largest score stays', () => {
  const joined = joinAgents([
    [alarm(1, '1', 2), alarm(2, '1', 3)],
    [alarm(1, '1', 5, 60 * MINUTE), alarm(1, '2', 1)],
  ]);
  assert.deepEqual(joined, [alarm(1, '1', 5, 60 * MINUTE), alarm(1, '2', 1), alarm(2, '1', 3)]);
});
