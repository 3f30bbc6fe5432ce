/**
 * The service killed at random moments, again and again, while rows stream in, some of them late, and models are switched:
 * what it has found in the end is what one undisturbed run finds. At first a backlog is caught up, then the rows of now.
 *
 * Several services are killed at the same time, each with a store of its own, one of them in PostgreSQL.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { activate, type ModelVersion, parseAgentName } from '@edgewood/models';
import { createLogTable, execute } from '../../packages/logs/src/testing/log-table.ts';
import { type PostgresServer, startPostgres } from '../../packages/logs/src/testing/postgres-server.ts';
import type { LogLine, ServiceProcess } from '../../packages/service/src/testing/service-process.ts';
import { WINDOW_MS } from './access-points.ts';
import { FaultBench, finish, nextWindowMs } from './fault-bench.ts';
import { assertCompleteChanges, assertSameFindings, findingsIn } from './findings.ts';
import { RowStream, type StreamReport } from './row-stream.ts';
import { seededRandom } from './seeded-random.ts';
import { AGENTS, type WatchedService } from './watched-service.ts';

const KILLS = Number(process.env.EDGEWOOD_FAULT_KILLS ?? 300);
const SEED = Number(process.env.EDGEWOOD_FAULT_SEED ?? Date.now() % 2 ** 31);
const VICTIMS = 4;
/**
 * Windows that are waiting at the beginning: while they are caught up slot after slot is stored, so that a kill at a random
 * moment is one in the middle of that.
 */
const BACKLOG_WINDOWS = 400;
const SWITCH_MS = 25;
/** More changes than there can be of one service. */
const MOST_CHANGES = 1_000_000;
/** A moment that a service does not come to is not waited for any longer. */
const MOMENT_LIMIT_MS = 5_000;

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

/** When a process is killed, by a random number below `below`: so long after it was started, began to answer, or told of an anomaly. In milliseconds. */
const MOMENTS = [
  { name: 'starting', below: 0.15, after: undefined, mostMs: 1_200 },
  { name: 'catching up', below: 0.65, after: /^listening on/, mostMs: 400 },
  { name: 'telling', below: 0.95, after: /severity/, mostMs: 8 },
  { name: 'in steady work', below: 1, after: /^listening on/, mostMs: 2_500 },
] as const;

/** One service that is killed, and all that its processes have said. */
interface Victim {
  readonly service: WatchedService;
  readonly log: LogLine[];
  readonly kills: Map<string, number>;
}

async function killOnce({ service, log, kills }: Victim, random: () => number): Promise<void> {
  const number = random();
  const moment = MOMENTS.find(({ below }) => number < below) ?? MOMENTS[0];
  const process = service.start();
  await comesTo(process, moment.after);
  await sleep(random() * moment.mostMs);
  process.signal('SIGKILL');
  const said = () => process.log.map(({ msg }) => msg).join(' | ');
  assert.equal(await process.ended, null, `it had ended before it was killed: ${said()}`);
  log.push(...process.log);
  kills.set(moment.name, (kills.get(moment.name) ?? 0) + 1);
}

async function comesTo(process: ServiceProcess, pattern: RegExp | undefined): Promise<void> {
  if (pattern === undefined) return;
  const limit = new AbortController();
  await Promise.race([process.line(pattern), sleep(MOMENT_LIMIT_MS, undefined, limit)]);
  limit.abort();
}

/** Activates one version after the other until the signal comes; gives how often. */
async function switchModels(versions: readonly ModelVersion[], signal: AbortSignal): Promise<number> {
  let switches = 0;
  for (; !signal.aborted; switches += 1) {
    const version = versions[switches % versions.length] ?? assert.fail();
    await activate(bench.files, parseAgentName('wifi'), version);
    await sleep(SWITCH_MS);
  }
  return switches;
}

