import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MAX_METADATA_NESTING, parseMetadataJson } from './metadata-json.ts';

const refused: readonly [string, string, RegExp][] = [
  ['a name that stands twice', '{"a":1,"a":1}', /^m\.json: 'a' stands twice in one object$/],
  ['a name that stands twice further in', '{"x":[1,{"a":1,"b":2,"a":3}]}', /'a' stands twice/],
  ['a name that stands twice, spelled differently', '{"ab":1,"\\u0061b":2}', /'ab' stands twice/],
  ['a name that stands twice after an object', '{"a":{"b":1},"a":2}', /'a' stands twice/],
  ['the empty name, twice', '{"":1,"":2}', /'' stands twice/],
  ['__proto__, twice', '{"__proto__":1,"__proto__":2}', /'__proto__' stands twice/],
  ['a name that stands twice, with space before its colon', '{"a" :1,"a"\n\t:1}', /'a' stands twice/],
  ['deep nesting', '['.repeat(40) + ']'.repeat(40), new RegExp(`deeper than ${MAX_METADATA_NESTING} levels`)],
  ['nesting that would exhaust a stack', `${'[{"a":'.repeat(5e5)}1${'}]'.repeat(5e5)}`, /deeper than/],
  ['what never ends', '[{"a":'.repeat(1e6), /is not JSON/],
  ['half a string', '{"a', /is not JSON/],
];

for (const [title, text, message] of refused) {
  test(`${title} is refused`, () => {
    assert.throws(() => parseMetadataJson(text, 'm.json'), { code: 'BAD_METADATA', message });
  });
}

const accepted: readonly [string, string][] = [
  ['one name in several objects', '{"a":{"a":[{"a":1},{"a":1}]},"b":{"a":1}}'],
  ['a text that looks like a member', '{"a":"\\",\\"a\\":1","b":"{[","c":"\\\\"}'],
  ['a value that is also a name', '{"a":"b","b":"a"}'],
  ['an array of equal strings', '["a","a"]'],
];

for (const [title, text] of accepted) {
  test(`${title} is read as JSON.parse reads it`, () => {
    assert.deepEqual(parseMetadataJson(text, 'm.json'), JSON.parse(text));
  });
}

test('whatever JSON.stringify writes is read again', () => {
  const json = fc.json({ maxDepth: 8, stringUnit: 'binary' });
  fc.assert(fc.property(json, (text) => assert.deepEqual(parseMetadataJson(text, 'm.json'), JSON.parse(text))));
});

test('a string as long as metadata may be, all of it escapes, is read in time', () => {
  const text = `{"a":"${'\\n'.repeat(4 * 1024 ** 2)}"}`;
  assert.deepEqual(parseMetadataJson(text, 'm.json'), { a: '\n'.repeat(4 * 1024 ** 2) });
});
