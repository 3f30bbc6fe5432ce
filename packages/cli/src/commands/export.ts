import { Command } from 'commander';
import type { ExportOptions } from '../export-to-csv.ts';
import { parseList } from '../option-values.ts';

export function exportCommand(): Command {
  return new Command('export')
    .description('write the log entries of a span from PostgreSQL into a CSV')
    .requiredOption('--start-date <date>', 'first moment of the span')
    .requiredOption('--end-date <date>', 'end of the span, itself not in it')
    .requiredOption('--output-file <csv>', 'timestamp,device_id,program,log_level,message')
    .option('--programs <names>', 'entries of these programs only, matched exactly', parseList)
    .option(
      '--agent <name>',
      "entries of this agent's programs: wifi, dns, firewall, system; or of all of these agents",
    )
    .option('--time-zone <zone>', 'of dates and times that name none', 'UTC')
    .option('--config <yaml>', 'where the database and the column mapping stand')
    .addHelpText(
      'after',
      '\nThe database is DATABASE_URL, or the PG* variables, or the configuration file. A role with SELECT on the table is enough.',
    )
    .action(async (options: ExportOptions) => {
      const { exportToCsv } = await import('../export-to-csv.ts');
      await exportToCsv(options);
    });
}
