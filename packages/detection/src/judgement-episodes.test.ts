import assert from 'node:assert/strict';
import { test } from 'node:test';
import { episodesOf, type JudgedWindow } from './judgement-episodes.ts';

function alarm(fromMs: number, of: Partial<JudgedWindow> = {}): JudgedWindow {
  return { deviceId: '1', fromMs, toMs: fromMs + 10, score: -0.6, surprise: null, anomalous: true, ...of };
}

test('alarms of a device are one episode as long as no more than the gap is between them', () => {
  const [first, second, ...others] = episodesOf([alarm(0), alarm(30), alarm(61)], 20);
  assert.deepEqual([first?.fromMs, first?.toMs, first?.alarms], [0, 40, 2]);
  assert.deepEqual([second?.fromMs, second?.toMs, second?.alarms], [61, 71, 1]);
  assert.deepEqual(others, []);
});

test('ordinary windows between alarms neither count nor part them', () => {
  const [only] = episodesOf([alarm(0), alarm(10, { anomalous: false }), alarm(20)], 20);
  assert.deepEqual([only?.toMs, only?.alarms], [30, 2]);
});

test('devices have episodes of their own, and all together are one more', () => {
  const episodes = episodesOf([alarm(0), alarm(0, { deviceId: '2' }), alarm(0, { deviceId: null })], 20);
  assert.deepEqual(
    episodes.map(({ deviceId }) => deviceId),
    ['1', '2', null],
  );
});

test('the worst is the most surprising, and where nothing is surprising the one with the lowest score', () => {
  const worstOf = (windows: JudgedWindow[]) => episodesOf(windows, 20)[0]?.worst.fromMs;
  assert.equal(worstOf([alarm(0, { surprise: 5 }), alarm(10, { surprise: 6 }), alarm(20, { score: -0.9 })]), 10);
  assert.equal(worstOf([alarm(0), alarm(10, { score: -0.8 }), alarm(20)]), 10);
  assert.equal(worstOf([alarm(0), alarm(10)]), 0);
});
