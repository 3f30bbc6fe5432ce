import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from './config.ts';
import { configWarnings } from './config-warnings.ts';

const TOKEN = `tokens: ["sha256:${'0'.repeat(64)}"]`;

const CASES: readonly [string, ...RegExp[]][] = [
  [''],
  ['http: {host: localhost}'],
  ['http: {host: 127.0.0.53}'],
  ['http: {host: "::1"}'],
  ['http: {host: 0.0.0.0}', /^http: whoever reaches 0\.0\.0\.0:8420 can read/],
  ['http: {host: "::"}', /^http: whoever reaches :::8420 can read/],
  ['http: {host: 127.example.org}', /^http: whoever reaches/],
  [`http: {host: 0.0.0.0, ${TOKEN}}`, /^http: whoever reaches/],
  [`http: {host: 0.0.0.0, read_without_token: false, ${TOKEN}}`],
  ['http: {host: 0.0.0.0, read_without_token: false}', /^http: read_without_token is false and there are no tokens/],
  ['agents: [{name: wifi, enabled: false}]', /^agents: none is enabled/],
  ['agents: [{name: wifi, enabled: false}, {name: dns}]'],
];

for (const [text, ...expected] of CASES) {
  test(`a configuration of ${text || 'defaults'} is warned of ${expected.length} times`, () => {
    const warnings = configWarnings(parseConfig(text, 'x', {}));
    assert.equal(warnings.length, expected.length, warnings.join('\n'));
    for (const [index, pattern] of expected.entries()) assert.match(warnings[index] ?? '', pattern);
  });
}
