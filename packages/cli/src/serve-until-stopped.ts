import { runService } from '@edgewood/service';
import { UsageError } from './failure.ts';

export interface ServeOptions {
  readonly config?: string;
  readonly replayFrom?: string;
  readonly replayTo?: string;
  readonly exitAfterReplay?: boolean;
}

/** `edgewood serve`. */
export async function serveUntilStopped(options: ServeOptions): Promise<void> {
  const { config: configPath, replayFrom: from, replayTo: to, exitAfterReplay } = options;
  if ((from === undefined) !== (to === undefined)) {
    throw new UsageError('--replay-from and --replay-to go together');
  }
  const replay = from === undefined || to === undefined ? undefined : { from, to };
  await runService({ configPath, env: process.env, replay, exitAfterReplay });
}
