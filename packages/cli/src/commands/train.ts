import { Command } from 'commander';
import {
  appendTo,
  parseContamination,
  parseDurationMs,
  parseGrouping,
  parseInteger,
  parseList,
  parseMaxSamples,
} from '../option-values.ts';
import type { TrainOptions } from '../train-and-save.ts';

export function trainCommand(): Command {
  return new Command('train')
    .description(
      'fit an isolation forest on exported logs, learn what is usual for each device, and save both as a version',
    )
    .requiredOption('--agent <name>', 'whose features: wifi, dns, firewall, system; or all: a model of each')
    .option('--model-name <name>', "the first part of the files' names (default: the agent's name)")
    .requiredOption('--input-file <csv>', 'logs, as written by edgewood export')
    .requiredOption('--output-dir <directory>', 'where the model and its metadata are written')
    .option('--n-estimators <number>', 'trees', parseInteger, 100)
    .option('--contamination <share>', 'expected share of anomalies in (0, 0.5], or auto', parseContamination, 0.01)
    .option(
      '--max-samples <number>',
      'windows for each tree: auto (256, or 16384 of normalised ones), a count or a share (0.5)',
      parseMaxSamples,
      'auto',
    )
    .option('--random-state <seed>', 'the same seed gives the same trees as scikit-learn', parseInteger, 42)
    .option('--programs <names>', "of these programs' entries (default: the agent's)", parseList)
    .option('--features <names>', "only these, in this order (default: all of the agent's)", parseList)
    .option('--window <duration>', "length of a window (default: the agent's, 300s)", parseDurationMs)
    .option(
      '--group-by <grouping>',
      'windows of each device, or of all together: device or global',
      parseGrouping,
      'device',
    )
    .option('--start-date <date>', 'pass over what is older')
    .option('--end-date <date>', 'pass over what is as new or newer')
    .option('--exclude <from..to>', 'learn nothing from this time of all devices; may be given again', appendTo)
    .option('--labels <json>', 'learn nothing from the incidents and changes that are labelled')
    .option('--keep-all', 'learn from suspicious hours too')
    .option('--time-zone <zone>', 'of dates and times that name none', 'UTC')
    .option('--sklearn-version <version>', 'scikit-learn release that shall load the file (default: the newest)')
    .option('--sign-key <key>', 'signs the model: a file with a private key, agent:SHA256:…, or agent:<file>.pub')
    .option(
      '--normalise',
      'measure windows by what is usual of their device and hour (default: if a baseline is learnt and the log has 6 days)',
    )
    .option('--no-normalise', 'train on the features as they are counted, as scikit-learn would')
    .option('--no-baseline', 'leave out what the surprise detector needs: what is usual for each device')
    .option(
      '--alert-budget <budget>',
      'alerts to keep to: 1/device/week, 2/device/day, or 10/week of all devices together (default: 1/device/week if the log has 8 days)',
    )
    .option('--no-alert-budget', 'choose no thresholds: the built-in ones hold')
    .option('--force', 'save the model even if the quality gate finds it poor')
    .action(async (options: TrainOptions) => {
      const { trainAgents } = await import('../train-agents.ts');
      await trainAgents(options);
    });
}
