import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { agentProfile, createFeatureExtractor } from '@edgewood/features';
import type { LogEntry } from '@edgewood/logs';
import { accessPointLog } from './testing/sample-logs.ts';
import { type TrainingInput, trainModel } from './train-model.ts';

const HOUR_MS = 3_600_000;
const HOURS = 24 * 9;
const STORM_MS = Date.parse('2025-05-05T12:00:00Z');
const STORM_HOUR = { fromMs: STORM_MS, toMs: STORM_MS + HOUR_MS };
const extractor = createFeatureExtractor({ agent: agentProfile('wifi') });

function input(overrides: Partial<TrainingInput> = {}): TrainingInput {
  const chunks = accessPointLog({ hours: HOURS, stormAtMs: STORM_MS });
  return { chunks, extractor, parameters: { nEstimators: 20 }, withBaseline: true, normalise: false, ...overrides };
}

async function* without(chunks: AsyncIterable<readonly LogEntry[]>, isGone: (entry: LogEntry) => boolean) {
  for await (const chunk of chunks) yield chunk.filter((entry) => !isGone(entry));
}

const isStorm = ({ timeMs }: LogEntry) => timeMs >= STORM_HOUR.fromMs && timeMs < STORM_HOUR.toMs;
const ofAll = { ...STORM_HOUR, devices: 'all', reason: 'a storm' } as const;

describe('time that is excluded', () => {
  test('is learnt from by neither detector: all is as if the log had nothing to say of it', async () => {
    const excluded = [ofAll];
    const trained = await trainModel(input({ excluded, keepSuspicious: true }));
    const chunks = without(accessPointLog({ hours: HOURS, stormAtMs: STORM_MS }), isStorm);
    const silent = await trainModel(input({ chunks, excluded, keepSuspicious: true }));
    assert.deepEqual(trained.baseline, silent.baseline);
    assert.deepEqual(trained.samples, silent.samples);
    assert.equal(trained.samples.nSamples, (HOURS - 1) * 12 * 2);
    assert.deepEqual(trained.report.leftOut, {
      excluded,
      excludedWindows: 24,
      suspicious: undefined,
      suspiciousWindows: 0,
    });
  });

  test('is of the devices that are named', async () => {
    const { samples } = await trainModel(input({ excluded: [{ ...ofAll, devices: ['2'] }], keepSuspicious: true }));
    assert.equal(samples.nSamples, HOURS * 12 * 2 - 12);
  });

  test('is no hole', async () => {
    const chunks = () =>
      without(accessPointLog({ hours: HOURS }), ({ timeMs }) => timeMs > STORM_MS && timeMs < STORM_MS + 10 * HOUR_MS);
    const hole = { fromMs: STORM_MS, toMs: STORM_MS + 10 * HOUR_MS };
    const holesOf = async (excluded: TrainingInput['excluded']) =>
      (await trainModel(input({ chunks: chunks(), excluded }))).report.holes;
    assert.equal((await holesOf([])).length, 1);
    assert.equal((await holesOf([{ ...hole, devices: 'all', reason: 'no power' }])).length, 0);
  });

  test('may not be everything', async () => {
    const excluded = [{ fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, devices: 'all', reason: 'x' } as const];
    await assert.rejects(trainModel(input({ excluded })), { code: 'TOO_FEW_WINDOWS' });
  });

  test('may hold every entry, and then nothing is usual of anybody', async () => {
    const chunks = without(accessPointLog({ hours: 2 }), ({ timeMs }) => timeMs % (2 * HOUR_MS) > HOUR_MS);
    const fromMs = Date.parse('2025-05-01T00:00:00Z');
    const excluded = [{ fromMs, toMs: fromMs + HOUR_MS, devices: 'all', reason: 'x' } as const];
    const span = { fromMs, toMs: fromMs + 2 * HOUR_MS };
    const { baseline } = await trainModel(input({ chunks, excluded, ...span }));
    assert.equal(baseline?.devices.size, 0);
  });
});

describe('suspicious hours', () => {
  test('are left out by both detectors, and told with their reasons', async () => {
    const { samples, report, baseline } = await trainModel(input());
    const { suspicious, suspiciousWindows } = report.leftOut;
    const leftOut = suspicious?.leftOut ?? [];
    const hour = STORM_MS / HOUR_MS;
    assert.ok(leftOut.some((of) => of.hour === hour && of.deviceId === '1'));
    assert.ok(leftOut.every((of) => of.hour - hour >= 0 && of.hour - hour < 6 && of.score > 4));
    assert.equal(suspiciousWindows, 12 * leftOut.length);
    assert.equal(samples.nSamples, HOURS * 12 * 2 - suspiciousWindows);
    const kept = await trainModel(input({ keepSuspicious: true }));
    assert.ok((baseline?.deviceDays ?? 0) < (kept.baseline?.deviceDays ?? 0));
  });

  test('are learnt from if that is asked for', async () => {
    const { samples, report } = await trainModel(input({ keepSuspicious: true }));
    assert.equal(samples.nSamples, HOURS * 12 * 2);
    assert.equal(report.leftOut.suspicious, undefined);
  });

  test('are not known without a baseline', async () => {
    const { samples, report } = await trainModel(input({ withBaseline: false }));
    assert.equal(samples.nSamples, HOURS * 12 * 2);
    assert.equal(report.leftOut.suspicious, undefined);
  });

  test('an ordinary log has none', async () => {
    const { report } = await trainModel(input({ chunks: accessPointLog({ hours: HOURS }) }));
    assert.equal(report.leftOut.suspicious?.found, 0);
  });
});
