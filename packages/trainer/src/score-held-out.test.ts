import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agentProfile, createFeatureExtractor } from '@edgewood/features';
import { scoreHeldOut } from './score-held-out.ts';
import { accessPointLog } from './testing/sample-logs.ts';

const HOUR_MS = 3_600_000;
const START_MS = Date.parse('2025-05-01T00:00:00Z');
const heldOut = { fromMs: START_MS + 168 * HOUR_MS, toMs: START_MS + 192 * HOUR_MS };
const stormAtMs = heldOut.fromMs + 10 * HOUR_MS;
const read = () => accessPointLog({ hours: 200, stormAtMs });

function scores(groupBy: 'device' | 'global', withBaseline: boolean, readLog: () => ReturnType<typeof read> = read) {
  const extractor = createFeatureExtractor({ agent: agentProfile('wifi'), groupBy });
  const training = { extractor, parameters: { nEstimators: 20, randomState: 1 }, withBaseline };
  return scoreHeldOut({ read: readLog, training, heldOut });
}

test('both detectors judge the days held out, and those only', async () => {
  const { forest = [], surprise = [], devices } = await scores('device', true);
  assert.equal(devices, 2);
  assert.equal(forest.length, 24 * 12 * 2);
  for (const found of [forest, surprise]) {
    assert.ok(found.every(({ atMs }) => atMs > heldOut.fromMs && atMs <= heldOut.toMs));
    const worst = found.reduce((most, other) => (other.score > most.score ? other : most));
    assert.ok(worst.atMs > stormAtMs && worst.atMs <= stormAtMs + HOUR_MS, `${worst.atMs - stormAtMs}`);
  }
});

test('nothing is learnt from the days held out: they might as well not be there', async () => {
  let readings = 0;
  const readShortFirst = () => {
    readings += 1;
    return readings === 1 ? accessPointLog({ hours: 168 }) : read();
  };
  assert.deepEqual(await scores('device', true, readShortFirst), await scores('device', true));
});

test('windows of all devices are those of one, and without a baseline there are no surprises', async () => {
  const { forest = [], surprise, devices } = await scores('global', false);
  assert.deepEqual([forest.length, surprise, devices], [24 * 12, undefined, 1]);
  assert.ok(forest.every(({ deviceId }) => deviceId === null));
});
