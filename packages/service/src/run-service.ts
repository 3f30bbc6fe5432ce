import { PostgresLogSource, postgresConnection, type TimeSpan } from '@edgewood/logs';
import { LocalModelFiles } from '@edgewood/models';
import { pino } from 'pino';
import { openSqliteAnomalyStore } from './anomalies/sqlite-anomaly-store.ts';
import { DrivenClock } from './clock.ts';
import type { ServiceConfig } from './config.ts';
import { PrometheusMetrics } from './metrics/prometheus-metrics.ts';
import { Service } from './service.ts';

/** After a first signal the service may take so long to stop by itself, in milliseconds. */
const STOP_DEADLINE_MS = 10_000;

export interface RunOptions {
  readonly config: ServiceConfig;
  readonly env: NodeJS.ProcessEnv;
  /** Analyse this span of the past, by a driven clock, instead of what happens now. */
  readonly replay?: TimeSpan | undefined;
  /** After a replay, stop; otherwise the service goes on answering HTTP until it is stopped. */
  readonly exitAfterReplay?: boolean | undefined;
}

/**
 * Runs the service on the real world until SIGTERM or SIGINT, logging JSON to standard output.
 *
 * The first signal stops it gracefully, a second one or the deadline at once. SIGHUP forces a look at the model directory.
 *
 * @throws {ServiceError} if it cannot start.
 */
export async function runService({ config, env, replay, exitAfterReplay }: RunOptions): Promise<void> {
  const log = pino({
    level: config.log.level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  });
  const { url, table, columns, timeZone } = config.database;
  const connection = postgresConnection(url, env);
  const service = new Service({
    config,
    log,
    source: new PostgresLogSource({ connection, table: { table, columns, timeZone } }),
    store: openSqliteAnomalyStore(config.store.file),
    files: new LocalModelFiles(config.models.directory),
    metrics: new PrometheusMetrics(),
    ...(replay === undefined ? {} : { clock: new DrivenClock(replay.fromMs) }),
  });
  const stopped = stopSignal();
  process.on('SIGHUP', () => void service.checkModels());
  try {
    if (replay === undefined) await service.start();
    else await service.open();
    if (replay !== undefined) await replayAndTell(service, replay, log);
    if (replay === undefined || exitAfterReplay !== true) await stopped;
  } finally {
    await service.stop();
    log.info({}, 'stopped');
  }
}

async function replayAndTell(service: Service, span: TimeSpan, log: pino.Logger): Promise<void> {
  const count = { windows: 0, anomalies: 0 };
  service.events.on('slot:analysed', ({ windows, anomalies }) => {
    count.windows += windows;
    count.anomalies += anomalies;
  });
  await service.replay(span);
  log.info({ replay: 'finished', ...count }, `replay finished: ${count.windows} windows, ${count.anomalies} anomalies`);
}

/** Resolves at the first SIGTERM or SIGINT; from then on a deadline runs, and a second signal ends the process. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    const first = () => {
      for (const signal of ['SIGTERM', 'SIGINT'] as const) {
        process.off(signal, first);
        process.once(signal, () => process.exit(1));
      }
      setTimeout(() => process.exit(1), STOP_DEADLINE_MS).unref();
      resolve();
    };
    process.on('SIGTERM', first);
    process.on('SIGINT', first);
  });
}
