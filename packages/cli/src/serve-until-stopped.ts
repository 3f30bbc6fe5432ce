import { dirname } from 'node:path';
import { parseTimeSpan } from '@edgewood/logs';
import { loadConfig, runService } from '@edgewood/service';
import { UsageError } from './failure.ts';

export interface ServeOptions {
  readonly config?: string;
  readonly replayFrom?: string;
  readonly replayTo?: string;
  readonly exitAfterReplay?: boolean;
}

/** `edgewood serve`. */
export async function serveUntilStopped({
  config: path,
  replayFrom,
  replayTo,
  exitAfterReplay,
}: ServeOptions): Promise<void> {
  if ((replayFrom === undefined) !== (replayTo === undefined)) {
    throw new UsageError('--replay-from and --replay-to go together');
  }
  const config = await loadConfig(path, process.env);
  const replay =
    replayFrom === undefined || replayTo === undefined
      ? undefined
      : parseTimeSpan(replayFrom, replayTo, config.database.timeZone);
  const baseDirectory = path === undefined ? undefined : dirname(path);
  await runService({ config, env: process.env, baseDirectory, replay, exitAfterReplay });
}
