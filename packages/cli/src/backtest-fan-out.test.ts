import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fanOut } from './backtest-fan-out.ts';

/** Counts from 0, and tells how far it was read and whether it was freed. */
function countingSource(length: number, failsAt = Number.POSITIVE_INFINITY) {
  const seen = { read: 0, freed: false };
  const source = (async function* () {
    try {
      for (; seen.read < length; seen.read += 1) {
        if (seen.read === failsAt) throw new Error('the disk is gone');
        yield seen.read;
      }
    } finally {
      seen.freed = true;
    }
  })();
  return { source, seen };
}

test('each reader gets every item, in order, and the source is read once', async () => {
  const { source, seen } = countingSource(100);
  const all = await Promise.all(fanOut(source, 3).map((reader) => Array.fromAsync(reader)));
  const expected = Array.from({ length: 100 }, (_, at) => at);
  assert.deepEqual(all, [expected, expected, expected]);
  assert.deepEqual(seen, { read: 100, freed: true });
});

test('nothing is read ahead of the slowest reader', async () => {
  const { source, seen } = countingSource(100);
  const [quick, slow] = fanOut(source, 2);
  const first = quick?.next();
  await new Promise(setImmediate);
  assert.equal(seen.read, 0);
  assert.deepEqual(await slow?.next(), { done: false, value: 0 });
  assert.deepEqual(await first, { done: false, value: 0 });
  const second = quick?.next();
  await new Promise(setImmediate);
  assert.equal(seen.read, 0, 'still at the item that both have');
  await slow?.return();
  assert.deepEqual(await second, { done: false, value: 1 });
});

test('a reader that leaves, even before it began, holds nobody up, and the last one frees the source', async () => {
  const { source, seen } = countingSource(100);
  const [stays, leaves, never] = fanOut(source, 3);
  await never?.return();
  const taken: number[] = [];
  const staying = (async () => {
    for await (const item of stays ?? assert.fail()) if (taken.push(item) === 10) break;
  })();
  for await (const item of leaves ?? assert.fail()) if (item === 4) break;
  await staying;
  assert.equal(taken.length, 10);
  assert.deepEqual(seen, { read: 9, freed: true });
});

test('an error of the source reaches every reader', async () => {
  const readers = fanOut(countingSource(10, 3).source, 2).map((reader) => Array.fromAsync(reader));
  const outcomes = await Promise.allSettled(readers);
  assert.ok(outcomes.every(({ status }) => status === 'rejected'));
});
