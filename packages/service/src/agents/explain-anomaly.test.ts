import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DetectionModel, Detector } from '@edgewood/detection';
import { agentProfile } from '@edgewood/features';
import { IsolationForest } from '@edgewood/isolation-forest';
import type { LogEntry } from '@edgewood/logs';
import type { FeatureFinding } from '../anomalies/anomaly.ts';
import {
  exampleLines,
  explainAnomaly,
  severityOfDecision,
  severityOfSurprise,
  whyOf,
  worstSlot,
} from './explain-anomaly.ts';

const wifi = agentProfile('wifi');

function finding(feature: string, value: number, contribution: number, expected?: [number, number]): FeatureFinding {
  return { feature, value, contribution, expected: expected && { low: expected[0], high: expected[1] } };
}

function line(message: string, level = 'info', timeMs = 0): LogEntry {
  return { timeMs, deviceId: '1', program: 'hostapd', level, message };
}

test('severity is 0 at the threshold, 1 at the worst score there is, and rises evenly between', () => {
  assert.equal(severityOfDecision(0, -0.5), 0);
  assert.equal(severityOfDecision(-0.25, -0.5), 0.5);
  assert.equal(severityOfDecision(-0.5, -0.5), 1);
  assert.equal(severityOfDecision(-0.2, -0.6), 0.5);
});

test('the sentence names what lies outside its usual range, the strongest first', () => {
  const features = [
    finding('disassociation_events', 38, -2, [0, 2]),
    finding('station_count', 5, -1.5, [0, 9]),
    finding('log_count', 120, -1, [3, 40]),
    finding('error_log_ratio', 0.5, 0.2, [0, 0.1]),
  ];
  assert.equal(whyOf(features), 'disassociation_events 38 (usually 0–2), log_count 120 (usually 3–40)');
});

test('the sentence names at most three features', () => {
  const features = ['a', 'b', 'c', 'd'].map((name, n) => finding(name, 9, n - 9, [0, 1]));
  assert.equal(whyOf(features), 'a 9 (usually 0–1), b 9 (usually 0–1), c 9 (usually 0–1)');
});

test('when every feature is in its usual range, it is their being together that is unusual', () => {
  const features = [finding('log_count', 3, -1, [0, 9]), finding('station_count', 0, 0.5, [0, 9])];
  assert.equal(whyOf(features), 'unusual together: log_count 3 (usually 0–9)');
  assert.equal(whyOf([]), 'no single feature stands out');
});

test("a model without quantiles, somebody's Python one, is explained by contributions alone", () => {
  assert.equal(whyOf([finding('log_count', 0.12345, -1)]), 'unusual together: log_count 0.123');
});

test('whole numbers have a usual range of whole numbers, and one value is no range', () => {
  assert.equal(whyOf([finding('log_count', 9, -1, [0.4, 2.7])]), 'log_count 9 (usually 1–2)');
  assert.equal(whyOf([finding('log_count', 9, -1, [1, 1.2])]), 'log_count 9 (usually 1)');
});

test('example lines: errors and warnings first, then one of each event, in order of time', () => {
  const joins = Array.from({ length: 30 }, (_, n) => line(`wlan0: AP-STA-CONNECTED 00:00:5e:00:53:${10 + n}`));
  const lines = exampleLines(
    [
      ...joins,
      line('wlan0: AP-STA-DISCONNECTED 00:00:5e:00:53:10'),
      line('strange'),
      line('key failed', 'err'),
      line('late', 'warning'),
    ],
    wifi,
  );
  assert.deepEqual(lines, [
    'hostapd: wlan0: AP-STA-CONNECTED 00:00:5e:00:53:10',
    'hostapd: wlan0: AP-STA-DISCONNECTED 00:00:5e:00:53:10',
    'hostapd: strange',
    'hostapd: key failed',
    'hostapd: late',
  ]);
});

test('example lines are at most five, each one line and bounded; a silent window has none', () => {
  const lines = exampleLines(
    Array.from({ length: 9 }, () => line(`a\n b ${'x'.repeat(1_000_000)}`, 'err')),
    wifi,
  );
  assert.equal(lines.length, 5);
  assert.match(lines[0] ?? '', /^hostapd: a ⏎ b x+…$/);
  assert.equal(lines[0]?.length, 400);
  assert.deepEqual(exampleLines([], wifi), []);
});

const QUANTILES = { min: 0, p01: 1, p05: 2, p25: 3, p50: 4, p75: 5, p95: 6, p99: 7, max: 8 };
/** One tree that parts windows by the second feature: what is above 10 is alone. */
const forest = new IsolationForest({ nEstimators: 20, randomState: 3 }).fit(
  Array.from({ length: 64 }, (_, row) => [row % 3, row === 0 ? 40 : row % 5]),
);
const metadata = {
  model_version: '20250607_230000',
  features_used: ['log_count', 'station_count'],
  feature_quantiles: { station_count: QUANTILES },
};
const live = { model: { forest, metadata, version: '20250607_230000' } } as unknown as DetectionModel;
const REASON = {
  signal: 'minutes with wifi:psk_mismatch, hostapd',
  minutes: 15,
  count: 12,
  expected: 0.02,
  score: 7.3,
};

