import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ForestScorer } from '@edgewood/detection';
import { agentProfile, createFeatureExtractor } from '@edgewood/features';
import { scaleByNorms } from '@edgewood/surprise';
import { type FeatureRow, featureRows } from './feature-rows.ts';
import { smoothingFor } from './normalised-windows.ts';
import { quantilesOf } from './quantiles.ts';
import { accessPointLog } from './testing/sample-logs.ts';
import { type TrainingInput, trainModel } from './train-model.ts';

const agent = agentProfile('wifi');
const extractor = createFeatureExtractor({ agent });
const stormAtMs = Date.parse('2025-05-01T12:00:00Z');
const MINUTE = 60_000;

function train(overrides: Partial<TrainingInput> = {}, hours = 6 * 24) {
  const parameters = { nEstimators: 20, contamination: 0.01, randomState: 42 };
  const chunks = accessPointLog({ hours, stormAtMs });
  return trainModel({ chunks, extractor, parameters, withBaseline: true, ...overrides });
}

async function rowsOf(hours: number): Promise<FeatureRow[]> {
  const chunks = accessPointLog({ hours, stormAtMs });
  return Array.fromAsync(featureRows(chunks, extractor, { programs: extractor.programs }));
}

test('six days with a baseline are trained on windows by what is usual of them, as the baseline keeps it', async () => {
  const { baseline, windowForest, samples, forest } = await train();
  const norms = baseline?.windowNorms ?? assert.fail('no norms were learnt');
  assert.deepEqual(norms.features, extractor.names);
  assert.deepEqual(windowForest, { forest, norms, smoothing: { weight: 0.3, windows: 12 } });
  const rows = await rowsOf(6 * 24);
  assert.deepEqual(
    rows.flatMap(({ vector, deviceId, fromMs }) => [...scaleByNorms(norms, vector, deviceId, fromMs)]),
    [...samples.data],
  );
  assert.equal(forest.state.maxSamples, rows.length);
});

test('the report shows what was counted, and the scores that production will have', async () => {
  const { report, windowForest } = await train();
  assert.ok((report.featureQuantiles.log_count?.max ?? 0) > 200);
  const rows = await rowsOf(6 * 24);
  const scored = new ForestScorer(windowForest, extractor.windowMs).score(rows);
  assert.deepEqual(report.scoreQuantiles, quantilesOf(Float64Array.from(scored, ({ score }) => score)));
  const [worst] = report.mostAnomalous;
  const counted = rows.find(({ fromMs, deviceId }) => fromMs === worst?.fromMs && deviceId === worst.deviceId);
  assert.equal(worst?.score, Math.min(...scored.map(({ score }) => score)));
  assert.ok(worst.reasons.length > 0);
  for (const { feature, value } of worst.reasons) {
    assert.equal(value, counted?.vector[extractor.names.indexOf(feature)], feature);
  }
  const below = scored.filter(({ score }) => score < report.offset);
  assert.equal(below.length / scored.length, report.anomalousShare);
  assert.ok(Math.abs(report.anomalousShare - 0.01) <= 2 / scored.length, `${report.anomalousShare}`);
});

test('vectors are taken as they are without a baseline, in less than six days, and where it is said so', async () => {
  const rows = await rowsOf(48);
  for (const [title, input, hours] of [
    ['no baseline', { withBaseline: false }, 6 * 24],
    ['less than six days', {}, 6 * 24 - 1],
    ['said so', { normalise: false }, 6 * 24],
  ] as const) {
    const { baseline, windowForest, samples, forest } = await train(input, hours);
    assert.equal(baseline?.windowNorms, undefined, title);
    assert.deepEqual(windowForest, { forest }, title);
    assert.equal(forest.state.maxSamples, 256, title);
    assert.deepEqual([...samples.data.subarray(0, extractor.names.length)], [...(rows[0]?.vector ?? [])], title);
  }
});

test('a shorter log is normalised where it is said so, and trees see as many windows as were asked for', async () => {
  const parameters = { nEstimators: 5, maxSamples: 300 };
  const { windowForest, forest } = await train({ normalise: true, parameters }, 30);
  assert.notEqual(windowForest.norms, undefined);
  assert.equal(forest.state.maxSamples, 300);
});

test('scores are smoothed over an hour at most, and not at all where windows are longer than half of it', () => {
  for (const [windowMs, windows] of [
    [MINUTE, 12],
    [5 * MINUTE, 12],
    [10 * MINUTE, 6],
    [30 * MINUTE, 2],
    [31 * MINUTE, undefined],
    [60 * MINUTE, undefined],
  ] as const) {
    assert.equal(smoothingFor(windowMs)?.windows, windows, `${windowMs}`);
  }
});
