import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { postgresConnection } from '@edgewood/logs';
import type { AnomalyStore } from '../../packages/service/src/anomalies/anomaly-store.ts';
import { openPostgresAnomalyStore } from '../../packages/service/src/anomalies/postgres-anomaly-store.ts';
import { openSqliteAnomalyStore } from '../../packages/service/src/anomalies/sqlite-anomaly-store.ts';
import { ServiceProcess } from '../../packages/service/src/testing/service-process.ts';
import type { CommitKind, CommitMoment } from './commit-moment.ts';

/** The agents of every service here. */
export const AGENTS: readonly string[] = ['wifi', 'silence'];
/** Grace of the agents, in milliseconds. */
const GRACE_MS = 1_000;
const POLL_MS = 100;
const LISTENS = /^listening on/;
const SERVE_UNTIL_COMMIT = join(import.meta.dirname, 'serve-until-commit.ts');

export interface ServiceSetting {
  /** A folder of its own, which is made. */
  readonly folder: string;
  readonly models: string;
  /** Where processes that end by themselves leave what they have compiled, so that later ones start sooner. */
  readonly compiled: string;
  /** Of the log entries. */
  readonly databaseUrl: string;
  /** Table or view with the entries; default: `log_entries`. */
  readonly table?: string;
  /** How long a cycle may take; default `10m`. */
  readonly timeLimit?: string;
  /** Where anomalies are kept: by default in a SQLite file in the folder. */
  readonly storeFile?: string;
  readonly storeUrl?: string;
  readonly storeSchema?: string;
  /** Share of the machine's memory above which analysis waits; by default it never does: a machine of tests is busy. */
  readonly maxMemory?: string;
}

/** What `/healthz` answers. */
export interface Health {
  /** Of the answer: 200 or 503. */
  readonly code: number;
  readonly status: 'ok' | 'degraded' | 'failing';
  readonly reasons: readonly string[];
  readonly agents: readonly { readonly agent: string; readonly analysed_until: string | null }[];
}

/** One service with its configuration and its store, of which one process after another is run. */
export class WatchedService {
  readonly setting: ServiceSetting;
  readonly #config: string;
  readonly #started: ServiceProcess[] = [];

  constructor(setting: ServiceSetting) {
    this.setting = setting;
    mkdirSync(setting.folder, { recursive: true });
    this.#config = join(setting.folder, 'edgewood.yaml');
    this.configure({});
  }

  /** Writes the configuration anew, with a changed setting; a process that runs takes it up when it is told to. */
  configure(change: Partial<ServiceSetting>): void {
    writeFileSync(this.#config, configText({ ...this.setting, ...change }));
  }

  /** @param args of `serve.ts`, behind the configuration. */
  start(...args: string[]): ServiceProcess {
    return this.#start(args);
  }

  /** A process that kills itself at the nth commit of its store. */
  startUntilCommit(nth: number, moment: CommitMoment, kind: CommitKind): ServiceProcess {
    return this.#start([], { EDGEWOOD_DIES_AT: `${nth} ${moment} ${kind}` }, SERVE_UNTIL_COMMIT);
  }

  #start(args: readonly string[], more: NodeJS.ProcessEnv = {}, program?: string): ServiceProcess {
    const { databaseUrl, compiled } = this.setting;
    const env = { ...process.env, NODE_COMPILE_CACHE: compiled, DATABASE_URL: databaseUrl, ...more };
    const service = ServiceProcess.start([this.#config, ...args], env, program);
    this.#started.push(service);
    return service;
  }

  /** Ends whatever still runs. */
  async end(): Promise<void> {
    await Promise.all(this.#started.map((service) => service.kill()));
  }

  openStore(): AnomalyStore {
    const { storeUrl, storeSchema = 'public' } = this.setting;
    return storeUrl === undefined
      ? openSqliteAnomalyStore(storeFileOf(this.setting))
      : openPostgresAnomalyStore(postgresConnection(storeUrl, {}), storeSchema);
  }

  /** Works on the store, and closes it. */
  async withStore<Result>(work: (store: AnomalyStore) => Promise<Result>): Promise<Result> {
    const store = this.openStore();
    try {
      return await work(store);
    } finally {
      await store.close();
    }
  }

  /** Has all agents begin at this time instead of at the last window that is finished when they first run. */
  beginAt(fromMs: number): Promise<void> {
    return this.withStore(async (store) => {
      for (const agent of AGENTS) await store.moveCursor(agent, fromMs);
    });
  }
}

function storeFileOf({ storeFile, folder }: ServiceSetting): string {
  return storeFile ?? join(folder, 'found.sqlite');
}

function configText(setting: ServiceSetting): string {
  const { models, table = 'log_entries', timeLimit = '10m', storeUrl, storeSchema = 'public' } = setting;
  const store = storeUrl === undefined ? { file: storeFileOf(setting) } : { url: storeUrl, schema: storeSchema };
  const timing = { grace: GRACE_MS / 1000, time_limit: timeLimit, quiet: 2 };
  // JSON is YAML.
  return JSON.stringify({
    database: { table },
    models: { directory: models, poll_interval: 0.1 },
    store,
    http: { port: 0, requests_per_minute: 1_000_000 },
    resources: { max_cpu: '100%', max_memory: setting.maxMemory ?? '100%' },
    log: { level: 'debug' }, // so that every anomaly has a line
    agents: [
      { name: 'wifi', ...timing, late_horizon: '10m' },
      // What is silent depends on what came before: it is not judged again when rows come late, so none of these do.
      { name: 'silence', ...timing, late_horizon: 0, programs: ['crond'], window: '1s', options: { after: '5s' } },
    ],
  });
}

/** What a service says of itself. */
export async function healthOf(service: ServiceProcess): Promise<Health> {
  const answer = await ask(service, '/healthz');
  const { status, reasons, agents } = (await answer.json()) as Omit<Health, 'code'>;
  return { code: answer.status, status, reasons, agents };
}

/** A metric without labels, as the service exposes it. */
export async function metricOf(service: ServiceProcess, name: string): Promise<number> {
  const answer = await ask(service, '/metrics');
  return Number(new RegExp(`^${name} (.*)$`, 'm').exec(await answer.text())?.[1]);
}

/** Where it listens now: a changed configuration may have moved it. */
async function ask(service: ServiceProcess, path: string): Promise<Response> {
  const first = await service.line(LISTENS);
  const { address } = service.log.findLast(({ msg }) => LISTENS.test(msg)) ?? first;
  // A connection of its own: the server closes one that has been idle, and a test that waits may come just then.
  return fetch(new URL(path, String(address)), { headers: { connection: 'close' } });
}

/** Asks until the service is as it should be. Fails when it has not become so within the limit, in milliseconds. */
export async function untilHealth(
  service: ServiceProcess,
  isSo: (health: Health) => boolean,
  limitMs = 120_000,
): Promise<Health> {
  const giveUpMs = performance.now() + limitMs;
  for (;;) {
    const health = await healthOf(service);
    if (isSo(health)) return health;
    if (performance.now() > giveUpMs) {
      const said = service.log.slice(-5).map(({ msg }) => msg);
      throw new Error(`after ${limitMs / 1000} s it is still ${JSON.stringify(health)}; it said ${said.join(' | ')}`);
    }
    await sleep(POLL_MS);
  }
}

/** Whether all agents have analysed everything up to a time, Unix milliseconds. */
export function hasAnalysed(untilMs: number): (health: Health) => boolean {
  return ({ agents }) => agents.every(({ analysed_until: until }) => until !== null && Date.parse(until) >= untilMs);
}
