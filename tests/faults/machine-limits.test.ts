/**
 * A machine that is over its limits: the service says that it waits, and lets the windows wait; when the limit is lifted it
 * finds in all of them what one undisturbed run finds.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createLogTable } from '../../packages/logs/src/testing/log-table.ts';
import { type PostgresServer, startPostgres } from '../../packages/logs/src/testing/postgres-server.ts';
import { FaultBench, finish, nextWindowMs } from './fault-bench.ts';
import { assertCompleteChanges, assertSameFindings, findingsIn } from './findings.ts';
import { RowStream } from './row-stream.ts';
import { AGENTS, type Health, healthOf, metricOf, untilHealth } from './watched-service.ts';

const SEED = Number(process.env.EDGEWOOD_FAULT_SEED ?? Date.now() % 2 ** 31);
const WAITS = /^analysis waits: memory \d+ %, limit 1 %$/;
/** First the cycle under way comes to its end; then nothing is analysed any more, for some windows. */
const BEHIND = { first: /is (?:[5-9]|\d{2,}) s behind$/, later: /is (?:1[5-9]|[2-9]\d|\d{3,}) s behind$/ };

let server: PostgresServer;
let bench: FaultBench;

before(async () => {
  server = await startPostgres();
  bench = new FaultBench(await createLogTable(server.url));
});
after(async () => {
  await bench.end();
  await server.stop();
});

const saysAll =
  (...patterns: readonly RegExp[]) =>
  ({ reasons }: Health) =>
    patterns.every((pattern) => reasons.some((reason) => pattern.test(reason)));

function analysedUntil({ agents }: Health): readonly (string | null)[] {
  return agents.map(({ analysed_until: until }) => until);
}

test('a machine without room for it makes the analysis wait, and costs nothing but time', async (t) => {
  t.diagnostic(`EDGEWOOD_FAULT_SEED=${SEED}`);
  await bench.addVersions(1);
  const fromMs = nextWindowMs();
  const watched = bench.service('waits', { maxMemory: '1%' });
  await watched.beginAt(fromMs);
  const stream = new RowStream({ url: server.url, fromMs, seed: SEED });
  t.after(() => stream.abandon());
  await stream.start();
  const service = watched.start();

  const paused = await untilHealth(service, saysAll(WAITS));
  assert.deepEqual([paused.code, paused.status], [200, 'degraded']);
  assert.equal(await metricOf(service, 'edgewood_paused'), 1);
  const first = await untilHealth(service, saysAll(WAITS, BEHIND.first));
  const later = await untilHealth(service, saysAll(WAITS, BEHIND.later));
  assert.deepEqual(analysedUntil(later), analysedUntil(first));

  watched.configure({ maxMemory: '100%' });
  service.signal('SIGHUP');
  await service.line(/^listening on/, 2);
  const report = await stream.stop();
  const left = (await healthOf(service)).reasons.filter((reason) => reason.startsWith('analysis waits'));
  assert.deepEqual(left, []);
  assert.equal(await metricOf(service, 'edgewood_paused'), 0);
  await finish(service, report);

  const expected = await bench.undisturbed(fromMs, report.toMs);
  const found = await watched.withStore((store) => findingsIn(store, AGENTS, report.toMs));
  assertSameFindings(found, expected, 'after the wait');
  await watched.withStore((store) => assertCompleteChanges(store, 'after the wait'));
  const { windows, anomalies } = found;
  console.log(`machine's limits: 1 wait; ${windows.size} windows, ${anomalies.size} anomalies, 0 lost, 0 doubled`);
});
