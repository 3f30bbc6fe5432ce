import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SeverityLevel } from '../anomalies/anomaly.ts';
import { levelOf } from './severity-level.ts';

const SETTINGS = {
  medium: 0.2,
  high: 0.5,
  rules: [
    { feature: 'radar_events', atLeast: 1, level: 'high' as const },
    { feature: 'log_count', atLeast: 100, level: 'medium' as const },
  ],
};

const CASES: readonly [number, Record<string, number>, SeverityLevel][] = [
  [0, {}, 'low'],
  [0.19, { log_count: 99, radar_events: 0 }, 'low'],
  [0.2, {}, 'medium'],
  [0.5, {}, 'high'],
  [1, {}, 'high'],
  [0.1, { log_count: 100 }, 'medium'],
  [0.1, { log_count: 100, radar_events: 1 }, 'high'],
  [0.6, { log_count: 100 }, 'high'],
];

for (const [severity, values, level] of CASES) {
  test(`severity ${severity} with ${JSON.stringify(values)} is ${level}`, () => {
    const features = Object.entries(values).map(([feature, value]) => ({ feature, value }));
    assert.equal(levelOf(severity, features, SETTINGS), level);
  });
}
