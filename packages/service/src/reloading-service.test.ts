import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { LocalModelFiles } from '@edgewood/models';
import { createLogTable, loadLogTable } from '../../logs/src/testing/log-table.ts';
import { csvRow } from '../../logs/src/testing/memory-log-source.ts';
import { type PostgresServer, startPostgres } from '../../logs/src/testing/postgres-server.ts';
import type { AnomalyStore } from './anomalies/anomaly-store.ts';
import { openSqliteAnomalyStore } from './anomalies/sqlite-anomaly-store.ts';
import { ServiceProcess } from './testing/service-process.ts';
import { addModel, quietLog, START_MS, WINDOW_MS } from './testing/wifi-models.ts';

const WINDOWS = 1_000;
const END_MS = START_MS + WINDOWS * WINDOW_MS;
const STORMS = Array.from({ length: 20 }, (_, n) => 13 + n * 49);
/** So often the configuration changes while the log is analysed: as often as there is time, but not less than the least. */
const RELOADS = { least: 3, most: 10 };
const ASK_AGAIN_MS = 20;

let server: PostgresServer;
let readerUrl = '';

before(async () => {
  server = await startPostgres();
  readerUrl = await createLogTable(server.url);
  const entries = quietLog(WINDOWS, { storms: STORMS });
  await loadLogTable(
    server.url,
    (async function* () {
      yield 'timestamp,device_id,program,log_level,message\n';
      for (let at = 0; at < entries.length; at += 1_000)
        yield entries
          .slice(at, at + 1_000)
          .map(csvRow)
          .join('');
    })(),
  );
});
after(() => server.stop());

type Changes = Readonly<Record<string, unknown>>;

/** A folder with a configuration that a test rewrites, a model, and a store whose agent begins where the log does. */
async function setUp(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'edgewood-reload-'));
  const started: ServiceProcess[] = [];
  t.after(async () => {
    for (const service of started) await service.kill();
    rmSync(folder, { recursive: true });
  });
  const path = join(folder, 'edgewood.yaml');
  const file = join(folder, 'found.sqlite');
  mkdirSync(join(folder, 'models'));
  await addModel(new LocalModelFiles(join(folder, 'models')));
  /** JSON is YAML. */
  const write = (changes: Changes = {}) => {
    const http = { port: 0, requests_per_minute: 1_000_000, ...(changes.http ?? {}) };
    const config = {
      models: { directory: join(folder, 'models'), poll_interval: '1h' },
      store: { file },
      resources: { max_cpu: '100%', max_memory: '100%' },
      agents: [{ name: 'wifi', catch_up_max: '3650d' }],
      ...changes,
      http,
    };
    writeFileSync(path, JSON.stringify(config));
  };
  write();
  await withStore(file, (store) => store.moveCursor('wifi', START_MS));
  const start = (env: NodeJS.ProcessEnv = {}, args: readonly string[] = []) => {
    const service = ServiceProcess.start([path, ...args], { ...process.env, DATABASE_URL: readerUrl, ...env });
    started.push(service);
    return service;
  };
  return { folder, file, write, start };
}

