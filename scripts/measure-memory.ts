/**
 * Measures the memory of `edgewood serve` with one agent and a loaded model, as the system accounts for it in
 * `/proc/<pid>/status`: with a database that nobody can reach, and with a real one, after cycles. Linux only, no root.
 *
 *   npm run measure:memory                   as deploy/edgewood.service runs it
 *   npm run measure:memory -- --all          also the bundle without the unit's options, and the packages without a bundle
 *   npm run measure:memory -- --seconds 10   not a minute each
 */
import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs, promisify } from 'node:util';
import { createLogTable, execute, loadLogTable } from '../packages/logs/src/testing/log-table.ts';
import { startPostgres } from '../packages/logs/src/testing/postgres-server.ts';
import { unitCommand } from './unit-command.ts';

const root = join(import.meta.dirname, '..');
const SAMPLE = join(root, 'examples/sample/log_entries_sample.csv');
/** A port that nobody listens on. */
const UNREACHABLE = 'postgresql://nobody@127.0.0.1:1/none';
/** Short, so that every measurement has seen cycles. */
const WINDOW = '10s';
const USUAL_SECONDS = '60';

/** A way to run the command. */
interface Way {
  readonly name: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const BUNDLE = join(root, 'bundle/edgewood.mjs');
const UNIT = unitCommand();
const AS_THE_UNIT: Way = { name: "bundle, the unit's options", args: [...UNIT.nodeOptions, BUNDLE], env: UNIT.env };
const WAYS: readonly Way[] = [
  AS_THE_UNIT,
  { name: 'bundle', args: [BUNDLE], env: {} },
  { name: 'packages', args: [join(root, 'packages/cli/bin/edgewood.js')], env: {} },
];

/** Megabytes. `file` is Node itself and its libraries, which the system shares and can drop; `anonymous` is the rest. */
interface Memory {
  readonly resident: number;
  readonly anonymous: number;
  readonly file: number;
  readonly peak: number;
}

async function memoryOf(pid: number): Promise<Memory> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const megabytes = (field: string) =>
    (Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024) / 1e6;
  return {
    resident: megabytes('VmRSS'),
    anonymous: megabytes('RssAnon'),
    file: megabytes('RssFile'),
    peak: megabytes('VmHWM'),
  };
}

const configuration = (folder: string) => `
models: {directory: ${join(folder, 'models')}}
store: {file: ${join(folder, 'anomalies.sqlite')}}
http: {port: 0}
agents: [{name: wifi, grace: 0s}]
resources: {max_cpu: 100%, max_memory: 100%}
`;

/** The first three stages, by the bundle. */
async function addModel(folder: string, databaseUrl: string): Promise<void> {
  const env = { ...process.env, DATABASE_URL: databaseUrl };
  const run = (...args: string[]) => promisify(execFile)(process.execPath, [BUNDLE, ...args], { env });
  const [models, logs] = [join(folder, 'models'), join(folder, 'logs.csv')];
  await mkdir(models);
  const span = ['--start-date', '2025-05-01', '--end-date', '2025-05-04'];
  await run('export', '--agent', 'wifi', ...span, '--output-file', logs);
  await run('train', '--agent', 'wifi', '--input-file', logs, '--output-dir', models, '--window', WINDOW);
  await run('models', 'activate', 'wifi', 'latest', '--dir', models);
}

/** Runs the service for so long and says what it takes then. */
async function measure(way: Way, folder: string, databaseUrl: string, seconds: number): Promise<string> {
  const env = { ...process.env, ...way.env, DATABASE_URL: databaseUrl };
  const args = [...way.args, 'serve', '--config', join(folder, 'edgewood.yaml')];
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  try {
    const address = await addressIn(child.stdout);
    await sleep(seconds * 1000);
    const { resident, anonymous, file, peak } = await memoryOf(child.pid!);
    const metrics = await (await fetch(`${address}/metrics`)).text();
    const windows = /^edgewood_windows_analysed_total\{agent="wifi"\} (\d+)$/m.exec(metrics)?.[1];
    const [rss, anon, mapped, most] = [resident, anonymous, file, peak].map((megabytes) => megabytes.toFixed(1));
    return `RSS ${rss} MB (anonymous ${anon}, file ${mapped}), peak ${most} MB; ${windows} windows`;
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
}

/** Where the service listens, from its log, which is then read on to its end. */
async function addressIn(log: NodeJS.ReadableStream): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let said = '';
  createInterface({ input: log })
    .on('line', (line) => {
      said += `${line}\n`;
      const { address } = JSON.parse(line);
      if (address !== undefined) resolve(address);
    })
    .once('close', () => reject(new Error(`it never listened: ${said}`)));
  return promise;
}

/** Moves the sample in time, so that it is a live log: it goes on for a day from now. */
const MAKE_LIVE = `
  UPDATE log_entries SET "timestamp" = "timestamp" + (SELECT now() + interval '1 day' - max("timestamp") FROM log_entries)`;

async function main(): Promise<void> {
  const options = {
    all: { type: 'boolean', default: false },
    seconds: { type: 'string', default: USUAL_SECONDS },
  } as const;
  const { all, seconds } = parseArgs({ options }).values;
  const folder = await mkdtemp(join(tmpdir(), 'edgewood-memory-'));
  const server = await startPostgres();
  try {
    await writeFile(join(folder, 'edgewood.yaml'), configuration(folder));
    const reader = await createLogTable(server.url);
    await loadLogTable(server.url, SAMPLE);
    await addModel(folder, reader);
    await execute(server.url, MAKE_LIVE);
    for (const way of all ? WAYS : [AS_THE_UNIT]) {
      for (const [database, url] of Object.entries({ 'no database': UNREACHABLE, PostgreSQL: reader })) {
        console.log(`${way.name}; ${database}: ${await measure(way, folder, url, Number(seconds))}`);
      }
    }
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

await main();
