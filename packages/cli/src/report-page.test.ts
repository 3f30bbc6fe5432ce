import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IncidentLabels } from '@edgewood/trainer';
import type { AgentBacktest, ReplayedWindow } from './backtest-agent.ts';
import { compareSides } from './print-comparison.ts';
import { LARGEST_REPORT_BYTES, reportPage } from './report-page.ts';

const FROM_MS = Date.UTC(2025, 4, 1);
const SLOT_MS = 300_000;
const HOSTILE = `"><script src=https://evil.example/x.js></script><img src=x onerror=alert(1)>'&\u001b[2J`;

function run(devices: readonly string[], slots: number, every: number, signal = 'errors'): AgentBacktest {
  const judged: ReplayedWindow[] = [];
  for (let slot = 0; slot < slots; slot += 1) {
    for (const deviceId of devices) {
      const anomalous = slot % every === 0;
      const fromMs = FROM_MS + slot * SLOT_MS;
      const surprise = anomalous ? 6 + (slot % 7) / 10 : 0.4;
      const reasons = anomalous ? [{ signal, minutes: 15, count: 12, expected: 0.3, score: surprise }] : [];
      const alarms = anomalous ? (['surprise'] as const) : [];
      judged.push({ deviceId, fromMs, toMs: fromMs + SLOT_MS, score: -0.42, surprise, anomalous, alarms, reasons });
    }
  }
  const findings = judged.flatMap(({ deviceId, toMs, surprise, anomalous, reasons }) => {
    if (!anomalous || deviceId === null || surprise === null) return [];
    const alarm = { deviceId, atMs: toMs, windowMs: 900_000, score: surprise };
    return [{ ...alarm, agent: 'wifi', detector: 'surprise' as const, isAlarm: true, reasons }];
  });
  return {
    agent: 'wifi',
    version: '20250501_000000',
    span: { fromMs: FROM_MS, toMs: FROM_MS + slots * SLOT_MS },
    entries: 1000,
    late: 0,
    unjudgedDevices: 0,
    devices,
    thresholds: { forest: -0.5, surprise: 4.3 },
    scale: { offset: -0.5 },
    judged,
    windows: { forest: judged.length, surprise: judged.length },
    features: FEATURES,
    findings,
  };
}

function labelsOf(devices: readonly string[], kind: string, count: number): IncidentLabels {
  const [deviceId = ''] = devices;
  const incidents = Array.from({ length: count }, (_, at) => {
    const fromMs = FROM_MS + at * 3_600_000;
    const named = { id: `${at}`, kind: `${kind} ${at}`, difficulty: 'hard', deviceId, devices };
    return { ...named, fromMs, toMs: fromMs + 600_000, isTest: true };
  });
  return { fromMs: FROM_MS, toMs: FROM_MS + 31 * 86_400_000, devices: devices.length, incidents, benign: [] };
}

/** More than are drawn, each with a peak in its own hour. */
const FEATURES: AgentBacktest['features'] = Array.from({ length: 12 }, (_, place) => ({
  feature: `feature_${place}`,
  prominence: 100 - place,
  peaks: Array.from({ length: 40 }, (_hour, hour) => ({
    atMs: FROM_MS + hour * 3_600_000,
    value: hour === place ? 77 : 1,
  })),
}));

const NO_BOUNDS = { fromMs: undefined, toMs: undefined };
const BOTH = ['forest', 'surprise'] as const;

function page(runs: readonly AgentBacktest[], labels?: IncidentLabels): string {
  const sides = runs.map((one, at) => ({ name: runs.length > 1 ? 'AB'[at] : undefined, runs: [one] }));
  const [one, other] = sides;
  const comparison = one && other && compareSides(one, other);
  return reportPage({ sides, detectors: BOTH, labels, bounds: NO_BOUNDS, comparison });
}

test('the features that stand out most are drawn with what the labels say', () => {
  const html = page([run(['1', '2'], 500, 50)], labelsOf(['2'], 'flood', 3));
  const section = html.slice(html.indexOf('<h2>Features'), html.indexOf('<h2>Episodes'));
  assert.equal(section.match(/<svg /g)?.length, 8);
  assert.match(section, /feature_0: 77\.00 at most/);
  assert.doesNotMatch(section, /feature_8|\d alarms/);
  assert.equal(section.match(/flood 0, hard/g)?.length, 8);
});

test('a report loads nothing and runs nothing', () => {
  const html = page([run(['1', '2'], 500, 50)], labelsOf(['1'], 'flood', 3));
  assert.doesNotMatch(html, /https?:|url\(|@import|<(script|link|img|iframe|object|base)\b|\b(src|href)=/i);
  assert.match(html, /Content-Security-Policy" content="default-src 'none';style-src 'unsafe-inline'"/);
  assert.match(html, /prefers-color-scheme:dark/);
});

test('whatever logs, devices and labels are called, it is text', () => {
  const html = page(
    [run([HOSTILE], 100, 20, HOSTILE), run([HOSTILE], 100, 30, HOSTILE)],
    labelsOf([HOSTILE], HOSTILE, 3),
  );
  assert.doesNotMatch(html, /<(script|img)\b/i);
  assert.ok(!html.includes('\u001b'));
  assert.ok(html.includes('&#60;script src=https://evil.example/x.js&#62;'));
  const tags = [...html.matchAll(/<[a-z][^>]*>/gi)].map(([tag]) => tag);
  assert.ok(
    tags.every((tag) => !tag.replaceAll(/"[^"]*"/g, '').includes('onerror')),
    'no attribute is left early',
  );
});

test('it has both detectors of each device, the episodes with their reasons, and what the labels say', () => {
  const html = page([run(['1', '2'], 500, 50)], labelsOf(['1'], 'flood', 3));
  assert.equal(html.match(/<figure class="device">/g)?.length, 2);
  assert.equal(html.match(/class="track"/g)?.length, 4 + 8);
  assert.match(html, /class="incident"[^>]*><title>flood 0, hard: 2025-05-01 00:00:00Z to/);
  assert.match(html, /<td[^>]*>flood 0, hard<\/td><td[^>]*>errors: 12 in 15 min, usually 0.3<\/td>/);
  assert.equal(html.match(/<figure class="sweep">/g)?.length, 2);
  assert.match(html, /<dt>errors<\/dt>/);
});

test('without labels and alarms there is nothing about them', () => {
  const html = page([run(['1'], 100, 1000)]);
  assert.doesNotMatch(html, /labels|class="sweep"/);
});

test('two versions: what only one of them has is a table of its own', () => {
  const html = page([run(['1'], 600, 100), run(['1'], 600, 200)]);
  assert.match(html, /What the two versions disagree on/);
  assert.match(html, /A has 6 episodes, 3 of which B does not have; B has 3, 0 of which A does not have/);
  assert.match(html, /<h2>B: episodes<\/h2>/);
});

test('no report is larger than it may be, however much there is to tell', () => {
  const devices = Array.from({ length: 40 }, (_, at) => `${at} ${HOSTILE.repeat(20)}`);
  const many = (every: number) => run(devices, 900, every, HOSTILE.repeat(20));
  const html = page([many(9), many(11)], labelsOf(devices, HOSTILE.repeat(20), 80));
  const sizeBytes = Buffer.byteLength(html);
  assert.ok(sizeBytes < LARGEST_REPORT_BYTES, `${sizeBytes} bytes`);
});

test('a replay without a window gives a page too', () => {
  assert.match(page([{ ...run([], 0, 1), span: undefined }]), /nothing to judge/);
});