async function withStore<Result>(file: string, work: (store: AnomalyStore) => Promise<Result>): Promise<Result> {
  const store = openSqliteAnomalyStore(file);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** All that the store has of the log's span; but not when it was found. */
function found(file: string) {
  return withStore(file, async (store) => {
    const span = { agent: 'wifi', sinceMs: START_MS, untilMs: END_MS, limit: 10_000 };
    const anomalies = await store.anomalies({ ...span, limit: 1_000 });
    return {
      windows: await store.windows({ ...span, vectors: true }),
      anomalies: anomalies.map(({ detectedAtMs: _, review: __, ...of }) => of),
    };
  });
}

interface Health {
  readonly status: string;
  readonly reasons: readonly string[];
  readonly agents: readonly { readonly analysed_until: string | null }[];
}

/** What the service says of itself that has come up as the `nth`. */
async function healthOf(service: ServiceProcess, nth: number): Promise<Health> {
  const { address } = await service.line(/^listening on/, nth);
  return (await (await fetch(new URL('/healthz', String(address)))).json()) as Health;
}

/** When the agent is beyond a time; how far it has come then, Unix milliseconds. */
async function untilBeyond(service: ServiceProcess, nth: number, timeMs: number): Promise<number> {
  for (;;) {
    const { agents } = await healthOf(service, nth);
    const analysedMs = Date.parse(agents[0]?.analysed_until ?? '');
    if (analysedMs > timeMs) return analysedMs;
    await sleep(ASK_AGAIN_MS);
  }
}

test('no window is lost or looked at twice while the configuration changes time and again', async (t) => {
  const { write, start, file } = await setUp(t);
  const undisturbed = await setUp(t);
  const replay = undisturbed.start({}, [String(START_MS), String(END_MS), 'exit']);
  const service = start();
  let analysedMs = START_MS;
  let lives = 1;
  for (; lives <= RELOADS.most; lives += 1) {
    analysedMs = await untilBeyond(service, lives, analysedMs);
    if (analysedMs >= END_MS) break;
    if (lives % 3 === 0) {
      write({ http: { prt: lives } });
      service.signal('SIGHUP');
      await service.line(/^the configuration before stays in use: .*there is no such key/, lives / 3);
    }
    write({ http: { requests_per_minute: 1_000_000 - lives } });
    service.signal('SIGHUP');
    await service.line(/^the configuration changed/, lives);
    service.signal('SIGHUP'); // one more, whatever it finds
  }
  assert.ok(lives > RELOADS.least, `the log is too short, it has ended after ${lives} lives`);
  await untilBeyond(service, lives, END_MS);
  service.signal('SIGTERM');
  assert.equal(await service.ended, 0);

  assert.equal(await replay.ended, 0);
  const [disturbed, expected] = [await found(file), await found(undisturbed.file)];
  assert.equal(expected.windows.length, 2 * WINDOWS);
  assert.ok(expected.anomalies.length >= STORMS.length, `${expected.anomalies.length} anomalies`);
  assert.deepEqual(disturbed.windows, expected.windows);
  assert.deepEqual(disturbed.anomalies, expected.anomalies);
});

test('a wrong configuration is refused with all that is wrong, and said until it is mended', async (t) => {
  const { write, start } = await setUp(t);
  const service = start();
  const { address } = await service.line(/^listening on/);
  write({ http: { prt: 1 }, lgo: {} });
  service.signal('SIGHUP');
  const { problems } = await service.line(
    /^the configuration before stays in use: the configuration is wrong: .*\(and 1 more\)$/,
  );
  assert.equal((problems as string[]).length, 2);
  const { status, reasons } = await healthOf(service, 1);
  assert.equal(status, 'degraded');
  assert.match(reasons.join(), /the configuration before stays in use: .* http\.prt: there is no such key/);
  const metrics = await (await fetch(new URL('/metrics', String(address)))).text();
  assert.match(metrics, /^edgewood_config_reload_failures_total 1$/m);
  write();
  service.signal('SIGHUP');
  await service.line(/^the configuration is the same/);
  assert.doesNotMatch((await healthOf(service, 1)).reasons.join(), /configuration/);
});

const UNLIVABLE: readonly [string, (taken: number) => Changes, RegExp][] = [
  ['whose port is taken', (port) => ({ http: { port } }), /cannot listen on .*EADDRINUSE/],
  ['whose store cannot be opened', () => ({ store: { file: '/nonexistent/found.sqlite' } }), /nonexistent/],
];

for (const [what, changes, reason] of UNLIVABLE) {
  test(`a configuration ${what} brings the one before back`, async (t) => {
    const { write, start } = await setUp(t);
    const taken = createServer().listen(0, '127.0.0.1');
    t.after(() => taken.close());
    const service = start();
    const before = await untilBeyond(service, 1, START_MS);
    write(changes((taken.address() as { port: number }).port));
    service.signal('SIGHUP');
    const { msg } = await service.line(/^the configuration before stays in use/);
    assert.match(msg, reason);
    await untilBeyond(service, 2, before);
    assert.match((await healthOf(service, 2)).reasons.join(), reason);
    write({ http: { requests_per_minute: 999_999 } });
    service.signal('SIGHUP');
    await untilBeyond(service, 3, before);
    assert.doesNotMatch((await healthOf(service, 3)).reasons.join(), reason);
    service.signal('SIGTERM');
    assert.equal(await service.ended, 0);
  });
}

test('SIGTERM during a reload ends the service gracefully, and nothing is started any more', async (t) => {
  const { write, start } = await setUp(t);
  const service = start();
  await service.line(/^listening on/);
  write({ http: { requests_per_minute: 999_999 } });
  service.signal('SIGHUP');
  service.signal('SIGTERM');
  assert.equal(await service.ended, 0);
  const last = service.log.at(-1);
  assert.equal(last?.msg, 'stopped');
});

test('many SIGHUPs in a row come to the last configuration', async (t) => {
  const { write, start } = await setUp(t);
  const service = start();
  await service.line(/^listening on/);
  for (let n = 1; n <= 20; n += 1) {
    write({ http: { requests_per_minute: 1_000_000 - n }, log: { level: 'info' } });
    service.signal('SIGHUP');
  }
  await service.line(/^listening on/, 2);
  service.signal('SIGHUP');
  await service.line(/^the configuration is the same/);
  service.signal('SIGTERM');
  assert.equal(await service.ended, 0);
});

test('a secret that changed in its file is a change of the configuration', async (t) => {
  const { folder, write, start } = await setUp(t);
  const limit = join(folder, 'limit');
  writeFileSync(limit, '5000\n');
  write({ http: { requests_per_minute: '${LIMIT}' } });
  const service = start({ LIMIT_FILE: limit });
  await service.line(/^listening on/);
  writeFileSync(limit, '6000\n');
  service.signal('SIGHUP');
  await service.line(/^listening on/, 2);
});

test('a service that stands open is warned of', async (t) => {
  const { write, start } = await setUp(t);
  write({ http: { host: '0.0.0.0' } });
  await start().line(/^http: whoever reaches 0\.0\.0\.0:0 can read/);
});
