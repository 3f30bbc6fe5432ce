import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { type Access, accessOf, kindOf, type RequestKind } from './access.ts';

const KNOWN = 'Bearer good';
const WRONG = 'Bearer bad';
const TOKENS = [`sha256:${createHash('sha256').update('good').digest('hex')}`];

const CASES: readonly [RequestKind, string | undefined, string[], boolean, Access][] = [
  // about, header, tokens, questions without a token
  ['change', KNOWN, TOKENS, true, 'granted'],
  ['change', KNOWN, TOKENS, false, 'granted'],
  ['change', WRONG, TOKENS, true, 'refused'],
  ['change', undefined, TOKENS, true, 'refused'],
  ['change', KNOWN, [], true, 'impossible'],
  ['change', undefined, [], true, 'impossible'],
  ['question', undefined, TOKENS, true, 'granted'],
  ['question', WRONG, TOKENS, true, 'granted'],
  ['question', undefined, [], true, 'granted'],
  ['question', KNOWN, TOKENS, false, 'granted'],
  ['question', WRONG, TOKENS, false, 'refused'],
  ['question', undefined, TOKENS, false, 'refused'],
  ['question', undefined, [], false, 'impossible'],
  ['health', undefined, TOKENS, true, 'granted'],
  ['health', KNOWN, TOKENS, false, 'granted'],
  ['health', WRONG, TOKENS, false, 'brief'],
  ['health', undefined, TOKENS, false, 'brief'],
  ['health', undefined, [], false, 'brief'],
];

for (const [kind, header, tokens, readWithoutToken, access] of CASES) {
  const who = `${header ?? 'no token'}, ${tokens.length} configured, read_without_token: ${readWithoutToken}`;
  test(`${kind} with ${who}: ${access}`, () => {
    assert.equal(accessOf(kind, header, { tokens, readWithoutToken }), access);
  });
}

for (const [method, route, kind] of [
  ['GET', '/healthz', 'health'],
  ['HEAD', '/readyz', 'health'],
  ['GET', '/api/report', 'question'],
  ['POST', '/api/models/:agent/check', 'question'],
  ['PUT', '/api/models/:agent/check', 'change'],
  ['POST', '/api/models/:agent/activate', 'change'],
  ['POST', '/api/models/reload', 'change'],
  ['GET', undefined, 'question'],
  ['DELETE', undefined, 'change'],
] as const) {
  test(`${method} ${route ?? 'of nothing'} is about: ${kind}`, () => {
    assert.equal(kindOf(method, route), kind);
  });
}
