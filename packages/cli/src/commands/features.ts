import { Command } from 'commander';
import { parseDurationMs, parseGrouping, parseList } from '../option-values.ts';
import { printLate } from '../print-late.ts';
import { formatNumber, ProgressLine, printLine } from '../terminal.ts';

interface FeaturesOptions {
  agent: string;
  inputFile: string;
  outputFile: string;
  programs?: string[];
  features?: string[];
  window?: number;
  groupBy: 'device' | 'global';
  startDate?: string;
  endDate?: string;
  timeZone: string;
}

export function featuresCommand(): Command {
  return new Command('features')
    .description('write the feature table of exported logs, the very one that training uses')
    .requiredOption('--agent <name>', 'whose features: wifi, dns, firewall, system')
    .requiredOption('--input-file <csv>', 'logs, as written by edgewood export')
    .requiredOption('--output-file <csv>', 'window_start,device_id,<features…>')
    .option('--programs <names>', "of these programs' entries (default: the agent's)", parseList)
    .option('--features <names>', 'only these, in this order', parseList)
    .option('--window <duration>', "length of a window (default: the agent's, 300s)", parseDurationMs)
    .option('--group-by <grouping>', 'device or global', parseGrouping, 'device')
    .option('--start-date <date>', 'pass over what is older')
    .option('--end-date <date>', 'pass over what is as new or newer')
    .option('--time-zone <zone>', 'of dates and times that name none', 'UTC')
    .action(writeFeatures);
}

async function writeFeatures(options: FeaturesOptions): Promise<void> {
  const [
    { agentProfile, createFeatureExtractor },
    { readLogCsv },
    { featureRows, newRowCount, writeFeatureCsv },
    { parseBounds },
  ] = await Promise.all([
    import('@edgewood/features'),
    import('@edgewood/logs'),
    import('@edgewood/trainer'),
    import('../time-bounds.ts'),
  ]);
  const agent = agentProfile(options.agent);
  const { programs, features, window: windowMs, groupBy, timeZone } = options;
  const extractor = createFeatureExtractor({ agent, programs, features, windowMs, groupBy });
  const selection = { programs: extractor.programs, ...parseBounds(options) };
  const count = newRowCount();
  const progress = new ProgressLine();
  const chunks = readLogCsv(options.inputFile, { timeZone });
  const rows = featureRows(chunks, extractor, selection, count);
  const shown = (async function* () {
    for await (const row of rows) {
      progress.show(() => `${formatNumber(count.entries)} entries, ${formatNumber(count.rows)} windows`);
      yield row;
    }
  })();
  const written = await writeFeatureCsv(options.outputFile, extractor.names, shown).finally(() => progress.end());
  printLate(count.late);
  printLine(
    `${formatNumber(written)} windows × ${extractor.names.length} features of ${formatNumber(count.entries)} entries → ${options.outputFile}`,
  );
}