async function victims(fromMs: number): Promise<Victim[]> {
  const all: Victim[] = [];
  for (let n = 0; n < VICTIMS; n += 1) {
    const schema = `victim_${n}`;
    if (n === 0) await execute(server.url, `CREATE SCHEMA ${schema}`);
    const service = bench.service(schema, n === 0 ? { storeUrl: server.url, storeSchema: schema } : {});
    await service.beginAt(fromMs);
    all.push({ service, log: [], kills: new Map() });
  }
  return all;
}

/** Kills until it is enough. */
async function killAll(all: readonly Victim[], random: () => number): Promise<void> {
  let left = KILLS;
  const killUntilEnough = async (victim: Victim) => {
    while (left > 0) {
      left -= 1;
      await killOnce(victim, random);
    }
  };
  await Promise.all(all.map(killUntilEnough));
}

/** Lets a service come to the end of what the stream has written. */
async function workToTheEnd({ service, log }: Victim, report: StreamReport): Promise<void> {
  const last = service.start();
  await finish(last, report);
  log.push(...last.log);
}

/** Every anomaly was told at least once, by whichever process; gives how many were told again. */
async function toldAgain({ service, log }: Victim, title: string): Promise<number> {
  const told = log.filter(({ id, severity }) => id !== undefined && severity !== undefined).map(({ id }) => Number(id));
  const changes = await service.withStore((store) => store.changes(0, MOST_CHANGES));
  const detected = changes.filter(({ kind }) => kind === 'anomaly:detected').map(({ anomaly }) => anomaly?.id);
  const untold = detected.filter((id) => id !== undefined && !told.includes(id));
  assert.deepEqual(untold, [], `${title}: anomalies that were never told`);
  return told.length - new Set(told).size;
}

test(`${KILLS} times kill -9: what is found equals one undisturbed run`, async (t) => {
  t.diagnostic(`EDGEWOOD_FAULT_SEED=${SEED}`);
  const random = seededRandom(SEED);
  const versions = await bench.addVersions(2);
  const fromMs = nextWindowMs() - BACKLOG_WINDOWS * WINDOW_MS;
  const stream = new RowStream({ url: server.url, fromMs, seed: SEED });
  const all = await victims(fromMs);
  t.after(() => stream.abandon());
  await stream.start();
  const killed = new AbortController();
  const switching = switchModels(versions, killed.signal);
  await killAll(all, random).finally(() => killed.abort());
  const switches = await switching;
  const report = await stream.stop();
  await Promise.all(all.map((victim) => workToTheEnd(victim, report)));

  const expected = await bench.undisturbed(fromMs, report.toMs);
  const totals = { windows: 0, anomalies: 0, changes: 0, again: 0 };
  for (const [n, victim] of all.entries()) {
    const title = `service ${n}`;
    const found = await victim.service.withStore((store) => findingsIn(store, AGENTS, report.toMs));
    assertSameFindings(found, expected, title);
    totals.changes += await victim.service.withStore((store) => assertCompleteChanges(store, title));
    totals.windows += found.windows.size;
    totals.anomalies += found.anomalies.size;
    totals.again += await toldAgain(victim, title);
    const refused = victim.log.filter(({ msg }) => /stays in use|no model, no analysis/.test(msg));
    assert.deepEqual(refused, [], `${title}: a model was refused`);
  }
  for (const { name } of MOMENTS) {
    const kills = all.reduce((sum, victim) => sum + (victim.kills.get(name) ?? 0), 0);
    t.diagnostic(`${kills} of them while ${name}`);
  }
  t.diagnostic(`${report.rows} rows, ${report.lateRows} of them late; ${switches} times another model`);
  t.diagnostic(`${totals.changes} changes, each told; ${totals.again} anomalies told again after a kill`);
  const { windows, anomalies } = totals;
  console.log(`kill -9: ${KILLS} kills, ${windows} windows, ${anomalies} anomalies, 0 lost, 0 doubled`);
});
