import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTurns } from './turns.ts';

test('no more tasks run at once than there are places, in the order in which they came', async () => {
  const inTurn = createTurns(2);
  const begun: number[] = [];
  const ends = [0, 1, 2, 3].map(() => Promise.withResolvers<void>());
  const done = ends.map(({ promise }, n) =>
    inTurn(async () => {
      begun.push(n);
      await promise;
      return n;
    }),
  );
  assert.deepEqual(begun, [0, 1]);
  ends[1]?.resolve();
  assert.equal(await done[1], 1);
  assert.deepEqual(begun, [0, 1, 2]);
  for (const { resolve } of ends) resolve();
  assert.deepEqual(await Promise.all(done), [0, 1, 2, 3]);
});

test('a task that fails gives its place back', async () => {
  const inTurn = createTurns(1);
  const failing = inTurn(() => Promise.reject(new Error('no')));
  const next = inTurn(async () => 'next');
  await assert.rejects(failing, /no/);
  assert.equal(await next, 'next');
  assert.equal(await inTurn(async () => 'last'), 'last');
});
