import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agentProfile, createFeatureExtractor } from '@edgewood/features';
import { accessPointLog } from './testing/sample-logs.ts';
import { type TrainingInput, trainModel } from './train-model.ts';

const agent = agentProfile('wifi');
const extractor = createFeatureExtractor({ agent });
const stormAtMs = Date.parse('2025-05-01T12:00:00Z');

function input(overrides: Partial<TrainingInput> = {}): TrainingInput {
  const parameters = { contamination: 0.01, randomState: 42 };
  return { chunks: accessPointLog({ hours: 24, stormAtMs }), extractor, parameters, ...overrides };
}

test('every window of every device becomes a training sample', async () => {
  const { report, samples } = await trainModel(input());
  assert.equal(samples.nSamples, 24 * 12 * 2);
  assert.equal(report.windows, samples.nSamples);
  assert.deepEqual(report.devices, ['1', '2']);
  assert.equal(new Date(report.fromMs).toISOString(), '2025-05-01T00:00:00.000Z');
  assert.equal(new Date(report.toMs).toISOString(), '2025-05-02T00:00:00.000Z');
});

test('the report shows the window that is not normal first, and why', async () => {
  const { report } = await trainModel(input());
  const [first] = report.mostAnomalous;
  assert.equal(first?.fromMs, stormAtMs);
  assert.ok(first.decision < 0);
  const disassociations = first.reasons.find((reason) => reason.feature === 'disassociation_events');
  assert.ok((disassociations?.value ?? 0) > 200, JSON.stringify(first.reasons));
});

test('the share below the offset is about the contamination', async () => {
  const { report } = await trainModel(input());
  assert.ok(Math.abs(report.anomalousShare - 0.01) <= 2 / report.windows, `${report.anomalousShare}`);
});

test('the same log and seed give the same forest, another seed another one', async () => {
  const scores = async (randomState: number) => {
    const { forest, samples } = await trainModel(input({ parameters: { randomState } }));
    return forest.scoreSamples(samples);
  };
  assert.deepEqual(await scores(7), await scores(7));
  assert.notDeepEqual(await scores(7), await scores(8));
});

test('bounds choose a part of the log, and windows that they cut are left out', async () => {
  const fromMs = Date.parse('2025-05-01T06:01:00Z');
  const toMs = Date.parse('2025-05-01T12:00:00Z');
  const { report } = await trainModel(input({ fromMs, toMs }));
  assert.equal(new Date(report.fromMs).toISOString(), '2025-05-01T06:05:00.000Z');
  assert.equal(report.toMs, toMs);
});

test('a log without entries of the agent is refused, naming its programs', async () => {
  const chunks = (async function* () {
    for await (const chunk of accessPointLog({ hours: 1 }))
      yield chunk.map((entry) => ({ ...entry, program: 'crond' }));
  })();
  await assert.rejects(trainModel(input({ chunks })), { code: 'NO_ENTRIES', message: /hostapd, wpa_supplicant/ });
});

test('fewer windows than rows asked for are refused, and the message says how many there are', async () => {
  const chunks = accessPointLog({ hours: 1, devices: ['1'] });
  await assert.rejects(trainModel(input({ chunks, parameters: { maxSamples: 256 } })), {
    code: 'TOO_FEW_WINDOWS',
    message: /gives 12 windows, but 256 are needed/,
  });
});

test('a single window is too few', async () => {
  const chunks = accessPointLog({ hours: 1, devices: ['1'] });
  const toMs = Date.parse('2025-05-01T00:05:00Z');
  await assert.rejects(trainModel(input({ chunks, toMs })), { code: 'TOO_FEW_WINDOWS' });
});

test('a contamination out of range is refused before anything is read', async () => {
  let read = false;
  const chunks = (async function* () {
    read = true;
    yield* accessPointLog({ hours: 1 });
  })();
  await assert.rejects(trainModel(input({ chunks, parameters: { contamination: 0.7 } })), {
    code: 'BAD_INPUT',
    message: /contamination must be .*0\.5.*got 0\.7/,
  });
  assert.equal(read, false);
});

test('features that never change are named, since no tree can use them', async () => {
  const { report } = await trainModel(input());
  assert.ok(report.warnings.some((warning) => warning.includes('error_log_ratio')));
});
