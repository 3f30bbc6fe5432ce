/**
 * A network that swallows what a service and its PostgreSQL say: connections stay open and nobody answers, to the store, to
 * the log source, or to both while the service starts. It says so in time, and in the end nothing is lost.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createLogTable, execute } from '../../packages/logs/src/testing/log-table.ts';
import { type PostgresServer, startPostgres } from '../../packages/logs/src/testing/postgres-server.ts';
import { SwallowingProxy } from '../../packages/logs/src/testing/swallowing-proxy.ts';
import { FaultBench, finish, nextWindowMs } from './fault-bench.ts';
import { assertCompleteChanges, assertSameFindings, findingsIn } from './findings.ts';
import { RowStream } from './row-stream.ts';
import { AGENTS, type Health, metricOf, untilHealth } from './watched-service.ts';

const SEED = Number(process.env.EDGEWOOD_FAULT_SEED ?? Date.now() % 2 ** 31);
const TIME_LIMIT = '3s';

let server: PostgresServer;
let bench: FaultBench;
let toLogs: SwallowingProxy;
let toStore: SwallowingProxy;

before(async () => {
  server = await startPostgres();
  toLogs = await SwallowingProxy.start(await createLogTable(server.url));
  toStore = await SwallowingProxy.start(server.url);
  await execute(server.url, 'CREATE SCHEMA found');
  bench = new FaultBench(toLogs.url);
});
after(async () => {
  await bench.end();
  await Promise.all([toLogs.stop(), toStore.stop()]);
  await server.stop();
});

const isWell = ({ status }: Health) => status === 'ok';

function says(status: Health['status'], reason: RegExp): (health: Health) => boolean {
  return (health) => health.status === status && reason.test(health.reasons.join('\n'));
}

test('a network that swallows everything costs nothing but time, and is told of', async (t) => {
  t.diagnostic(`EDGEWOOD_FAULT_SEED=${SEED}`);
  await bench.addVersions(1);
  const fromMs = nextWindowMs();
  const watched = bench.service('behind', { timeLimit: TIME_LIMIT, storeUrl: toStore.url, storeSchema: 'found' });
  await watched.beginAt(fromMs);
  const stream = new RowStream({ url: server.url, fromMs, seed: SEED });
  t.after(() => stream.abandon());
  await stream.start();
  const first = watched.start();
  await untilHealth(first, isWell);

  toStore.isSwallowing = true;
  await untilHealth(first, says('failing', /the anomaly store .* failed: no answer within 30 s/));
  assert.equal(await metricOf(first, 'edgewood_store_up'), 0);
  toStore.isSwallowing = false;
  await untilHealth(first, isWell);
  assert.equal(await metricOf(first, 'edgewood_store_up'), 1);

  toLogs.isSwallowing = true;
  await untilHealth(first, says('degraded', /took more than 3 s/));
  toLogs.isSwallowing = false;
  await untilHealth(first, isWell);

  await first.kill();
  toLogs.isSwallowing = true;
  toStore.isSwallowing = true;
  const second = watched.start();
  await untilHealth(second, says('failing', /the anomaly store .* failed/));
  toLogs.isSwallowing = false;
  toStore.isSwallowing = false;
  await untilHealth(second, isWell);

  const report = await stream.stop();
  await finish(second, report);
  const expected = await bench.undisturbed(fromMs, report.toMs);
  const found = await watched.withStore((store) => findingsIn(store, AGENTS, report.toMs));
  assertSameFindings(found, expected, 'after the silence');
  await watched.withStore((store) => assertCompleteChanges(store, 'after the silence'));
  const { windows, anomalies } = found;
  console.log(`silent network: 3 times, ${windows.size} windows, ${anomalies.size} anomalies, 0 lost, 0 doubled`);
});
