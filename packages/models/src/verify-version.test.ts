import assert from 'node:assert/strict';
import { test } from 'node:test';
import { activate } from './activation.ts';
import { loadMetadata } from './load-metadata.ts';
import { formatMetadata } from './model-metadata.ts';
import { metadataFile, modelFile, parseAgentName } from './model-version.ts';
import { saveModel } from './save-model.ts';
import { signMetadata } from './signature.ts';
import { forestToSave } from './testing/forest-to-save.ts';
import { createKeyPair } from './testing/key-pair.ts';
import { MemoryModelFiles } from './testing/memory-model-files.ts';
import { verifyVersion } from './verify-version.ts';

const wifi = parseAgentName('wifi');
const { trusted, signing } = createKeyPair();
const bytes = (text: string) => new TextEncoder().encode(text);

async function savedModel() {
  const files = new MemoryModelFiles();
  const extraFiles = [{ what: 'baseline', extension: 'json', bytes: bytes('{}') }];
  const sign = (metadata: Parameters<typeof signMetadata>[0]) => signMetadata(metadata, signing);
  const version = await saveModel(files, wifi, forestToSave({ extraFiles, sign }));
  await activate(files, wifi, version);
  const replace = async (name: string, content: string) => {
    await files.remove(name);
    await files.write(name, bytes(content));
  };
  const names = { model: modelFile(wifi, version), metadata: metadataFile(wifi, version) };
  return { files, version, replace, names };
}

test('every check of a sound version is told, with what was compared', async () => {
  const { files, version } = await savedModel();
  for (const asked of [version, 'active'] as const) {
    const { checks, problem, warnings, ...of } = await verifyVersion(files, wifi, asked, [trusted]);
    assert.deepEqual([of, problem, warnings], [{ agent: wifi, version }, undefined, []]);
    assert.deepEqual(
      checks.map(({ what, isChecked }) => `${what} ${isChecked}`),
      ['metadata true', 'signature true', 'model true', 'features true', 'probes true', 'baseline true'],
    );
    const compared = checks.map((check) => check.compared);
    assert.equal(compared[1], `signed by key ${trusted.id}, which is trusted`);
    assert.match(compared[2] ?? '', /^wifi_model_20250607_230000\.joblib \(\d+ bytes\) has SHA-256 [0-9a-f]{64}, as/);
    assert.equal(compared[3], '10 trees take 3 features, those of the metadata by number (the file has no names)');
    assert.equal(compared[4], '3 vectors scored again, each within 1e-12 of training and on the same side');
  }
});

test('without keys the integrity alone is checked, and so it says', async () => {
  const { files, version } = await savedModel();
  const { checks, problem } = await verifyVersion(files, wifi, version, []);
  assert.equal(problem, undefined);
  const { isChecked, compared } = checks[1];
  assert.deepEqual([isChecked, compared], [false, 'signed, but no trusted key is given to compare with']);
});

test('what proves nothing is not called checked', async () => {
  const { files, version, replace, names } = await savedModel();
  const { model_sha256, probes, signature, files: extra, ...bare } = await loadMetadata(files, wifi, version);
  await replace(names.metadata, formatMetadata(bare));
  const { checks, warnings } = await verifyVersion(files, wifi, version, []);
  assert.deepEqual(
    checks.filter(({ isChecked }) => !isChecked).map(({ what }) => what),
    ['signature', 'model', 'probes'],
  );
  assert.match(warnings.join(), /lacks model_sha256, probes: not checked/);
});

test('the first check that fails is the problem, and those before it were passed', async () => {
  type Saved = Awaited<ReturnType<typeof savedModel>>;
  const resigned = async ({ files, version, replace, names }: Saved, change: object) => {
    const metadata = { ...(await loadMetadata(files, wifi, version)), ...change };
    await replace(names.metadata, formatMetadata(signMetadata(metadata, signing)));
  };
  const cases: [string, string[], (saved: Saved) => Promise<void>][] = [
    ['BAD_METADATA', [], ({ replace, names }) => replace(names.metadata, '{')],
    ['VERSION_NOT_FOUND', [], ({ files, names }) => files.remove(names.metadata)],
    [
      'SIGNATURE_WRONG',
      ['metadata'],
      async ({ files, version, replace, names }) => {
        const metadata = await loadMetadata(files, wifi, version);
        await replace(names.metadata, formatMetadata({ ...metadata, training_log_count: 1 }));
      },
    ],
    ['HASH_MISMATCH', ['metadata', 'signature'], ({ replace, names }) => replace(names.model, 'another')],
    ['FEATURES_MISMATCH', ['metadata', 'signature', 'model'], (saved) => resigned(saved, { features_used: ['one'] })],
    [
      'PROBE_MISMATCH',
      ['metadata', 'signature', 'model', 'features'],
      (saved) => resigned(saved, { probes: [{ vector: [1, 1, 1], score: -0.9 }] }),
    ],
    [
      'HASH_MISMATCH',
      ['metadata', 'signature', 'model', 'features', 'probes'],
      ({ replace }) => replace('wifi_baseline_20250607_230000.json', '[]'),
    ],
  ];
  for (const [code, passed, spoil] of cases) {
    const saved = await savedModel();
    await spoil(saved);
    const { checks, problem } = await verifyVersion(saved.files, wifi, saved.version, [trusted]);
    assert.deepEqual([problem?.code, checks.map(({ what }) => what)], [code, passed]);
  }
});

test('that nothing is live is the problem', async () => {
  const { problem, version, checks } = await verifyVersion(new MemoryModelFiles(), wifi, 'active', []);
  assert.deepEqual([problem?.code, version, checks], ['NO_ACTIVE_MODEL', 'active', []]);
});
