import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { PostgresLogSource, postgresConnection } from '@edgewood/logs';
import { LocalModelFiles, ModelError, parseTrustedKeys, type TrustedKey } from '@edgewood/models';
import { pino } from 'pino';
import { loadAgent } from './agents/load-agent.ts';
import type { AnomalyStore } from './anomalies/anomaly-store.ts';
import { openPostgresAnomalyStore } from './anomalies/postgres-anomaly-store.ts';
import { openSqliteAnomalyStore } from './anomalies/sqlite-anomaly-store.ts';
import type { ServiceConfig } from './config.ts';
import { ServiceError } from './errors.ts';
import { PrometheusMetrics } from './metrics/prometheus-metrics.ts';
import { watchStore } from './metrics/watch-store.ts';
import { ProcMachineLoad } from './resources/proc-machine-load.ts';
import { Service, type ServiceParts } from './service.ts';
import { StoreReplacements } from './store-replacements.ts';

/** What a service is made from; each part that is given stands in for the real one. */
export interface CreateOptions extends Partial<Omit<ServiceParts, 'config'>> {
  readonly config: ServiceConfig;
  /** Completes the database's URL, as libpq does (`DATABASE_URL`, `PG*`). */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where the configuration lies: agents of files and packages are looked for from here. Default: where the process runs. */
  readonly baseDirectory?: string | undefined;
}

/**
 * A service on the real world, as its configuration says: log entries in PostgreSQL, model files on the disk, anomalies in
 * SQLite, a log of JSON lines on standard output. It does nothing before `start`; `stop` closes all of it.
 *
 * @throws {LogError} `BAD_CONNECTION`; {ServiceError} `STORE_FAILED`.
 */
export function createService({ config, env, baseDirectory = '.', ...given }: CreateOptions): Service {
  const log = given.log ?? createLog(config);
  const replacements = new StoreReplacements();
  const { url, table, columns, timeZone } = config.database;
  const source = () =>
    new PostgresLogSource({ connection: postgresConnection(url, env), table: { table, columns, timeZone } });
  const metrics = given.metrics ?? new PrometheusMetrics();
  const store = given.store ?? openStore(config.store, env, (setAside) => replacements.tell(setAside));
  return new Service({
    config,
    source: given.source ?? source(),
    store: watchStore(store, (isUp) => metrics.storeUp(isUp)),
    replacements,
    trustedKeys: given.trustedKeys ?? config.models.trustedKeys.flatMap(readKeys),
    load: given.load ?? new ProcMachineLoad(),
    files: given.files ?? new LocalModelFiles(config.models.directory),
    metrics,
    log,
    loadAgent: given.loadAgent ?? ((agent) => loadAgent(agent, { baseDirectory: resolve(baseDirectory), log })),
    ...(given.clock !== undefined && { clock: given.clock }),
  });
}

/** @throws {ServiceError} `BAD_CONFIG` for a file that cannot be read; {ModelError} for one that holds no such key. */
function readKeys(file: string): readonly TrustedKey[] {
  try {
    return parseTrustedKeys(readFileSync(file, 'utf8'), file);
  } catch (error) {
    if (error instanceof ModelError) throw error;
    const message = `models.trusted_keys: cannot read ${file}: ${(error as Error).message}`;
    throw new ServiceError('BAD_CONFIG', message, { cause: error });
  }
}

function openStore(
  { url, file, schema }: ServiceConfig['store'],
  env: CreateOptions['env'],
  onSetAside: (setAside: string) => void,
): AnomalyStore {
  return url === undefined
    ? openSqliteAnomalyStore(file, onSetAside)
    : openPostgresAnomalyStore(postgresConnection(url, env), schema);
}

/**
 * JSON, a line each, on standard output; levels in words. Each line is written at once: what was told of is marked as told,
 * and a process that is killed then must not take the lines with it.
 */
export function createLog(config: ServiceConfig): pino.Logger {
  const options = {
    level: config.log.level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return pino(options, pino.destination({ dest: 1, sync: true }));
}
