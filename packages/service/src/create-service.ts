import { PostgresLogSource, postgresConnection } from '@edgewood/logs';
import { LocalModelFiles } from '@edgewood/models';
import { pino } from 'pino';
import { openSqliteAnomalyStore } from './anomalies/sqlite-anomaly-store.ts';
import type { ServiceConfig } from './config.ts';
import { PrometheusMetrics } from './metrics/prometheus-metrics.ts';
import { Service, type ServiceParts } from './service.ts';

/** What a service is made from; each part that is given stands in for the real one. */
export interface CreateOptions extends Partial<Omit<ServiceParts, 'config'>> {
  readonly config: ServiceConfig;
  /** Completes the database's URL, as libpq does (`DATABASE_URL`, `PG*`). */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * A service on the real world, as its configuration says: log entries in PostgreSQL, model files on the disk, anomalies in
 * SQLite, a log of JSON lines on standard output. It does nothing before `start`; `stop` closes all of it.
 *
 * @throws {LogError} `BAD_CONNECTION`; {ServiceError} `STORE_FAILED`.
 */
export function createService({ config, env, ...given }: CreateOptions): Service {
  const { url, table, columns, timeZone } = config.database;
  const source = () =>
    new PostgresLogSource({ connection: postgresConnection(url, env), table: { table, columns, timeZone } });
  return new Service({
    config,
    source: given.source ?? source(),
    store: given.store ?? openSqliteAnomalyStore(config.store.file),
    files: given.files ?? new LocalModelFiles(config.models.directory),
    metrics: given.metrics ?? new PrometheusMetrics(),
    log: given.log ?? createLog(config),
    ...(given.clock !== undefined && { clock: given.clock }),
  });
}

/** JSON, a line each, on standard output; levels in words. */
export function createLog(config: ServiceConfig): pino.Logger {
  return pino({
    level: config.log.level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  });
}
