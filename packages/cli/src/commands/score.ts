import { Command } from 'commander';
import type { ScoreOptions } from '../score-log.ts';

export function scoreCommand(): Command {
  return new Command('score')
    .description('score the windows of a CSV with a model, without a service')
    .requiredOption('--input-file <csv>', 'logs, as written by edgewood export')
    .requiredOption('--model <file or directory>', 'a .joblib file, or a model directory (its active version)')
    .option('--agent <name>', 'with a directory: whose model', 'wifi')
    .option('--output-file <csv>', 'window_start,device_id,score,decision,prediction (default: standard output)')
    .option('--only-anomalies', 'leave out windows whose decision is not below 0')
    .option('--start-date <date>', 'pass over what is older')
    .option('--end-date <date>', 'pass over what is as new or newer')
    .option('--time-zone <zone>', 'of dates and times that name none', 'UTC')
    .action(async (options: ScoreOptions) => {
      const { scoreLog } = await import('../score-log.ts');
      await scoreLog(options);
    });
}
