import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LogError } from '@edgewood/logs';
import { MemoryLogSource } from '../../logs/src/testing/memory-log-source.ts';
import { createServiceEvents } from './events.ts';
import { checkSource } from './source-check.ts';
import { ManualClock } from './testing/manual-clock.ts';

function setUp() {
  const source = new MemoryLogSource();
  const events = createServiceEvents();
  const told: string[] = [];
  events.on('source:ready', ({ description }) => told.push(description));
  events.on('source:failed', ({ error, retryMs }) => told.push(`${error.message}, again in ${retryMs}`));
  return { source, events, told, clock: new ManualClock(), stopping: new AbortController() };
}

test('a source that answers is told once', async () => {
  const { source, events, told, clock, stopping } = setUp();
  await checkSource(source, events, clock, stopping.signal);
  assert.deepEqual(told, ['0 entries in memory']);
});

test('a source that is away is asked again, less and less often, until it answers', async () => {
  const { source, events, told, clock, stopping } = setUp();
  source.failure = new LogError('SOURCE_UNREACHABLE', 'refused');
  const checking = checkSource(source, events, clock, stopping.signal);
  clock.set(await clock.asleep());
  clock.set(await clock.asleep());
  assert.equal(await clock.asleep(), 7_000);
  source.failure = undefined;
  clock.set(7_000);
  await checking;
  const refused = ['refused, again in 1000', 'refused, again in 2000', 'refused, again in 4000'];
  assert.deepEqual(told, [...refused, '0 entries in memory']);
});

test('whoever is told to stop asks no more', async () => {
  const { source, events, told, clock, stopping } = setUp();
  source.failure = new LogError('SOURCE_UNREACHABLE', 'refused');
  const checking = checkSource(source, events, clock, stopping.signal);
  await clock.asleep();
  stopping.abort();
  await checking;
  assert.equal(told.length, 1);
});
