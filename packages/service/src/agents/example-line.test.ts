import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exampleLine } from './example-line.ts';

test('line breaks are shown, and what is too long is cut', () => {
  assert.equal(exampleLine('one \n  two\nthree'), 'one ⏎ two ⏎ three');
  assert.equal(exampleLine('x'.repeat(400)), 'x'.repeat(400));
  assert.equal(exampleLine('x'.repeat(401)), `${'x'.repeat(399)}…`);
});

test('of a line that is longer than is looked at, it is shown that there is more', () => {
  const line = `one${' '.repeat(500_000)}two`; // takes minutes if all of it is looked at
  assert.equal(exampleLine(`${line}\n`).length, 400);
  assert.match(exampleLine(`one\n${' '.repeat(500_000)}two`), /^one ⏎ …$/);
});
