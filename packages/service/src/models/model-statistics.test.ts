import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnalysedWindow } from '../anomalies/anomaly-store.ts';
import { createServiceEvents } from '../events.ts';
import { countForReport, ModelStatistics } from './model-statistics.ts';

const [OLDER, NEWER] = ['20250607_230000', '20250608_230000'];

function setUp() {
  const events = createServiceEvents();
  const statistics = new ModelStatistics();
  const end = countForReport(events, new Map([['wifi', statistics]]));
  const load = (version: string) => events.emit('model:loaded', { agent: 'wifi', version, warnings: [] });
  /** The `n`-th slot, with windows of these scores; the threshold is at -0.5. */
  const slot = (n: number, scores: readonly (number | null)[], version: string | null = OLDER, agent = 'wifi') => {
    const judged = scores.map((score, at): AnalysedWindow => {
      const decision = score === null ? null : score + 0.5;
      const judged = { score, decision, surprise: null, anomalous: decision !== null && decision < 0 };
      return { deviceId: `${at}`, entries: 1, ...judged, modelVersion: score === null ? null : version };
    });
    const place = { agent, fromMs: n * 1_000, toMs: (n + 1) * 1_000 };
    events.emit('slot:analysed', { ...place, windows: judged.length, anomalies: {}, judged });
  };
  const finish = () => events.emit('cycle:finished', { agent: 'wifi', toMs: 0, durationMs: 1 });
  const fail = (message: string) => {
    events.emit('cycle:failed', { agent: 'wifi', error: new Error(message), retryMs: 1 });
  };
  return { events, statistics, load, slot, finish, fail, end };
}

const NOTHING = { cycles: 0, failed_cycles: 0, last_error: null, windows: 0, anomalies: 0, scores: null };

test('a version that was just loaded has done nothing', () => {
  const { statistics, load } = setUp();
  assert.deepEqual(statistics.sinceLoaded, NOTHING);
  load(OLDER);
  assert.deepEqual(statistics.sinceLoaded, NOTHING);
});

test('windows, anomalies and cycles are counted, and the quantiles are of the scores', () => {
  const { statistics, load, slot, finish } = setUp();
  load(OLDER);
  slot(0, [-0.4005, -0.6005]);
  slot(1, [-0.4005, -0.4005]);
  finish();
  assert.deepEqual(statistics.sinceLoaded, {
    ...NOTHING,
    cycles: 1,
    windows: 4,
    anomalies: 1,
    scores: { p05: -0.6005, p25: -0.6005, p50: -0.4005, p75: -0.4005, p95: -0.4005 },
  });
});

test('a window that is analysed again, since entries came late, counts once', () => {
  const { statistics, load, slot } = setUp();
  load(OLDER);
  for (const n of [0, 1, 0, 1, 2, 1]) slot(n, [-0.4]);
  assert.equal(statistics.sinceLoaded.windows, 3);
});

test('another version begins anew, and windows before it that are analysed again are not its own', () => {
  const { statistics, load, slot, finish } = setUp();
  load(OLDER);
  slot(0, [-0.7]);
  finish();
  load(NEWER);
  assert.deepEqual(statistics.sinceLoaded, NOTHING);
  slot(0, [-0.7], NEWER);
  slot(1, [-0.4], NEWER);
  assert.deepEqual([statistics.sinceLoaded.windows, statistics.sinceLoaded.anomalies], [1, 0]);
});

test('the same version, loaded again, goes on', () => {
  const { statistics, load, slot } = setUp();
  load(OLDER);
  slot(0, [-0.4]);
  load(OLDER);
  assert.equal(statistics.sinceLoaded.windows, 1);
});

test('a cycle that took up the version before is not counted, nor are its windows', () => {
  const { statistics, load, slot, finish } = setUp();
  load(OLDER);
  slot(0, [-0.7]);
  load(NEWER);
  slot(1, [-0.7], OLDER);
  finish();
  assert.deepEqual(statistics.sinceLoaded, NOTHING);
  finish(); // nothing was in its slot
  assert.equal(statistics.sinceLoaded.cycles, 1);
});

test('failed cycles are counted, and the reason stays until one ends well', () => {
  const { statistics, load, finish, fail } = setUp();
  load(OLDER);
  fail('the log source does not answer');
  fail('the disk is full');
  assert.deepEqual(statistics.sinceLoaded, { ...NOTHING, failed_cycles: 2, last_error: 'the disk is full' });
  finish();
  assert.deepEqual(statistics.sinceLoaded, { ...NOTHING, cycles: 1, failed_cycles: 2 });
});

test('windows that were given up have no score and are not counted', () => {
  const { statistics, load, slot } = setUp();
  load(OLDER);
  slot(0, [null, -0.4]);
  assert.equal(statistics.sinceLoaded.windows, 1);
});

test('where the clock had been ahead, windows come again and everything is counted anew', () => {
  const { events, statistics, load, slot } = setUp();
  load(OLDER);
  for (const n of [7, 8]) slot(n, [-0.7]);
  events.emit('cursor:rewound', { agent: 'wifi', fromMs: 9_000, toMs: 7_000 });
  slot(6, [-0.4]); // late
  slot(7, [-0.4]);
  assert.deepEqual([statistics.sinceLoaded.windows, statistics.sinceLoaded.anomalies], [1, 0]);
});

test('what is told of others is not heeded, and nothing after the end', () => {
  const { statistics, load, slot, end } = setUp();
  load(OLDER);
  slot(0, [-0.4], OLDER, 'dns');
  end();
  slot(1, [-0.4]);
  assert.equal(statistics.sinceLoaded.windows, 0);
});
