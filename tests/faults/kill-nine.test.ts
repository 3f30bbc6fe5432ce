/**
 * The service killed at random moments and at its commits, again and again, while rows stream in, some of them late, and
 * models are switched: what it has found in the end is what one undisturbed run finds. At first a backlog is caught up,
 * then the rows of now.
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
import { seededRandom } from '../../packages/surprise/src/testing/seeded-random.ts';
import { WINDOW_MS } from './access-points.ts';
import { COMMIT_MOMENTS, type CommitKind } from './commit-moment.ts';
import { FaultBench, finish, nextWindowMs } from './fault-bench.ts';
import { assertCompleteChanges, assertSameFindings, findingsIn } from './findings.ts';
import { RowStream, type StreamReport } from './row-stream.ts';
import { AGENTS, type WatchedService } from './watched-service.ts';

const KILLS = Number(process.env.EDGEWOOD_FAULT_KILLS ?? 300);
const SEED = Number(process.env.EDGEWOOD_FAULT_SEED ?? Date.now() % 2 ** 31);
const VICTIMS = 4;
/**
 * Windows that are waiting at the beginning: while they are caught up slot after slot is stored, so that a kill is one in
 * the middle of that.
 */
const BACKLOG_WINDOWS = 400;
const SWITCH_MS = 25;
/** More changes than there can be of one service. */
const MOST_CHANGES = 1_000_000;
/** A moment that a service does not come to is not waited for any longer. */
const MOMENT_LIMIT_MS = 5_000;
/** There is something to be stored every second. */
const COMMIT_LIMIT_MS = 60_000;

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

/** Starts a process of a service, and comes with it when it is to be killed, unless it has ended itself. */
type Moment = (service: WatchedService, random: () => number) => Promise<ServiceProcess>;

/** At random within so long after it was started, or said something, in milliseconds. */
function within(mostMs: number, after?: RegExp): Moment {
  return async (service, random) => {
    const process = service.start();
    if (after !== undefined) {
      await process.line(/^listening on/);
      await comesWithin(MOMENT_LIMIT_MS, process.line(after));
    }
    await sleep(random() * mostMs);
    return process;
  };
}

/** At one of its first so many commits, where nothing is done any more between one statement and the next. */
function committing(most: number, kind: CommitKind): Moment {
  return async (service, random) => {
    const at = COMMIT_MOMENTS[Math.floor(random() * COMMIT_MOMENTS.length)] ?? assert.fail();
    const process = service.startUntilCommit(1 + Math.floor(random() * most), at, kind);
    await process.line(/^listening on/).catch(() => {}); // it may have died sooner
    assert.ok(await comesWithin(COMMIT_LIMIT_MS, process.ended), 'a process lives on that was to die at a commit');
    return process;
  };
}

/** The moments at which processes are killed, each with the share of the kills that it has. */
const MOMENTS: readonly { readonly name: string; readonly share: number; readonly comes: Moment }[] = [
  { name: 'starting', share: 0.12, comes: within(1_200) },
  { name: 'committing', share: 0.28, comes: committing(6, 'any') },
  { name: 'keeping what was told', share: 0.25, comes: committing(2, 'telling') },
  { name: 'telling', share: 0.13, comes: within(8, /severity/) },
  { name: 'catching up', share: 0.15, comes: within(400, /^listening on/) },
  { name: 'in steady work', share: 0.07, comes: within(2_500, /^listening on/) },
];

/** One service that is killed, and all that its processes have said. */
interface Victim {
  readonly service: WatchedService;
  readonly log: LogLine[];
  readonly kills: Map<string, number>;
}

async function killOnce({ service, log, kills }: Victim, random: () => number): Promise<void> {
  const { name, comes } = chosenMoment(random());
  const process = await comes(service, random);
  process.signal('SIGKILL');
  const said = () => process.log.map(({ msg }) => msg).join(' | ');
  assert.equal(await process.ended, null, `it had ended before it was killed: ${said()}`);
  log.push(...process.log);
  kills.set(name, (kills.get(name) ?? 0) + 1);
}

function chosenMoment(number: number) {
  let below = 0;
  for (const moment of MOMENTS) {
    below += moment.share;
    if (number < below) return moment;
  }
  return MOMENTS[0] ?? assert.fail();
}

/** Whether something comes before the limit. */
async function comesWithin(limitMs: number, moment: Promise<unknown>): Promise<boolean> {
  const over = new AbortController();
  const comes = await Promise.race([moment.then(() => true), sleep(limitMs, false, over)]);
  over.abort();
  return comes;
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
  await bench.undisturbed(fromMs, fromMs + WINDOW_MS, 'first'); // leaves what it compiled to those that are killed
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
