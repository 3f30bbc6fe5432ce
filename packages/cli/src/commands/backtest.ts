import { Command } from 'commander';
import type { BacktestOptions } from '../backtest-log.ts';
import { parseDetectors, parseForestThreshold, parseThreshold } from '../option-values.ts';

export function backtestCommand(): Command {
  return new Command('backtest')
    .description('replay logs through a version, and tell what it would have found')
    .requiredOption('--agent <name>', 'whose model: wifi, dns, firewall, system; or all that have one that is live')
    .requiredOption('--dir <directory>', 'the model directory')
    .option('--version <version>', 'which version (default: the one that is live)')
    .option('--against <version>', 'a second version, to tell what the two disagree on')
    .option('--input-file <csv>', 'logs, as written by edgewood export (default: the database)')
    .option('--config <yaml>', 'where the database and the column mapping stand')
    .option('--start-date <date>', 'first moment that is judged; five days before it are looked at, if they are there')
    .option('--end-date <date>', 'end of what is judged')
    .option('--time-zone <zone>', 'of dates and times that name none', 'UTC')
    .option('--detector <name>', 'forest, surprise or both', parseDetectors, 'both')
    .option(
      '--surprise-threshold <score>',
      "surprises from here on are alarms (default: the version's, or 4.3)",
      parseThreshold,
    )
    .option(
      '--forest-threshold <score>',
      "scikit-learn scores below it are alarms (default: the version's, or its offset)",
      parseForestThreshold,
    )
    .option('--labels <json>', 'what really happened; tells incidents found and false alarms')
    .option('--report-file <html>', 'the same with charts, as one page that opens without a network')
    .option('--alarms-file <csv>', 'device_id,timestamp,score,window_s of every window that is a little odd or more')
    .addHelpText('after', HELP)
    .action(async (options: BacktestOptions) => {
      const { backtestLog } = await import('../backtest-log.ts');
      await backtestLog(options);
    });
}

const HELP = `
Scores in --alarms-file, higher is worse:
  surprise  -log10 of episodes a device and day; from 0.5 on
  forest    0 is usual, 0.5 the forest's offset, twice as far from usual is two thirds; from 0.4 on
  both      the surprise, and the forest's score divided by 20,000
With --against it holds the first version's.

Without --input-file logs are read from the database: DATABASE_URL, or the PG* variables, or the configuration file. A role
with SELECT on the table is enough.`;
