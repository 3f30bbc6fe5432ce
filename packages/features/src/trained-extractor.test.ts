import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agentProfile } from './agent-profile.ts';
import { createFeatureExtractor } from './feature-extractor.ts';
import { type TrainedWith, trainedExtractor } from './trained-extractor.ts';

const agent = agentProfile('wifi');
const features = ['log_count', 'disassociation_events'];
const original = createFeatureExtractor({ agent, features, windowMs: 60_000, groupBy: 'global' });
const ours: TrainedWith = {
  model: 'wifi 20250607_230000',
  features,
  programs: agent.programs,
  windowMs: 60_000,
  groupBy: 'global',
  fingerprint: original.fingerprint,
};
const fromScript: TrainedWith = {
  ...ours,
  programs: undefined,
  windowMs: undefined,
  groupBy: undefined,
  fingerprint: undefined,
};

test('a model brings its own extractor', () => {
  const { names, windowMs, groupBy } = trainedExtractor(ours, agent);
  assert.deepEqual([names, windowMs, groupBy], [features, 60_000, 'global']);
});

test("what a script's metadata leaves out comes from the configuration, then from the agent", () => {
  assert.equal(trainedExtractor(fromScript, agent, { windowMs: 900_000 }).windowMs, 900_000);
  assert.equal(trainedExtractor(fromScript, agent).windowMs, agent.defaultWindowMs);
  assert.equal(trainedExtractor(fromScript, agent).groupBy, 'device');
});

test('a model trained on other programs is read with those, in whichever order they are configured', () => {
  const programs = ['hostapd', 'hostapd-wlan1'];
  const { fingerprint } = createFeatureExtractor({ ...original, agent, features, programs });
  assert.notEqual(fingerprint, original.fingerprint);
  const trained = { ...ours, programs, fingerprint };
  assert.deepEqual(trainedExtractor(trained, agent).programs, programs);
  assert.deepEqual(trainedExtractor(trained, agent, { programs: programs.toReversed() }).programs, programs);
  assert.throws(() => trainedExtractor(trained, agent, { programs: agent.programs }), {
    message: /was trained with entries of hostapd, hostapd-wlan1, but the configuration says hostapd, wpa_supplicant/,
  });
});

test('a model and a configuration that disagree are refused', () => {
  for (const settings of [
    { windowMs: 300_000 },
    { groupBy: 'device' as const },
    { features: ['log_count'] },
    { programs: ['hostapd'] },
  ]) {
    assert.throws(() => trainedExtractor(ours, agent, settings), {
      code: 'EXTRACTOR_MISMATCH',
      message: /the configuration says/,
    });
  }
});

test('a model trained by an extractor that gives other numbers is refused', () => {
  const trained = { ...ours, fingerprint: 'a'.repeat(64) };
  assert.throws(() => trainedExtractor(trained, agent), {
    code: 'EXTRACTOR_MISMATCH',
    message: /fingerprint aaaaaaaaaaaa/,
  });
});

test('a model that was trained before sessions were followed loads, with the features that it names', () => {
  const known = agent.features.map((feature) => feature.name);
  const before = known.slice(0, known.indexOf('started_sessions'));
  const fingerprint = '5338774c36956573c92eada088d8c19e4a5f76e4829a72b9009ca9fe4f7c40ef';
  const trained = { ...ours, features: before, windowMs: 300_000, groupBy: 'device' as const, fingerprint };
  assert.deepEqual(trainedExtractor(trained, agent).names, before);
  assert.equal(before.length, 26);
});

test('a model with a feature that the agent does not have is refused', () => {
  assert.throws(() => trainedExtractor({ ...fromScript, features: ['signal'] }, agent), { code: 'FEATURE_UNKNOWN' });
});
