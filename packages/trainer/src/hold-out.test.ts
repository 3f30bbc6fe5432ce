import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { LogEntry } from '@edgewood/logs';
import { heldOutOf, surveyLog } from './hold-out.ts';

const DAY_MS = 86_400_000;

describe('of a log', () => {
  test('the last three days of ten are held out, whole days, and a week is always learnt from', () => {
    const cases: [number, number | undefined][] = [
      [1, undefined],
      [7.9, undefined],
      [8, 1],
      [8.9, 1],
      [9, 2],
      [10, 3],
      [21, 6],
      [31, 9],
    ];
    for (const [days, heldOut] of cases) {
      const toMs = 1_000 * DAY_MS + 7_200_000;
      const expected = heldOut && { fromMs: toMs - heldOut * DAY_MS, toMs };
      assert.deepEqual(heldOutOf({ fromMs: toMs - days * DAY_MS, toMs }), expected, `${days} days`);
    }
  });

  test('a few minutes of silence at both ends make no day less, and no slot is held out that is not over', () => {
    const [fromMs, toMs] = [290_000, 8 * DAY_MS - 10_000];
    assert.deepEqual(heldOutOf({ fromMs, toMs }), { fromMs: 7 * DAY_MS - 300_000, toMs: 8 * DAY_MS - 300_000 });
  });

  test('its span is that of the programs that are meant, and so are its devices', async () => {
    const entry = (timeMs: number, deviceId: string, program: string): LogEntry => ({
      timeMs,
      deviceId,
      program,
      level: 'info',
      message: 'm',
    });
    const chunks = async function* () {
      yield [entry(1_000, '9', 'cron'), entry(2_000, '1', 'hostapd')];
      yield [entry(3_000, '2', 'hostapd'), entry(9_000, '9', 'cron')];
    };
    const programs = ['hostapd'];
    assert.deepEqual(await surveyLog(chunks(), { programs }), { fromMs: 2_000, toMs: 3_001, devices: 2 });
    assert.equal(await surveyLog(chunks(), { programs: ['netifd'] }), undefined);
  });
});
