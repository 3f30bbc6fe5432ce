import { Command } from 'commander';
import type { ServeOptions } from '../serve-until-stopped.ts';

export function serveCommand(): Command {
  return new Command('serve')
    .description('run the service: analyse every finished window with the active model')
    .option('--config <yaml>', 'configuration (default: built-in defaults and the environment)')
    .option('--replay-from <time>', 'with --replay-to: analyse this span of the past first, by a driven clock')
    .option('--replay-to <time>', 'end of the span to replay')
    .option('--exit-after-replay', 'stop when the replay is done')
    .action(async (options: ServeOptions) => {
      const { serveUntilStopped } = await import('../serve-until-stopped.ts');
      await serveUntilStopped(options);
    });
}
