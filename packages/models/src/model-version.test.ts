import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  extraFile,
  metadataFile,
  modelFile,
  nextFreeVersion,
  parseAgentName,
  parseFileName,
  parseVersion,
  timeOf,
  versionOf,
} from './model-version.ts';

const wifi = parseAgentName('wifi');
const version = parseVersion('20250607_230000');

test('a version is the UTC second of training', () => {
  assert.equal(versionOf(Date.parse('2025-06-07T23:00:00.999Z')), version);
  assert.equal(timeOf(version), Date.parse('2025-06-07T23:00:00Z'));
});

test('only a date and time that exist are a version', () => {
  assert.equal(parseVersion('20240229_235959'), '20240229_235959');
  for (const text of [
    '20250229_000000',
    '20251301_000000',
    '20250101_240000',
    '20250101_0000',
    'latest',
    '',
    '20250101-000000',
    '20250607_230000\n',
  ]) {
    assert.throws(() => parseVersion(text), { code: 'BAD_NAME' }, text);
  }
});

test('versions sort by age', () => {
  const times = ['1999-12-31T23:59:59Z', '2025-06-07T23:00:00Z', '2025-06-08T00:00:00Z', '2025-10-01T00:00:00Z'];
  const versions = times.map((time) => versionOf(Date.parse(time)));
  assert.deepEqual(versions.toReversed().sort(), versions);
});

test('a second training within a second takes the next free second, over midnight too', () => {
  const taken = new Set(['20241231_235959', '20250101_000000']);
  const trainedAtMs = Date.parse('2024-12-31T23:59:59.500Z');
  assert.equal(
    nextFreeVersion(trainedAtMs, (second) => taken.has(second)),
    '20250101_000001',
  );
  assert.equal(
    nextFreeVersion(trainedAtMs, () => false),
    '20241231_235959',
  );
});

test('an agent is a lower-case word', () => {
  assert.equal(parseAgentName('wifi'), 'wifi');
  for (const text of ['WiFi', '', '../x', 'a_b', '1a', 'wifi\n', 'a'.repeat(33)])
    assert.throws(() => parseAgentName(text), { code: 'BAD_NAME' }, text);
});

test("a version's file tells what it is by its name", () => {
  assert.equal(modelFile(wifi, version), 'wifi_model_20250607_230000.joblib');
  assert.equal(metadataFile(wifi, version), 'wifi_metadata_20250607_230000.json');
  assert.equal(extraFile(wifi, 'baseline', version, 'json'), 'wifi_baseline_20250607_230000.json');
  assert.deepEqual(parseFileName(modelFile(wifi, version)), { agent: wifi, what: 'model', version });
  assert.deepEqual(parseFileName(metadataFile(wifi, version)), { agent: wifi, what: 'metadata', version });
  assert.deepEqual(parseFileName(extraFile(wifi, 'baseline', version, 'json')), {
    agent: wifi,
    what: 'baseline',
    version,
  });
});

test('names of other files are not read as those of a version', () => {
  for (const other of [
    'wifi_model_active.joblib',
    'notes.txt',
    'wifi_model_20250607_230000.joblib.tmp',
    'wifi_model_20250607_230000.pkl',
    'wifi_metadata_20250607_230000.joblib',
    'wifi_model_20250631_230000.joblib',
    'models/wifi_model_20250607_230000.joblib',
  ]) {
    assert.equal(parseFileName(other), undefined, other);
  }
});

test('a further file cannot be named like the model or out of the directory', () => {
  for (const what of ['model', 'metadata', '../x', 'a_b', '']) {
    assert.throws(() => extraFile(wifi, what, version, 'json'), { name: 'AssertionError' }, what);
  }
});
