import type { ServiceLog } from './tell-events.ts';

/** After a first signal to stop, the service may take so long to do it by itself, in milliseconds. */
export const STOP_DEADLINE_MS = 10_000;
/** How a process ends that had to be ended: by a second signal, or because it did not stop in time. */
const FORCED_EXIT_CODE = 1;

/** What the process is told from outside. */
export interface ProcessSignals {
  /** Comes with the first SIGTERM or SIGINT. From then on a deadline runs, and a second one ends the process at once. */
  readonly stopping: AbortSignal;
  /** What is to be done next. Any number of SIGHUPs since the last time are one `reload`; a stop goes before it. */
  next(): Promise<'stop' | 'reload'>;
  /** Listens no longer, and the deadline runs no longer. */
  end(): void;
}

/** @param log where it is said what came; another one after a reload. */
export function listenToSignals(log: () => ServiceLog, deadlineMs: number): ProcessSignals {
  const stopping = new AbortController();
  let deadline: NodeJS.Timeout | undefined;
  let reloadAsked = false;
  let wake = (): void => {};
  const endNow = (reason: string) => {
    log().error({}, `${reason}: ending now`);
    process.exit(FORCED_EXIT_CODE);
  };
  const onStop = (signal: NodeJS.Signals) => {
    if (deadline !== undefined) return endNow(`a second signal, ${signal}`);
    log().info({ signal }, `${signal}: stopping`);
    deadline = setTimeout(() => endNow(`not stopped within ${deadlineMs / 1000} s`), deadlineMs);
    stopping.abort();
    wake();
  };
  const onHangUp = () => {
    reloadAsked = true;
    wake();
  };
  process.on('SIGTERM', onStop).on('SIGINT', onStop).on('SIGHUP', onHangUp);
  return {
    stopping: stopping.signal,
    next: async () => {
      while (!stopping.signal.aborted && !reloadAsked) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if (stopping.signal.aborted) return 'stop';
      reloadAsked = false;
      return 'reload';
    },
    end: () => {
      clearTimeout(deadline);
      process.off('SIGTERM', onStop).off('SIGINT', onStop).off('SIGHUP', onHangUp);
    },
  };
}
