/**
 * A disk that fills up under the store, and a model directory that cannot be written to, is empty, is gone. Needs root, to
 * mount.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { activate, LocalModelFiles, parseAgentName } from '@edgewood/models';
import { createLogTable } from '../../packages/logs/src/testing/log-table.ts';
import { type PostgresServer, startPostgres } from '../../packages/logs/src/testing/postgres-server.ts';
import type { ServiceProcess } from '../../packages/service/src/testing/service-process.ts';
import { WINDOW_MS } from './access-points.ts';
import { FaultBench, finish, nextWindowMs } from './fault-bench.ts';
import { assertCompleteChanges, assertSameFindings, type Findings, findingsIn } from './findings.ts';
import { RowStream, type StreamReport } from './row-stream.ts';
import { AGENTS, type Health, hasAnalysed, untilHealth, type WatchedService } from './watched-service.ts';

/** A report is written within so long, in milliseconds. */
const IDLE_WITHIN_MS = 30_000;

const SEED = Number(process.env.EDGEWOOD_FAULT_SEED ?? Date.now() % 2 ** 31);
/** Room for a store of some minutes and the log before it. */
const DISK_SIZE = '12m';
const FILLS = 3;

let server: PostgresServer;
let databaseUrl: string;

before(async () => {
  server = await startPostgres();
  databaseUrl = await createLogTable(server.url);
});
after(() => server.stop());

interface Scene {
  readonly bench: FaultBench;
  readonly stream: RowStream;
  readonly fromMs: number;
}

/** Rows stream in, and models are there. */
async function setUp(t: TestContext): Promise<Scene> {
  t.diagnostic(`EDGEWOOD_FAULT_SEED=${SEED}`);
  const bench = new FaultBench(databaseUrl);
  t.after(() => bench.end());
  const fromMs = nextWindowMs();
  const stream = new RowStream({ url: server.url, fromMs, seed: SEED });
  t.after(() => stream.abandon());
  await stream.start();
  return { bench, stream, fromMs };
}

/** Mounts at a place that is gone, with what is mounted there, when the test ends. */
function mount(t: TestContext, ...args: readonly string[]): string {
  const where = mkdtempSync(join(tmpdir(), 'edgewood-mount-'));
  execFileSync('mount', [...args, where]);
  t.after(() => {
    spawnSync('umount', [where]); // which the test may have done itself
    rmSync(where, { recursive: true, force: true });
  });
  return where;
}

/** Writes a file until there is no room left. */
function fill(file: string): void {
  const open = openSync(file, 'w');
  for (let bytes = 65_536; bytes >= 1; ) {
    try {
      writeSync(open, Buffer.alloc(bytes));
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC');
      bytes = Math.floor(bytes / 2);
    }
  }
  closeSync(open);
}

const isWell = ({ status }: Health) => status === 'ok';

/** Lets the agents analyse some more windows, whatever the service's health is. */
async function goesOn(service: ServiceProcess): Promise<void> {
  await untilHealth(service, hasAnalysed(Date.now() + 3 * WINDOW_MS));
}

async function assertUndisturbed(
  watched: WatchedService,
  { bench, fromMs }: Scene,
  report: StreamReport,
): Promise<Findings> {
  const found = await watched.withStore((store) => findingsIn(store, AGENTS, report.toMs));
  assertSameFindings(found, await bench.undisturbed(fromMs, report.toMs), watched.setting.folder);
  await watched.withStore((store) => assertCompleteChanges(store, watched.setting.folder));
  return found;
}

test('while the disk is full the service says that it fails, and nothing is lost when there is room again', async (t) => {
  const scene = await setUp(t);
  const { bench, stream, fromMs } = scene;
  await bench.addVersions(1);
  const disk = mount(t, '-t', 'tmpfs', '-o', `size=${DISK_SIZE}`, 'tmpfs');
  const filler = join(disk, 'filler');
  const watched = bench.service('on-a-full-disk', { storeFile: join(disk, 'found.sqlite') });
  await watched.beginAt(fromMs);
  let service = watched.start();
  for (let n = 0; n < FILLS; n += 1) {
    await untilHealth(service, isWell);
    fill(filler);
    const { code, status, reasons } = await untilHealth(service, (health) => health.status === 'failing');
    assert.deepEqual([code, status], [503, 'failing']);
    assert.match(reasons.join('\n'), /found\.sqlite failed: .*full/);
    if (n === FILLS - 1) {
      service.signal('SIGKILL');
      await service.ended;
    }
    rmSync(filler);
    if (n === FILLS - 1) service = watched.start();
  }
  await untilHealth(service, isWell);
  const report = await stream.stop();
  await finish(service, report);
  const { windows, anomalies } = await assertUndisturbed(watched, scene, report);
  console.log(`disk full: ${FILLS} times, ${windows.size} windows, ${anomalies.size} anomalies, 0 lost, 0 doubled`);
});

/** Runs a command as soon as no file is open where it is to act: the service may be writing its report there just now. */
async function whenIdle(command: string, args: readonly string[]): Promise<void> {
  const endMs = performance.now() + IDLE_WITHIN_MS;
  for (;;) {
    const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
    if (status === 0) return;
    if (!/busy/.test(stderr) || performance.now() > endMs) assert.fail(`${command} ${args.join(' ')}: ${stderr}`);
    await sleep(20);
  }
}

test('whatever becomes of the model directory, the model in use goes on, and the reason is told', async (t) => {
  const scene = await setUp(t);
  const { bench, stream, fromMs } = scene;
  const [older, newer] = await bench.addVersions(2);
  assert.ok(older !== undefined && newer !== undefined);
  const models = mount(t, '--bind', bench.models);
  const watched = bench.service('model-directory', { models });
  await watched.beginAt(fromMs);
  const service = watched.start();
  await untilHealth(service, isWell);

  await whenIdle('mount', ['-o', 'remount,bind,ro', models]);
  const files = new LocalModelFiles(models);
  await assert.rejects(activate(files, parseAgentName('wifi'), newer), { code: 'FILE_UNWRITABLE' });
  await goesOn(service);
  assert.equal((await untilHealth(service, isWell)).code, 200);

  const isToldOf = ({ code, status, reasons }: Health) =>
    code === 200 && status === 'degraded' && new RegExp(`wifi: .*${older} stays in use`).test(reasons.join('\n'));
  await whenIdle('umount', [models]);
  await untilHealth(service, isToldOf);
  await goesOn(service);
  rmSync(models, { recursive: true, maxRetries: 5 }); // the service's report may lie there, or be written just now
  await untilHealth(service, isToldOf);
  await goesOn(service);

  mkdirSync(models);
  execFileSync('mount', ['--bind', bench.models, models]);
  await untilHealth(service, isWell);
  await activate(files, parseAgentName('wifi'), newer);
  await service.line(new RegExp(`model ${newer} is in use`));
  const report = await stream.stop();
  await finish(service, report);
  const { windows, anomalies } = await assertUndisturbed(watched, scene, report);
  console.log(
    `model directory: read-only, empty, gone, back; ${windows.size} windows, ${anomalies.size} anomalies, 0 lost, 0 doubled`,
  );
});
