import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadMetadata, MAX_METADATA_BYTES } from './load-metadata.ts';
import { formatMetadata, type ModelMetadata, missingFields, parseMetadata } from './model-metadata.ts';
import { metadataFile, parseAgentName, parseVersion } from './model-version.ts';
import { MemoryModelFiles } from './testing/memory-model-files.ts';
import { metadataOf } from './testing/python-metadata.ts';

const wifi = parseAgentName('wifi');
const version = parseVersion('20250607_230000');
const nine = metadataOf(wifi, version);
const quantiles = { min: 0, p01: 0, p05: 0, p25: 1, p50: 2, p75: 3, p95: 4, p99: 5, max: 9 };

const full: ModelMetadata = {
  signature: { algorithm: 'ed25519' },
  files: { baseline: { name: 'wifi_baseline_20250607_230000.json', sha256: 'b'.repeat(64) } },
  report: { offset: -0.5 },
  alert_budget: {
    budget: '1/device/week',
    per_device_and_week: 1,
    thresholds: { forest: -0.7, surprise: 4.5 },
    expected_per_device_and_week: 0.9,
    held_out: { start: '2025-05-25T00:00:00Z', end: '2025-06-01T00:00:00Z', devices: 1 },
  },
  software: { edgewood: '0.1.0' },
  probes: [{ vector: [1, 0, 3], score: -0.4, decision: 0.1 }],
  feature_quantiles: { log_count: quantiles, error_ratio: quantiles, distinct_devices: quantiles },
  score_quantiles: quantiles,
  devices: ['ap-1'],
  training_span: { start: '2025-05-01T00:00:00Z', end: '2025-06-01T00:00:00Z' },
  training_window_count: 744,
  score_smoothing: { weight: 0.3, windows: 12 },
  feature_scaling: 'device_hour',
  feature_fingerprint: 'a'.repeat(64),
  group_by: 'device',
  window_seconds: 300,
  model_sha256: 'c'.repeat(64),
  schema_version: 1,
  ...nine,
};

const parsed = (value: object) => parseMetadata(JSON.stringify(value), 'm.json');

test("the specification's fields are written first, in its order and spelling, then ours", () => {
  const fields = Object.keys(JSON.parse(formatMetadata(full)));
  assert.deepEqual(fields, [
    'model_version',
    'model_file',
    'agent_name',
    'training_date',
    'training_data_source',
    'training_log_count',
    'hyperparameters',
    'features_used',
    'schema_version',
    'model_sha256',
    'window_seconds',
    'group_by',
    'feature_fingerprint',
    'feature_scaling',
    'score_smoothing',
    'training_window_count',
    'training_span',
    'devices',
    'score_quantiles',
    'feature_quantiles',
    'probes',
    'software',
    'alert_budget',
    'report',
    'files',
    'signature',
  ]);
  assert.match(formatMetadata(full), /^\{\n {2}"model_version": "20250607_230000",\n/);
  assert.match(formatMetadata(full), /\n\}\n$/);
});

test('what is written is read back the same', () => {
  assert.deepEqual(parseMetadata(formatMetadata(full), 'm.json'), full);
});

test('metadata of nine fields is enough, and what it cannot prove is named', () => {
  assert.deepEqual(parsed(nine), nine);
  assert.deepEqual(missingFields(parsed(nine)), [
    'model_sha256',
    'feature_fingerprint',
    'window_seconds',
    'group_by',
    'probes',
  ]);
  assert.deepEqual(missingFields(full), []);
});

test('fields that we do not know are kept wherever they are, and written last', () => {
  const theirs = { notes: 'before the move', ...full, training_span: { ...full.training_span, zone: 'Europe/Berlin' } };
  assert.deepEqual(parsed(theirs), theirs);
  assert.equal(Object.keys(JSON.parse(formatMetadata(parsed(theirs)))).at(-1), 'notes');
});

test("scikit-learn's kinds of hyperparameters are all understood", () => {
  for (const change of [
    { max_samples: 256 },
    { max_samples: 0.5 },
    { contamination: 'auto' },
    { random_state: null },
    { bootstrap: false },
  ]) {
    parsed({ ...nine, hyperparameters: { ...nine.hyperparameters, ...change } });
  }
});

