import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonicalMetadata } from './canonical-metadata.ts';
import { formatMetadata, type ModelMetadata, parseMetadata } from './model-metadata.ts';
import { parseAgentName, parseVersion } from './model-version.ts';
import { metadataOf } from './testing/python-metadata.ts';

const nine = metadataOf(parseAgentName('wifi'), parseVersion('20250607_230000'));

const textOf = (metadata: unknown) => new TextDecoder().decode(canonicalMetadata(metadata as ModelMetadata));

test('canonical metadata is sorted at every depth, without white space and without its signature', () => {
  assert.equal(
    textOf({ ...nine, signature: { value: 'x' }, Zone: { b: [2, 1, { d: 1, c: 2 }], a: null }, é: true }),
    '{"Zone":{"a":null,"b":[2,1,{"c":2,"d":1}]},"agent_name":"wifi","features_used":["log_count","error_ratio",' +
      '"distinct_devices"],"hyperparameters":{"contamination":0.01,"max_samples":"auto","n_estimators":100,' +
      '"random_state":42},"model_file":"wifi_model_20250607_230000.joblib","model_version":"20250607_230000",' +
      '"training_data_source":"wifi_logs_may.csv","training_date":"2025-06-07T23:00:00.123456",' +
      '"training_log_count":43200,"é":true}',
  );
});

test("RFC 8785's examples come out as it says", () => {
  const values = String.raw`{
    "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
    "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
    "literals": [null, true, false]
  }`;
  assert.equal(
    textOf(JSON.parse(values)),
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
      String.raw`"string":"€$\u000f\nA'B\"\\\\\"/"}`,
  );
  const names = String.raw`{ "\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh",
    "1": "One", "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control",
    "\u00f6": "Latin Small Letter O With Diaeresis" }`;
  assert.deepEqual(Object.values(JSON.parse(`[${textOf(JSON.parse(names)).replaceAll(/[{}]|"[^"]*":/g, '')}]`)), [
    'Carriage Return',
    'One',
    'Control',
    'Latin Small Letter O With Diaeresis',
    'Euro Sign',
    'Emoji: Grinning Face',
    'Hebrew Letter Dalet With Dagesh',
  ]);
});

test('members that nobody knows are part of it, __proto__ and constructor too', () => {
  const text = '{"__proto__":{"model_sha256":"x"},"constructor":1,"report":{"__proto__":2}}';
  assert.equal(textOf(JSON.parse(text)), text);
});

test('what has no canonical form is refused', () => {
  for (const text of ['{"a":1e999}', '{"a":[-1e999]}', String.raw`{"a":"\ud800"}`, String.raw`{"\udc00":1}`]) {
    assert.throws(
      () => textOf(JSON.parse(text)),
      { code: 'BAD_METADATA', message: /JSON has no form|half of a/ },
      text,
    );
  }
});

test('canonical metadata is the same before it is written and after it is read', () => {
  const written = { ...nine, report: { zero: -0, nothing: undefined, tiny: 5e-324, huge: 1.7976931348623157e308 } };
  assert.equal(textOf(parseMetadata(formatMetadata(written), 'm.json')), textOf(written));
});

test('different metadata never has the same canonical form, and the order of members makes no difference', () => {
  const value = fc.jsonValue({ maxDepth: 4, stringUnit: 'grapheme' });
  fc.assert(
    fc.property(fc.dictionary(fc.string(), value), fc.dictionary(fc.string(), value), (one, other) => {
      const sameFields = Object.fromEntries(Object.entries(one).reverse());
      assert.equal(textOf({ ...sameFields, signature: 1 }), textOf({ ...one, signature: 2 }));
      const [{ signature: _, ...first }, { signature: __, ...second }] = [one, other];
      assert.deepEqual(JSON.parse(textOf(one)), JSON.parse(JSON.stringify(first)));
      const isSame = JSON.stringify(sorted(first)) === JSON.stringify(sorted(second));
      assert.equal(textOf(one) === textOf(other), isSame);
    }),
  );
});

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(sorted);
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => ({ name, member: sorted(member) }));
}
