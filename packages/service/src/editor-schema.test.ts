import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { readConfig } from './config.ts';
import { editorSchema } from './editor-schema.ts';
import { formatEffectiveConfig } from './effective-config.ts';

const validate = new Ajv2020({ strict: false }).compile(editorSchema());

/** Whether an editor would find nothing wrong with it. */
function fits(text: string): boolean {
  return validate(parse(text));
}

test('an editor finds nothing wrong with the defaults', () => {
  assert.ok(fits(formatEffectiveConfig(readConfig(undefined, {}))), JSON.stringify(validate.errors));
});

test('an editor takes whatever may be written, and variables anywhere', () => {
  const hash = `sha256:${'a'.repeat(64)}`;
  for (const text of [
    'http: {port: 80, host: 0.0.0.0, read_without_token: false}',
    'http: {port: "${PORT}", read_without_token: "${OPEN:-true}", requests_per_minute: "${MANY}"}',
    `http: {tokens: ["${hash}", "\${TOKEN_HASH}"]}`,
    'models: {poll_interval: 2}',
    'models: {poll_interval: 1.5h}',
    'models: {poll_interval: "${OFTEN}"}',
    'store: {max_size: 2GB, max_age: 30d}',
    'resources: {max_cpu: 0.5, max_memory: 90%}',
    'log: {level: "${LEVEL}"}',
    'agents: [{name: ssh, use: ./ssh.ts, options: {anything: [1, {a: b}]}}]',
    'agents: [{name: wifi, severity: {rules: [{feature: log_count, at_least: -0.5, level: high}]}}]',
  ]) {
    assert.ok(fits(text), `${text}: ${JSON.stringify(validate.errors)}`);
  }
});

test('an editor marks wrong types, unknown keys, and what is out of range', () => {
  for (const text of [
    'http: {port: eighty}',
    'http: {port: 99999}',
    'http: {prt: 80}',
    'http: {tokens: [hunter2]}',
    'models: {poll_interval: soon}',
    'log: {level: loud}',
    'store: {max_size: big}',
    'resources: {max_cpu: -1}',
    'agents: []',
    'agents: [{use: wifi}]',
    'agents: [{name: wifi, severity: {rules: [{feature: log_count, level: high}]}}]',
  ]) {
    assert.ok(!fits(text), text);
  }
});