test('a wrong field is named, with what is allowed and what was seen', () => {
  const { features_used: _, ...withoutFeatures } = nine;
  const cases: [object, RegExp][] = [
    [withoutFeatures, /m\.json: features_used: expected array, but it is missing$/],
    [{ ...nine, training_log_count: 'many' }, /training_log_count: expected number, got "many"/],
    [{ ...nine, training_log_count: -1 }, /training_log_count: expected number to be >=0, got -1/],
    [{ ...nine, features_used: [] }, /features_used: expected array to have >=1 items, got \[\]/],
    [{ ...nine, features_used: ['a', 'a'] }, /features_used: expected each feature once, got \["a","a"\]/],
    [
      { ...nine, hyperparameters: { ...nine.hyperparameters, max_samples: 'all' } },
      /hyperparameters\.max_samples: expected a number or 'auto', got "all"/,
    ],
    [{ ...nine, group_by: 'room' }, /group_by: expected one of "device"\|"global", got "room"/],
    [{ ...nine, feature_scaling: 'minute' }, /feature_scaling: expected "device_hour", got "minute"/],
    [
      { ...nine, score_smoothing: { weight: 0, windows: 1 } },
      /score_smoothing\.weight: expected number to be >0, got 0/,
    ],
    [{ ...nine, score_smoothing: { weight: 1, windows: 1e9 } }, /windows: expected number to be <=288, got 1000000000/],
    [{ ...nine, model_sha256: 'abc' }, /model_sha256: expected 64 hexadecimal digits, got "abc"/],
    [{ ...nine, schema_version: 2 }, /schema_version must be at most 1, got 2; it needs a newer Edgewood/],
    [[], /the whole: expected object, got \[\]/],
  ];
  for (const [value, message] of cases) assert.throws(() => parsed(value), { code: 'BAD_METADATA', message });
});

test('a message stays short, however much is wrong', () => {
  const wrong = { ...nine, training_data_source: 1, features_used: Array.from({ length: 5000 }, () => 7) };
  const isShort = (error: Error) => error.message.length < 2000 && /and \d+ more$/.test(error.message);
  assert.throws(() => parsed(wrong), isShort);
});

test('what is not JSON is refused, NaN and half a file too', () => {
  for (const text of ['', '{"model_version": ', formatMetadata(nine).replace('43200', 'NaN')]) {
    assert.throws(() => parseMetadata(text, 'm.json'), { code: 'BAD_METADATA', message: /^m\.json is not JSON: / });
  }
});

async function directoryWith(bytes: Uint8Array): Promise<MemoryModelFiles> {
  const files = new MemoryModelFiles();
  await files.write(metadataFile(wifi, version), bytes);
  return files;
}

test("a version's metadata must be its own", async () => {
  const encode = (metadata: ModelMetadata) => new TextEncoder().encode(formatMetadata(metadata));
  assert.deepEqual(await loadMetadata(await directoryWith(encode(nine)), wifi, version), nine);
  const other = metadataOf(wifi, parseVersion('20250608_000000'));
  await assert.rejects(loadMetadata(await directoryWith(encode(other)), wifi, version), {
    code: 'BAD_METADATA',
    message: 'wifi_metadata_20250607_230000.json describes wifi 20250608_000000, not wifi 20250607_230000',
  });
  await assert.rejects(loadMetadata(new MemoryModelFiles(), wifi, version), { code: 'VERSION_NOT_FOUND' });
});

test('metadata that is no text or far too large is refused', async () => {
  await assert.rejects(loadMetadata(await directoryWith(Uint8Array.of(0xff, 0xfe)), wifi, version), {
    code: 'BAD_METADATA',
    message: /is not UTF-8 text/,
  });
  await assert.rejects(loadMetadata(await directoryWith(new Uint8Array(MAX_METADATA_BYTES + 1)), wifi, version), {
    code: 'FILE_TOO_LARGE',
  });
});
