import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareJudgements } from './compare-judgements.ts';
import { EPISODE_GAP_MS } from './join-episodes.ts';
import type { JudgedWindow } from './judgement-episodes.ts';

const WINDOW_MS = 300_000;

/** A row of windows of a device from slot `from` on: `!` is an alarm, `.` is none, a space is no window. */
function row(marks: string, { from = 0, deviceId = '1' as string | null } = {}): JudgedWindow[] {
  return [...marks].flatMap((mark, at): JudgedWindow[] => {
    const [fromMs, toMs] = [(from + at) * WINDOW_MS, (from + at + 1) * WINDOW_MS];
    const score = mark === '!' ? -0.7 : -0.4 - at / 1_000;
    return mark === ' ' ? [] : [{ deviceId, fromMs, toMs, score, surprise: null, anomalous: mark === '!' }];
  });
}

test('a version agrees with itself wholly', () => {
  const windows = row('..!!......!....');
  const same = compareJudgements(windows, windows);
  assert.equal(same?.windows, 15);
  assert.deepEqual(same.alarms, { both: 3, current: 0, candidate: 0, none: 12 });
  assert.deepEqual([same.agreement, same.kappa, same.rankCorrelation.score], [1, 1, 1]);
  assert.deepEqual([same.episodes.avoided, same.episodes.added], [[], []]);
});

test('an alarm that only the current version has is avoided, one that only the candidate has is new', () => {
  const compared = compareJudgements(row(`!!${'.'.repeat(20)}.`), row(`..${'.'.repeat(20)}!`));
  assert.deepEqual(compared?.alarms, { both: 0, current: 2, candidate: 1, none: 20 });
  const [avoided, added] = [compared.episodes.avoided[0], compared.episodes.added[0]];
  assert.deepEqual([avoided?.fromMs, avoided?.toMs, avoided?.alarms], [0, 2 * WINDOW_MS, 2]);
  assert.deepEqual([added?.fromMs, added?.alarms], [22 * WINDOW_MS, 1]);
});

test('alarms of both within half an hour are the same alert', () => {
  const gap = EPISODE_GAP_MS / WINDOW_MS;
  const near = compareJudgements(row(`!${'.'.repeat(gap + 1)}`), row(`.${'.'.repeat(gap)}!`));
  assert.deepEqual([near?.episodes.avoided, near?.episodes.added], [[], []]);
  const far = compareJudgements(row(`!${'.'.repeat(gap + 2)}`), row(`.${'.'.repeat(gap + 1)}!`));
  assert.deepEqual([far?.episodes.avoided.length, far?.episodes.added.length], [1, 1]);
});

test('an alarm of another device, or of all together, is another alert', () => {
  const others = [...row('!..'), ...row('..', { deviceId: '2' }), ...row('..', { deviceId: null })];
  const candidate = [...row('...'), ...row('!.', { deviceId: '2' }), ...row('!.', { deviceId: null })];
  const { avoided = [], added = [] } = compareJudgements(others, candidate)?.episodes ?? {};
  assert.deepEqual(
    avoided.map(({ deviceId }) => deviceId),
    ['1'],
  );
  assert.deepEqual(
    added.map(({ deviceId }) => deviceId),
    ['2', null],
  );
});

test('time that one has not judged yet counts for neither, so a young candidate avoids nothing', () => {
  const compared = compareJudgements(row('!!!..........'), row('.....', { from: 8 }));
  assert.deepEqual(compared?.span, { fromMs: 8 * WINDOW_MS, toMs: 13 * WINDOW_MS });
  assert.deepEqual([compared.windows, compared.episodes.current], [5, 0]);
});

test('without time that both judged there is nothing to compare', () => {
  assert.equal(compareJudgements([], row('..')), undefined);
  assert.equal(compareJudgements(row('..'), row('..', { from: 2 })), undefined);
});

test('windows of different lengths are compared by their alerts alone', () => {
  const minutes = row('!....').map((window, at) => ({ ...window, fromMs: at * 60_000, toMs: (at + 1) * 60_000 }));
  const compared = compareJudgements(row('!'), minutes);
  assert.deepEqual([compared?.windows, compared?.agreement, compared?.kappa], [0, undefined, undefined]);
  assert.deepEqual([compared?.episodes.avoided.length, compared?.episodes.added.length], [0, 0]);
});

test("kappa is Cohen's: his table of 50 with 20 and 15 in agreement gives 0.4", () => {
  const marks = (mark: string, other: string, count: number) => [mark.repeat(count), other.repeat(count)] as const;
  const parts = [marks('!', '!', 20), marks('!', '.', 5), marks('.', '!', 10), marks('.', '.', 15)];
  const compared = compareJudgements(
    row(parts.map(([mark]) => mark).join('')),
    row(parts.map(([, mark]) => mark).join('')),
  );
  assert.equal(compared?.agreement, 0.7);
  assert.ok(Math.abs((compared.kappa ?? 0) - 0.4) < 1e-12);
});

test('where neither has an alarm kappa says nothing, and agreement is whole', () => {
  const { agreement, kappa } = compareJudgements(row('....'), row('....')) ?? {};
  assert.deepEqual([agreement, kappa], [1, undefined]);
});

test('a week of a device is what alerts are counted by', () => {
  const week = '.'.repeat(7 * 288);
  const both = [...row(week), ...row(week, { deviceId: '2' })];
  assert.equal(compareJudgements(both, both)?.deviceWeeks, 2);
});
