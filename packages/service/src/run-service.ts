import { parseTimeSpan } from '@edgewood/logs';
import { DrivenClock } from './clock.ts';
import { listenToSignals, type ProcessSignals, STOP_DEADLINE_MS } from './process-signals.ts';
import { ReloadingService, type ServiceSource } from './reloading-service.ts';
import type { Service } from './service.ts';
import type { ServiceLog } from './tell-events.ts';

/** Ends of a span of the past, as `parseTimeSpan` reads them, in the database's time zone. */
export interface ReplayBounds {
  readonly from: string;
  readonly to: string;
}

export interface RunOptions extends ServiceSource {
  /** Analyse this span of the past, by a driven clock, instead of what happens now. */
  readonly replay?: ReplayBounds | undefined;
  /** After a replay, stop; otherwise the service goes on answering HTTP until it is stopped. */
  readonly exitAfterReplay?: boolean | undefined;
  /** After a first signal to stop, the process is ended if it has not stopped after this long. Default 10 s. */
  readonly stopDeadlineMs?: number;
}

/**
 * Runs the service on the real world until SIGTERM or SIGINT, logging JSON to standard output.
 *
 * The first signal stops it gracefully, a second one or the deadline at once, with exit code 1. SIGHUP reads the
 * configuration again; if it is the same, or after a replay, it forces a look at the model directory.
 *
 * @throws {ServiceError} or {LogError} if it cannot start, or if a replay fails.
 */
export async function runService(options: RunOptions): Promise<void> {
  const running = ReloadingService.read(options);
  const signals = listenToSignals(() => running.log, options.stopDeadlineMs ?? STOP_DEADLINE_MS);
  try {
    if (options.replay === undefined) await runUntilStopped(running, signals);
    else await replaySpan(running, signals, options.replay, options.exitAfterReplay ?? false);
  } finally {
    await running.stop();
    signals.end();
    running.log.info({}, 'stopped');
  }
}

async function runUntilStopped(running: ReloadingService, signals: ProcessSignals): Promise<void> {
  await running.start();
  while ((await signals.next()) === 'reload') await running.reload(signals.stopping);
}

async function replaySpan(
  running: ReloadingService,
  signals: ProcessSignals,
  { from, to }: ReplayBounds,
  exitAfterReplay: boolean,
): Promise<void> {
  const span = parseTimeSpan(from, to, running.config.database.timeZone);
  const service = await running.open(new DrivenClock(span.fromMs));
  const stopped = lookAtModelsUntilStopped(service, signals);
  const replayed = service.replay(span).then((count) => tellReplay(running.log, count));
  await Promise.race([stopped, exitAfterReplay ? replayed : replayed.then(() => stopped)]);
}

/** A replay lives by one configuration. */
async function lookAtModelsUntilStopped(service: Service, signals: ProcessSignals): Promise<void> {
  while ((await signals.next()) === 'reload') await service.reloadModels();
}

function tellReplay(log: ServiceLog, { windows, anomalies }: { windows: number; anomalies: number }): void {
  log.info({ replay: 'finished', windows, anomalies }, `replay finished: ${windows} windows, ${anomalies} anomalies`);
}
