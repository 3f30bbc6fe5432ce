import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closestName } from './closest-name.ts';

const KNOWN = ['window', 'group_by', 'grace', 'log'];

test('a slip of the pen finds the name that was meant', () => {
  const meant = ['windw', 'windows', 'widnow', 'groupBy', 'Grace', 'grcae', 'lgo', 'lo'].map((written) =>
    closestName(written, KNOWN),
  );
  assert.deepEqual(meant, ['window', 'window', 'window', 'group_by', 'grace', 'grace', 'log', 'log']);
});

test('a name that is another one altogether finds none', () => {
  for (const written of ['threshold', 'x', '', 'catch_up_max']) assert.equal(closestName(written, KNOWN), undefined);
  assert.equal(closestName('window', []), undefined);
});
