import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agentProfile } from '@edgewood/features';
import { formatMetadata, loadMetadata, type ModelMetadata, parseAgentName, signMetadata } from '@edgewood/models';
import fc from 'fast-check';
import { createKeyPair } from '../../../models/src/testing/key-pair.ts';
import { MemoryModelFiles } from '../../../models/src/testing/memory-model-files.ts';
import { addModel } from '../testing/wifi-models.ts';
import { checkMetadata, type MetadataRules } from './check-metadata.ts';

const wifi = parseAgentName('wifi');
const RULES: MetadataRules = { model: wifi, agent: agentProfile('wifi'), settings: {} };
const files = new MemoryModelFiles();
const METADATA = await loadMetadata(files, wifi, await addModel(files));
const { trusted, signing } = createKeyPair();

function check(difference: Partial<ModelMetadata>, rules: Partial<MetadataRules> = {}) {
  return checkMetadata(formatMetadata({ ...METADATA, ...difference } as ModelMetadata), { ...RULES, ...rules });
}

test('a version that was trained here is accepted without a word', () => {
  assert.deepEqual(check({}), { accepted: true, problem: undefined, warnings: [] });
});

test("a script's metadata is accepted, and what cannot be checked is said", () => {
  const { warnings, accepted } = check({ feature_fingerprint: undefined as never, model_file: 'forest.joblib' });
  assert.equal(accepted, true);
  assert.deepEqual(warnings, [
    'the metadata lacks feature_fingerprint: not checked',
    'the metadata says that the model file is called forest.joblib; it must be wifi_model_20250501_000000.joblib',
  ]);
});

test('where keys are trusted it must be signed by one of them', () => {
  const trustedKeys = [trusted];
  assert.match(check({}, { trustedKeys }).problem ?? '', /is not signed.*\[SIGNATURE_MISSING\]$/);
  assert.equal(
    checkMetadata(formatMetadata(signMetadata(METADATA, signing)), { ...RULES, trustedKeys }).accepted,
    true,
  );
  const other = signMetadata(METADATA, createKeyPair().signing);
  const { problem } = checkMetadata(formatMetadata(other), { ...RULES, trustedKeys });
  assert.match(problem ?? '', /which is not trusted.*\[SIGNATURE_WRONG\]$/);
});

for (const [what, difference, rules, problem] of [
  ['another model', { agent_name: 'dns' }, {}, /is of a model of 'dns'; it must be of wifi \[BAD_METADATA\]$/],
  ['no version', { model_version: 'latest' }, {}, /'latest' is no version.*\[BAD_NAME\]$/],
  ['a feature that there is not', { features_used: ['mood'] }, {}, /mood.*\[FEATURE_UNKNOWN\]$/],
  ['other windows', {}, { settings: { windowMs: 60_000 } }, /configuration says 60000 \[EXTRACTOR_MISMATCH\]$/],
  ['another grouping', {}, { settings: { groupBy: 'global' } }, /configuration says global \[EXTRACTOR_MISMATCH\]$/],
  [
    'another extractor',
    { feature_fingerprint: 'a'.repeat(64) },
    {},
    /fingerprint aaaaaaaaaaaa….*\[EXTRACTOR_MISMATCH\]$/,
  ],
  ['windows that there cannot be', { window_seconds: 1e300 }, {}, /\[BAD_WINDOW\]$/],
  ['a later schema', { schema_version: 2 }, {}, /needs a newer Edgewood \[BAD_METADATA\]$/],
] as const) {
  test(`${what} is refused, with the reason`, () => {
    const { accepted, problem: seen } = check(difference as Partial<ModelMetadata>, rules);
    assert.equal(accepted, false);
    assert.match(seen ?? '', problem);
  });
}

test('whatever is asked, there is an answer', () => {
  const fields = Object.keys(METADATA);
  const trustedKeys = [trusted];
  fc.assert(
    fc.property(fc.constantFrom(...fields, 'signature'), fc.jsonValue(), fc.boolean(), (field, value, signed) => {
      const text = JSON.stringify({ ...METADATA, [field]: value });
      const { accepted, problem } = checkMetadata(text, signed ? { ...RULES, trustedKeys } : RULES);
      assert.equal(accepted, problem === undefined);
    }),
  );
  for (const text of ['', '{', 'null', '[]', '{"a": 1, "a": 2}', '['.repeat(100_000)]) {
    assert.equal(checkMetadata(text, RULES).accepted, false);
  }
});
