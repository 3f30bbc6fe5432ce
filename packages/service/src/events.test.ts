import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createServiceEvents } from './events.ts';

const FINISHED = { agent: 'wifi', toMs: 300_000, durationMs: 12 };

test('whoever listens is told, until it ends its listening, twice if it likes', () => {
  const events = createServiceEvents();
  const told: string[] = [];
  const endFirst = events.on('cycle:finished', ({ agent }) => told.push(`first ${agent}`));
  events.on('cycle:finished', ({ agent }) => told.push(`second ${agent}`));
  events.emit('cycle:finished', FINISHED);
  endFirst();
  endFirst();
  events.emit('cycle:finished', FINISHED);
  assert.deepEqual(told, ['first wifi', 'second wifi', 'second wifi']);
});

test('a listener that throws is reported and keeps nobody else from hearing', () => {
  const errors: unknown[] = [];
  const events = createServiceEvents((error) => errors.push(error));
  const mistake = new Error('a mistake of ours');
  let told = 0;
  events.on('cycle:finished', () => {
    throw mistake;
  });
  events.on('cycle:finished', () => {
    told += 1;
  });
  events.emit('cycle:finished', FINISHED);
  assert.deepEqual([told, errors], [1, [mistake]]);
});
