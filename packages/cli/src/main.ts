/**
 * The `edgewood` command: parses the command line and hands over to one file a command.
 *
 * A command's own file is small and loads the packages it needs only when it runs, so that `edgewood --help` and a single
 * `edgewood score` start quickly.
 */
import { Command, CommanderError } from 'commander';
import { backtestCommand } from './commands/backtest.ts';
import { blindSpotsCommand } from './commands/blind-spots.ts';
import { configCommand } from './commands/config.ts';
import { deployCommand } from './commands/deploy.ts';
import { exportCommand } from './commands/export.ts';
import { featuresCommand } from './commands/features.ts';
import { keysCommand } from './commands/keys.ts';
import { modelsCommand } from './commands/models.ts';
import { scoreCommand } from './commands/score.ts';
import { serveCommand } from './commands/serve.ts';
import { trainCommand } from './commands/train.ts';
import { EXIT } from './exit-codes.ts';
import { reportFailure } from './failure.ts';
import { TOOL_VERSION } from './tool-version.ts';

const EXAMPLES = `
The four stages:
  edgewood export --agent wifi --start-date 2025-05-01 --end-date 2025-06-01 --output-file logs.csv
  edgewood train --agent wifi --input-file logs.csv --output-dir models
  edgewood models activate wifi latest --dir models
  edgewood serve --config edgewood.yaml

Exit codes: 0 done, 1 failed (the message says why), 2 wrong command line, 130 interrupted.`;

function createProgram(): Command {
  const program = new Command('edgewood')
    .description('Isolation forests at the edge: train on exported network logs, detect anomalies beside them.')
    .version(TOOL_VERSION)
    .showHelpAfterError('(add --help for the options)')
    .enablePositionalOptions() // so that a command below a command has options of its own
    .addHelpText('after', EXAMPLES);
  const commands = [
    exportCommand(),
    featuresCommand(),
    trainCommand(),
    modelsCommand(),
    keysCommand(),
    deployCommand(),
    scoreCommand(),
    backtestCommand(),
    blindSpotsCommand(),
    serveCommand(),
    configCommand(),
  ];
  for (const command of commands) program.addCommand(command);
  return exitless(program);
}

/** Makes commander throw instead of ending the process, here and in every command below. */
function exitless(command: Command): Command {
  command.exitOverride();
  for (const child of command.commands) exitless(child);
  return command;
}

/**
 * Runs one command line.
 *
 * @param argv as `process.argv`: the first two elements are the programs' paths.
 * @returns the exit code.
 */
export async function runCommand(argv: readonly string[]): Promise<number> {
  process.stdout.on('error', endIfNobodyReads);
  try {
    await createProgram().parseAsync(argv);
    return EXIT.ok;
  } catch (error) {
    // Commander has printed its own message: help and version end well, everything else is a wrong command line.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    return reportFailure(error);
  }
}

/** Whoever reads what is printed may have seen enough: `edgewood models list | head -1`. */
function endIfNobodyReads(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(EXIT.ok);
  throw error;
}
