import { Command } from 'commander';
import type { BlindSpotOptions } from '../find-blind-spots.ts';
import { parseCount, parseList } from '../option-values.ts';

export function blindSpotsCommand(): Command {
  return new Command('blind-spots')
    .description('tell what logs cannot show: incidents hidden at a log level, programs nobody reads, unknown messages')
    .requiredOption('--input-file <csv>', 'logs of all programs: what an agent left out of an export is not missed')
    .option('--agents <names>', 'those that you run (default: all that there are)', parseList)
    .option('--start-date <date>', 'pass over what is older')
    .option('--end-date <date>', 'pass over what is as new or newer')
    .option('--time-zone <zone>', 'of dates and times that name none', 'UTC')
    .option('--top <count>', 'so many programs, and so many unknown messages, the most frequent first', parseCount, 20)
    .addHelpText('after', HELP)
    .action(async (options: BlindSpotOptions) => {
      const { findBlindSpots } = await import('../find-blind-spots.ts');
      await findBlindSpots(options);
    });
}

const HELP = `
A device is judged by what it has logged, so give a day or more. What is said to be hidden may also never have happened; what
is not listed can be seen, as far as the log shows. edgewood export writes the programs of its agents only: to find programs
that nobody reads, write the table with psql: \\copy (select … from log_entries) to 'logs.csv' csv header`;
