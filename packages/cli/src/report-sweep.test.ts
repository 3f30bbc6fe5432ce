import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Finding } from './backtest-agent.ts';
import { sweepChart, sweepThresholds } from './report-sweep.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const incident = (at: number) => ({
  id: `${at}`,
  kind: 'flood',
  difficulty: 'easy',
  deviceId: 'ap-1',
  devices: ['ap-1'],
  fromMs: at * DAY_MS,
  toMs: at * DAY_MS + HOUR_MS,
  isTest: true,
});
const LABELS = { fromMs: 0, toMs: 7 * DAY_MS, devices: 1, incidents: [incident(1), incident(3)], benign: [] };

function finding(atMs: number, score: number): Finding {
  const alarm = { deviceId: 'ap-1', atMs, windowMs: 300_000, score };
  return { ...alarm, agent: 'wifi', detector: 'surprise', isAlarm: score >= 4.3, reasons: [] };
}

/** Both incidents, one of them weakly, and a strong false alarm between them. */
const RUN = {
  findings: [finding(DAY_MS + 600_000, 8), finding(2 * DAY_MS, 6), finding(3 * DAY_MS + 600_000, 3)],
};

test('each threshold has the recall, the precision and the false episodes of the alarms above it', () => {
  const points = sweepThresholds([RUN], 'surprise', LABELS, { fromMs: undefined, toMs: undefined });
  const at = (threshold: number) => {
    const { recall, precision, falsePerDeviceAndWeek } = points.find((one) => one.threshold === threshold) ?? {};
    return [recall, precision, falsePerDeviceAndWeek];
  };
  assert.deepEqual(at(3), [1, 2 / 3, 1]);
  assert.deepEqual(at(3.25), [0.5, 0.5, 1]);
  assert.deepEqual(at(6.25), [0.5, 1, 0]);
  assert.deepEqual(at(10), [0, undefined, 0]);
});

test('the chart marks the threshold in use where it stands on the axis', () => {
  const points = sweepThresholds([RUN], 'surprise', LABELS, { fromMs: undefined, toMs: undefined });
  assert.match(sweepChart('surprise', points, 7), /class="threshold" d="M300 0V200"/);
});
