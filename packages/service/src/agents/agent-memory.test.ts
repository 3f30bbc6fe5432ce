import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keptMemories, memoriesOf } from './agent-memory.ts';

test('memories come back as they were kept, whatever a device is called', () => {
  const memories = new Map([
    ['1', { wrong: 3 }],
    [null, [1]],
    ['__proto__', { x: null }],
    ['', {}],
  ]);
  const { memory, forgotten } = keptMemories(memories, 1_000);
  assert.deepEqual(forgotten, []);
  assert.deepEqual(memoriesOf(JSON.parse(JSON.stringify(memory))), memories);
});

test('what another agent left is as good as nothing', () => {
  for (const kept of [undefined, null, 3, 'text', { devices: { 1: {} } }, [1, 'x', [1, 2], ['a', 1, 2], null]]) {
    assert.deepEqual(memoriesOf(kept), new Map());
  }
});

test('too much is made to fit by forgetting the longest memories', () => {
  const memories = new Map(['a', 'b', 'c', 'd'].map((device, n) => [device, 'x'.repeat(100 * n)]));
  const { memory, forgotten } = keptMemories(memories, 250);
  assert.deepEqual(forgotten, ['d', 'c']);
  assert.deepEqual([...memoriesOf(memory).keys()], ['a', 'b']);
  assert.ok(JSON.stringify(memory).length <= 250);
  const exact = JSON.stringify(keptMemories(memories, 10_000).memory).length;
  assert.deepEqual(keptMemories(memories, exact + 1).forgotten, []);
  assert.deepEqual(keptMemories(memories, exact - 2).forgotten, ['d']);
});
