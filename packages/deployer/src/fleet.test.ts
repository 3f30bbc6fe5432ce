import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeploymentOutcome, DeploymentResult } from './deployment-task.ts';
import { deployToFleet, isGood } from './fleet.ts';

const ended = (outcome: DeploymentOutcome, reason = ''): DeploymentResult => {
  return { outcome, reason, previous: undefined, warnings: [] };
};

const numbered = (count: number) => Array.from({ length: count }, (_, at) => `edge-${at}`);

test('so many are deployed to at a time as is said, and never more', async () => {
  let [busy, most] = [0, 0];
  const results = await deployToFleet({ canaries: [], others: numbered(20), parallel: 4 }, async () => {
    most = Math.max(most, ++busy);
    await new Promise(setImmediate);
    busy -= 1;
    return ended('committed');
  });
  assert.deepEqual([results.length, most], [20, 4]);
  assert.ok(results.every(isGood));
});

test('a target that fails keeps no other from going on, and the report says which it was, in the order of the plan', async () => {
  const results = await deployToFleet({ canaries: [], others: numbered(5), parallel: 2 }, async (target) => {
    await new Promise(setImmediate);
    return target === 'edge-2' ? ended('failed', 'no space') : ended('committed');
  });
  assert.deepEqual(
    results.map(({ target }) => target),
    numbered(5),
  );
  assert.deepEqual(
    results.filter((result) => !isGood(result)).map(({ target, reason }) => [target, reason]),
    [['edge-2', 'no space']],
  );
});

test('canaries are through before the others begin', async () => {
  const ends: string[] = [];
  await deployToFleet({ canaries: ['c1', 'c2'], others: ['o1', 'o2'], parallel: 4 }, async (target) => {
    if (target.startsWith('o')) assert.deepEqual(ends.filter((end) => end.startsWith('c')).sort(), ['c1', 'c2']);
    await new Promise(setImmediate);
    ends.push(target);
    return ended('committed');
  });
  assert.equal(ends.length, 4);
});

test('a canary that fails keeps all others from beginning', async () => {
  const plan = { canaries: ['c1', 'c2'], others: ['o1', 'o2'], parallel: 2 };
  const results = await deployToFleet(plan, async (target) => ended(target === 'c2' ? 'rolled-back' : 'already live'));
  assert.deepEqual(
    results.map(({ outcome }) => outcome),
    ['already live', 'rolled-back', 'not begun', 'not begun'],
  );
  assert.equal(results.at(-1)?.reason, 'a canary failed');
});

test('after an interruption no target is begun', async () => {
  const ending = new AbortController();
  const plan = { canaries: [], others: numbered(4), parallel: 1, signal: ending.signal };
  const results = await deployToFleet(plan, async () => {
    ending.abort();
    return ended('rolled-back', 'interrupted');
  });
  assert.deepEqual(
    results.map(({ outcome }) => outcome),
    ['rolled-back', 'not begun', 'not begun', 'not begun'],
  );
});
