import type { TimeSpan } from '@edgewood/logs';
import { DrivenClock } from './clock.ts';
import type { ServiceConfig } from './config.ts';
import { createLog, createService } from './create-service.ts';
import type { ServiceLog } from './tell-events.ts';

/** After a first signal the service may take so long to stop by itself, in milliseconds. */
const STOP_DEADLINE_MS = 10_000;
/** How a process ends that had to be ended: by a second signal, or because it did not stop in time. */
const FORCED_EXIT_CODE = 1;

export interface RunOptions {
  readonly config: ServiceConfig;
  readonly env: NodeJS.ProcessEnv;
  /** Where the configuration lies: agents of files and packages are looked for from here. Default: where the process runs. */
  readonly baseDirectory?: string | undefined;
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
 * @throws {ServiceError} or {LogError} if it cannot start, or if a replay fails.
 */
export async function runService(options: RunOptions): Promise<void> {
  const { config, env, baseDirectory, replay, exitAfterReplay = false } = options;
  const log = createLog(config);
  const clock = replay === undefined ? {} : { clock: new DrivenClock(replay.fromMs) };
  const service = createService({ config, env, log, baseDirectory, ...clock });
  const signals = listenToSignals(log, () => service.reloadModels());
  try {
    if (replay === undefined) {
      await service.start();
      await signals.stop;
    } else {
      await service.open();
      const replayed = service.replay(replay).then((count) => tellReplay(log, count));
      await Promise.race([signals.stop, exitAfterReplay ? replayed : replayed.then(() => signals.stop)]);
    }
  } finally {
    await service.stop();
    signals.end();
    log.info({}, 'stopped');
  }
}

function tellReplay(log: ServiceLog, { windows, anomalies }: { windows: number; anomalies: number }): void {
  log.info({ replay: 'finished', windows, anomalies }, `replay finished: ${windows} windows, ${anomalies} anomalies`);
}

/** `stop` resolves at the first SIGTERM or SIGINT; from then on a deadline runs, and a second signal ends the process. */
function listenToSignals(log: ServiceLog, onHangUp: () => Promise<void>): { stop: Promise<void>; end: () => void } {
  const { promise: stop, resolve } = Promise.withResolvers<void>();
  let deadline: NodeJS.Timeout | undefined;
  const endNow = (reason: string) => {
    log.error({}, `${reason}: ending now`);
    process.exit(FORCED_EXIT_CODE);
  };
  const onStop = (signal: NodeJS.Signals) => {
    if (deadline !== undefined) return endNow(`a second signal, ${signal}`);
    log.info({ signal }, `${signal}: stopping`);
    deadline = setTimeout(() => endNow(`not stopped within ${STOP_DEADLINE_MS / 1000} s`), STOP_DEADLINE_MS);
    resolve();
  };
  const hangUp = () => void onHangUp();
  process.on('SIGTERM', onStop).on('SIGINT', onStop).on('SIGHUP', hangUp);
  const end = () => {
    clearTimeout(deadline);
    process.off('SIGTERM', onStop).off('SIGINT', onStop).off('SIGHUP', hangUp);
  };
  return { stop, end };
}
