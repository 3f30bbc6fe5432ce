/**
 * The PostgreSQL with the log entries stopped, crashed, cut off, slow, locked and frozen: the service says so, and in the
 * end has found what one undisturbed run finds. A second service keeps what it finds in the same PostgreSQL.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { createLogTable, execute } from '../../packages/logs/src/testing/log-table.ts';
import type { ServiceProcess } from '../../packages/service/src/testing/service-process.ts';
import { FaultBench, finish, nextWindowMs } from './fault-bench.ts';
import { assertCompleteChanges, assertSameFindings, findingsIn } from './findings.ts';
import { RestartablePostgres, type Shutdown } from './restartable-postgres.ts';
import { RowStream } from './row-stream.ts';
import { AGENTS, type Health, untilHealth } from './watched-service.ts';

const SEED = Number(process.env.EDGEWOOD_FAULT_SEED ?? Date.now() % 2 ** 31);
/** How long connections are cut, and how often. */
const CUTTING = { forMs: 6_000, everyMs: 15 };
/** A cycle's time limit, and the time a read takes when the database is slow: within it, and beyond. */
const TIME_LIMIT_S = 3;
const SLOW_S = { within: 0.7, beyond: 20 };
/** Rows are there long before their window is due, so that none are late because the database was away. */
const LEAD_MS = 40_000;

/** The log entries as a view, each read of which takes as long as the table `slowness` says. */
const SLOW_VIEW = `
  CREATE TABLE slowness AS SELECT 0.0::float AS seconds;
  CREATE FUNCTION dawdle() RETURNS boolean LANGUAGE sql VOLATILE SECURITY DEFINER
    AS 'SELECT pg_sleep(seconds) IS NOT NULL FROM slowness';
  CREATE VIEW slow_entries AS SELECT * FROM log_entries WHERE (SELECT dawdle());
  GRANT SELECT ON slow_entries TO log_reader;
  CREATE SCHEMA found;`;

let server: RestartablePostgres;
let bench: FaultBench;

before(async () => {
  server = await RestartablePostgres.create();
  const reader = await createLogTable(server.url);
  await execute(server.url, SLOW_VIEW);
  bench = new FaultBench(reader);
});
after(async () => {
  await bench.end();
  await server.end();
});

const isWell = ({ status }: Health) => status === 'ok';

/** Has every service notice that something is wrong, and say what. */
async function untilTold(services: readonly ServiceProcess[], reason: RegExp): Promise<void> {
  await Promise.all(
    services.map((service) =>
      untilHealth(service, ({ status, reasons }) => status !== 'ok' && reason.test(reasons.join('\n'))),
    ),
  );
}

async function untilWell(services: readonly ServiceProcess[]): Promise<void> {
  await Promise.all(services.map((service) => untilHealth(service, isWell)));
}

async function cutConnections(): Promise<number> {
  let cut = 0;
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  const end = performance.now() + CUTTING.forMs;
  while (performance.now() < end) {
    const { rowCount } = await client.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'edgewood'`,
    );
    cut += rowCount ?? 0;
    await sleep(CUTTING.everyMs);
  }
  await client.end();
  return cut;
}

async function whileLocked(work: () => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  await client.query('BEGIN; LOCK TABLE log_entries IN ACCESS EXCLUSIVE MODE');
  await work();
  await client.query('COMMIT');
  await client.end();
}

const slowBy = (seconds: number) => execute(server.url, `UPDATE slowness SET seconds = ${seconds}`);

/** One fault after another; after each the services are well again before the next. Gives how many connections were cut. */
async function goThroughFaults(services: readonly ServiceProcess[]): Promise<number> {
  const shutdowns: Shutdown[] = ['fast', 'immediate', 'fast', 'immediate'];
  for (const mode of shutdowns) {
    await server.shutDown(mode);
    await untilTold(services, /refused|unreachable|cannot reach|failed|terminat/i);
    await server.start();
    await untilWell(services);
  }
  const [cut] = await Promise.all([cutConnections(), untilTold(services, /./)]);
  await untilWell(services);
  await slowBy(SLOW_S.within);
  await slowBy(SLOW_S.beyond);
  await untilTold(services, /took more than|behind/);
  await slowBy(0);
  await untilWell(services);
  await whileLocked(() => untilTold(services, /took more than|behind/));
  await untilWell(services);
  await server.frozen(() => untilTold(services, /took more than|behind/));
  await untilWell(services);
  return cut;
}

test('a PostgreSQL that fails in every way costs nothing but time, and is told of', async (t) => {
  t.diagnostic(`EDGEWOOD_FAULT_SEED=${SEED}`);
  await bench.addVersions(1);
  const fromMs = nextWindowMs();
  const setting = { table: 'slow_entries', timeLimit: `${TIME_LIMIT_S}s` };
  const watched = [
    bench.service('in-a-file', setting),
    bench.service('in-postgres', { ...setting, storeUrl: server.url, storeSchema: 'found' }),
  ];
  for (const service of watched) await service.beginAt(fromMs);
  const stream = new RowStream({ url: server.url, fromMs, seed: SEED, leadMs: LEAD_MS });
  t.after(() => stream.abandon());
  await stream.start();
  const services = watched.map((service) => service.start());
  const cut = await goThroughFaults(services);
  const report = await stream.stop();
  await Promise.all(services.map((service) => finish(service, report)));

  const expected = await bench.undisturbed(fromMs, report.toMs);
  const totals = { windows: 0, anomalies: 0 };
  for (const [n, service] of watched.entries()) {
    const { folder } = service.setting;
    const found = await service.withStore((store) => findingsIn(store, AGENTS, report.toMs));
    assertSameFindings(found, expected, folder);
    await service.withStore((store) => assertCompleteChanges(store, folder));
    const givenUp = services[n]?.log.filter(({ msg }) => /given up|never analysed/.test(msg));
    assert.deepEqual(givenUp, [], `${folder}: windows were given up`);
    totals.windows += found.windows.size;
    totals.anomalies += found.anomalies.size;
  }
  const { windows, anomalies } = totals;
  console.log(
    `PostgreSQL: 4 stops, ${cut} connections cut, slow, locked, frozen; ${windows} windows, ${anomalies} anomalies, 0 lost, 0 doubled`,
  );
});
