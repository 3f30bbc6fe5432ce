import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { isKnownToken } from './bearer-token.ts';

const hashOf = (token: string) => `sha256:${createHash('sha256').update(token).digest('hex')}`;
const HASHES = [hashOf('old-token'), hashOf('new.token~+/==')];

const CASES: readonly [string | undefined, boolean][] = [
  ['Bearer old-token', true],
  ['bearer old-token', true],
  ['BEARER   old-token', true],
  ['Bearer new.token~+/==', true],
  ['Bearer old-toke', false],
  ['Bearer old-tokenx', false],
  ['Bearer OLD-TOKEN', false],
  ['Bearer old-token new.token', false],
  ['Bearer old-token ', false],
  ['Bearer', false],
  ['Bearer ', false],
  ['Basic old-token', false],
  ['old-token', false],
  [`Bearer ${hashOf('old-token')}`, false],
  [`Bearer ${hashOf('old-token').slice('sha256:'.length)}`, false],
  ['', false],
  [undefined, false],
];

for (const [header, known] of CASES) {
  test(`${header ?? 'no header'} is ${known ? 'known' : 'not known'}`, () => {
    assert.equal(isKnownToken(header, HASHES), known);
  });
}

test('without a hash no token is known, and neither is one for a hash that is none', () => {
  for (const hashes of [[], ['sha256:'], ['sha256:00'], ['']]) assert.equal(isKnownToken('Bearer a', hashes), false);
});