/** What is told of a window in which something happened. */
function explained(detectors: readonly Detector[], of: { score?: number; deviceId?: string | null } = {}) {
  const { score = -0.7, deviceId = '2' } = of;
  const entries = [line('a'), line('wlan0: AP-STA-POSSIBLE-PSK-MISMATCH 00:00:5e:00:53:10')];
  const vector = Float64Array.of(1, 40);
  const slots = [
    { slot: 0, deviceId: '2', reasons: [] },
    { slot: 1, deviceId: '3', reasons: [REASON, { ...REASON, signal: 'errors', score: 2 }] },
  ];
  const judgement = { window: { fromMs: 0, toMs: 300_000, deviceId, entries }, vector, seen: vector, score, slots };
  const settings = { name: 'wifi', severity: { medium: 0.2, high: 0.5, rules: [] } };
  const thresholds = { forest: -0.6, surprise: 4.3 };
  const odd = { judgement, decision: score - thresholds.forest, worst: worstSlot(slots), thresholds, detectors };
  return explainAnomaly(odd, live, { profile: wifi, settings, detectedAtMs: 420_000 });
}

test('an anomaly carries its features, those that made it most abnormal first, with their ranges', () => {
  const anomaly = explained(['forest']);
  const [station, count] = [...forest.contributions(Float64Array.of(1, 40))].toReversed();
  assert.deepEqual(anomaly.features, [
    { feature: 'station_count', value: 40, expected: { low: 1, high: 7 }, contribution: station },
    { feature: 'log_count', value: 1, expected: undefined, contribution: count },
  ]);
  const { agent, deviceId, severity, why, modelVersion, detectedAtMs } = anomaly;
  assert.deepEqual([anomaly.kind, anomaly.level], ['unusual', 'medium']);
  assert.deepEqual([agent, deviceId, modelVersion, detectedAtMs], ['wifi', '2', '20250607_230000', 420_000]);
  assert.deepEqual([Number(severity.toFixed(6)), why], [0.25, 'station_count 40 (usually 1–7)']);
});

test('an anomaly says which detectors alarmed and shows both scores; what surprises comes first in its sentence', () => {
  const surprised =
    'minutes with wifi:psk_mismatch, hostapd: 12 in 15 min, usually 0.02, errors: 12 in 15 min, usually 0.02';
  for (const [detectors, why, severity] of [
    [['forest'], 'station_count 40 (usually 1–7)', 0.25],
    [['surprise'], surprised, 0.5],
    [['forest', 'surprise'], `${surprised}; station_count 40 (usually 1–7)`, 0.5],
  ] as const) {
    const anomaly = explained(detectors);
    assert.deepEqual([anomaly.detectors, anomaly.why], [detectors, why]);
    assert.deepEqual([anomaly.score, anomaly.surprise?.score, anomaly.surprise?.threshold], [-0.7, 7.3, 4.3]);
    assert.equal(Number(anomaly.severity.toFixed(6)), severity);
  }
  assert.match(explained(['surprise'], { deviceId: null }).why, /^3: minutes with wifi:psk_mismatch/);
});

test('the severity of a surprise is 0 at its threshold, 1 a million times as rare, and rises evenly between', () => {
  const of = (score: number) => Number(severityOfSurprise({ score, threshold: 4.3 }).toFixed(6));
  assert.deepEqual([of(4), of(4.3), of(7.3), of(10.3), of(99)], [0, 0, 0.5, 1, 1]);
});

test('example lines begin with those of what surprises most', () => {
  const noise = Array.from({ length: 9 }, (_, n) => line(`strange ${n}`, 'err'));
  const mismatches = Array.from({ length: 9 }, (_, n) =>
    line(`wlan0: AP-STA-POSSIBLE-PSK-MISMATCH 00:00:5e:00:53:1${n}`),
  );
  const lines = exampleLines([...noise, ...mismatches], wifi, REASON.signal);
  assert.deepEqual(
    lines.map((text) => text.includes('PSK-MISMATCH')),
    [false, false, true, true, true],
  );
  assert.ok(exampleLines([...noise, ...mismatches], wifi, 'errors').length === 5);
});

test('lines that belong to another agent explain nothing', () => {
  const firewall = agentProfile('firewall');
  const entry = (message: string) => ({ timeMs: 0, deviceId: '1', program: 'kernel', level: 'err', message });
  const packet = 'REJECT wan in: IN=eth1 OUT= SRC=203.0.113.5 DST=198.51.100.1 LEN=40 PROTO=TCP SPT=4 DPT=23 SYN';
  assert.deepEqual(exampleLines([entry('Out of memory: Killed process 1'), entry(packet)], firewall), [
    `kernel: ${packet}`,
  ]);
});
