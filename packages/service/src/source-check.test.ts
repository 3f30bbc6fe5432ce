import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LogError, PostgresLogSource, postgresConnection } from '@edgewood/logs';
import { createLogTable } from '../../logs/src/testing/log-table.ts';
import { MemoryLogSource } from '../../logs/src/testing/memory-log-source.ts';
import { startPostgres } from '../../logs/src/testing/postgres-server.ts';
import { SwallowingProxy } from '../../logs/src/testing/swallowing-proxy.ts';
import { createServiceEvents } from './events.ts';
import { checkSource, recheckSource } from './source-check.ts';
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

test('a source that has answered is asked again every ten minutes, and at once when a jump of the clock is believed', async () => {
  const { source, events, clock, stopping } = setUp();
  const newest: (number | undefined)[] = [];
  events.on('source:checked', ({ newestMs }) => newest.push(newestMs));
  const asked = async (timeMs: number, begin: () => void) => {
    await clock.asleep();
    source.entries.push({ timeMs, deviceId: '1', program: 'crond', level: 'info', message: '' });
    begin();
    await clock.asleep();
  };
  const checking = recheckSource(source, events, clock, stopping.signal);
  await asked(1, () => clock.set(600_000));
  await asked(2, () => events.emit('clock:jumped', { byMs: 1e9, held: true }));
  await asked(3, () => events.emit('clock:jumped', { byMs: 1e9, held: false }));
  stopping.abort();
  await checking;
  assert.deepEqual(newest, [1, 3]);
});

test('a PostgreSQL that takes connections and says nothing is told as one that is away, until it is heard', async (t) => {
  const server = await startPostgres();
  t.after(() => server.stop());
  const proxy = await SwallowingProxy.start(await createLogTable(server.url));
  t.after(() => proxy.stop());
  const connection = postgresConnection(`${proxy.url}?connect_timeout=0`, {});
  const source = new PostgresLogSource({ connection });
  const { events, told, clock, stopping } = setUp();
  proxy.isSwallowing = true;
  const checking = checkSource(source, events, clock, stopping.signal, 300);
  clock.set(await clock.asleep());
  assert.equal(await clock.asleep(), 3_000);
  const silent = `${source.location} takes connections and did not answer within 0.3 s`;
  assert.deepEqual(told, [`${silent}, again in 1000`, `${silent}, again in 2000`]);
  proxy.isSwallowing = false;
  clock.set(3_000);
  // The machine of a test may be slow: one attempt or another is in time.
  const answering = checking.then(() => 'answered');
  for (let ms = 10_000; (await Promise.race([answering, clock.asleep()])) !== 'answered'; ms += 100_000) clock.set(ms);
  assert.match(told.at(-1) ?? '', /^PostgreSQL .* table public\.log_entries$/);
});
