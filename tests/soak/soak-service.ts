/**
 * The service of a soak as a process of its own, on a real directory and a real store, by a clock that is driven from one
 * wake-up to the next. At every hour of that clock it checks what it has stored, says how much it holds, and waits to be
 * told to go on. `node --expose-gc soak-service.ts HOURS TOKEN_HASH`.
 */
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalModelFiles } from '@edgewood/models';
import { openSqliteAnomalyStore } from '../../packages/service/src/anomalies/sqlite-anomaly-store.ts';
import { parseConfig } from '../../packages/service/src/config.ts';
import { PrometheusMetrics } from '../../packages/service/src/metrics/prometheus-metrics.ts';
import { Service } from '../../packages/service/src/service.ts';
import { ManualClock } from '../../packages/service/src/testing/manual-clock.ts';
import { addModel } from '../../packages/service/src/testing/wifi-models.ts';
import { START_MS, WINDOW_MS } from './generated-log.ts';
import { GeneratedLogSource } from './generated-log-source.ts';
import { WindowCheck } from './window-check.ts';

const HOUR_MS = 3_600_000;
/** Each cycle has a timer of so long in real time: ten minutes would keep those of a whole week. */
const TIME_LIMIT = '20s';
/** What is stored is compared with the log when so much time has passed: late entries have come by then. */
const SETTLED_MS = HOUR_MS;
/** Small enough to be reached within days: then the oldest goes. */
const STORE_LIMITS = { max_age: '90d', max_size: '1MB' };

/** What the process says at the beginning. */
export interface SoakReady {
  readonly kind: 'ready';
  readonly address: string;
  /** Versions of the model, the active one first. */
  readonly versions: readonly string[];
  readonly storeLimitBytes: number;
}

/** What it holds after an hour of its clock. */
export interface SoakHour {
  readonly kind: 'hour';
  /** Hours since the beginning. */
  readonly hour: number;
  readonly rssBytes: number;
  /** Of the heap and beside it, after a garbage collection. */
  readonly heapBytes: number;
  readonly externalBytes: number;
  /** Open files, sockets among them. */
  readonly files: number;
  /** Timers, sockets and whatever else keeps a process alive. */
  readonly handles: number;
  /** The store's files. */
  readonly storeBytes: number;
  /** Counts since the beginning. */
  readonly windows: number;
  readonly anomalies: number;
  readonly lateSlots: number;
  readonly modelSwitches: number;
  readonly sourceFailures: number;
  readonly prunedRows: number;
}

const [hours = '24', tokenHash = ''] = process.argv.slice(2);
const directory = mkdtempSync(join(tmpdir(), 'edgewood-soak-'));
process.on('disconnect', () => {
  rmSync(directory, { recursive: true, force: true });
  process.exit();
});
mkdirSync(join(directory, 'models'));
mkdirSync(join(directory, 'store'));

const config = parseConfig(
  JSON.stringify({
    http: { port: 0, tokens: [tokenHash], requests_per_minute: 1_000_000 },
    store: STORE_LIMITS,
    agents: ['wifi', 'silence'].map((name) => ({ name, time_limit: TIME_LIMIT })),
  }),
  'soak',
  {},
);
const clock = new ManualClock(START_MS);
const source = new GeneratedLogSource(clock);
const store = openSqliteAnomalyStore(join(directory, 'store', 'store.sqlite'));
const files = new LocalModelFiles(join(directory, 'models'));
const versions = [await addModel(files), await addModel(files, { randomState: 7, activated: false })];
const service = new Service({
  config,
  source,
  store,
  files,
  clock,
  metrics: new PrometheusMetrics(),
  log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
  loadAgent: ({ name }) => {
    throw new Error(`no agent of a third party here: ${name}`);
  },
});

const counts = { anomalies: 0, lateSlots: 0, modelSwitches: 0, prunedRows: 0 };
service.events.on('anomaly:detected', () => {
  counts.anomalies += 1;
});
service.events.on('entries:late', () => {
  counts.lateSlots += 1;
});
service.events.on('model:loaded', () => {
  counts.modelSwitches += 1;
});
const checks = [
  { agent: 'wifi', check: new WindowCheck(store, 'wifi', ['hostapd']) },
  { agent: 'silence', check: new WindowCheck(store, 'silence', 'all') },
];

clock.set(START_MS + WINDOW_MS + config.agents[0].graceMs);
await service.start();
const { limits } = config.store;
tell({ kind: 'ready', address: service.address ?? '', versions, storeLimitBytes: limits.maxBytes });
for (let hour = 1; hour <= Number(hours); hour += 1) {
  await runUntil(START_MS + hour * HOUR_MS);
  for (const { agent, check } of checks) await check.checkUntil(settledMs(agent));
  counts.prunedRows += await store.prune(limits, clock.nowMs()); // as the service's upkeep does, which goes by real time
  const told = once(process, 'message');
  tell(hold(hour));
  await told;
}
await service.stop();
process.disconnect();

function tell(message: SoakReady | SoakHour): void {
  process.send?.(message);
}

/** Moves the clock from one wake-up to the next; whatever is due at one is done before the next. */
async function runUntil(untilMs: number): Promise<void> {
  for (;;) {
    const working = service.status.agents.filter(({ enabled }) => enabled).length;
    const nextMs = await clock.asleep(working);
    if (nextMs > untilMs) break;
    clock.set(nextMs);
  }
  clock.set(untilMs);
}

/** Up to where an agent's windows will not change any more. */
function settledMs(agent: string): number {
  const analysedMs = service.status.agents.find((of) => of.agent === agent)?.analysedUntilMs ?? START_MS;
  return Math.floor((analysedMs - SETTLED_MS) / WINDOW_MS) * WINDOW_MS;
}

function hold(hour: number): SoakHour {
  globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  const inStore = readdirSync(join(directory, 'store'));
  return {
    kind: 'hour',
    hour,
    rssBytes: rss,
    heapBytes: heapUsed,
    externalBytes: external,
    files: readdirSync('/proc/self/fd').length,
    handles: process.getActiveResourcesInfo().length,
    storeBytes: inStore.reduce((sum, name) => sum + statSync(join(directory, 'store', name)).size, 0),
    windows: checks.reduce((sum, { check }) => sum + check.windows, 0),
    sourceFailures: source.failures,
    ...counts,
  };
}
