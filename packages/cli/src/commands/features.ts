import { Command } from 'commander';
import { parseDurationMs, parseGrouping, parseList } from '../option-values.ts';
import type { FeaturesOptions } from '../write-features.ts';

export function featuresCommand(): Command {
  return new Command('features')
    .description('write the feature table of exported logs, the very one that training uses')
    .requiredOption('--agent <name>', 'whose features: wifi, dns, firewall, system')
    .option(
      '--model <file or directory>',
      "as this version's forest sees them: a .joblib file, or a model directory (the agent's active version)",
    )
    .requiredOption('--input-file <csv>', 'logs, as written by edgewood export')
    .requiredOption('--output-file <csv>', 'window_start,device_id,<features…>')
    .option('--programs <names>', "of these programs' entries (default: the agent's)", parseList)
    .option('--features <names>', 'only these, in this order', parseList)
    .option('--window <duration>', "length of a window (default: the agent's, 300s)", parseDurationMs)
    .option('--group-by <grouping>', 'device or global (default: device)', parseGrouping)
    .option('--start-date <date>', 'pass over what is older')
    .option('--end-date <date>', 'pass over what is as new or newer')
    .option('--time-zone <zone>', 'of dates and times that name none', 'UTC')
    .action(async (options: FeaturesOptions) => {
      const { writeFeatures } = await import('../write-features.ts');
      await writeFeatures(options);
    });
}
