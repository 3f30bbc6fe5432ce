import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isOwnHost } from './own-host.ts';

const CASES: readonly [string | undefined, string, boolean][] = [
  ['localhost', '127.0.0.1', true],
  ['localhost:8420', '127.0.0.1', true],
  ['LOCALHOST:8420', '127.0.0.1', true],
  ['127.0.0.1:8420', '127.0.0.1', true],
  ['127.0.0.1:8420', 'localhost', true],
  ['[::1]:8420', '::1', true],
  ['[::1]', '127.0.0.1', true],
  ['127.0.0.2:80', '127.0.0.2', true],
  ['127.0.0.3:80', '127.0.0.2', false],
  ['evil.example:8420', '127.0.0.1', false],
  ['evil.example', '::1', false],
  ['localhost.evil.example', 'localhost', false],
  ['127.0.0.1.evil.example', '127.0.0.1', false],
  ['localhost@evil.example', '127.0.0.1', false],
  ['evil.example#localhost', '127.0.0.1', false],
  ['', '127.0.0.1', false],
  [undefined, '127.0.0.1', true],
  ['pi.local:8420', '0.0.0.0', true],
  ['evil.example', '192.168.1.5', true],
];

for (const [header, listensOn, own] of CASES) {
  test(`listening on ${listensOn}, Host: ${header ?? '(none)'} is ${own ? 'its own' : "somebody else's"}`, () => {
    assert.equal(isOwnHost(header, listensOn), own);
  });
}
