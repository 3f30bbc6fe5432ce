import { Command } from 'commander';
import { appendTo, parseInteger } from '../option-values.ts';
import { addShadow } from './models-shadow.ts';

const DIRECTORY = ['--dir <directory>', 'the model directory', 'models'] as const;

/** `edgewood models …`: one subcommand for each thing to do with a model directory. */
export function modelsCommand(): Command {
  const models = new Command('models').description(
    'list, show, verify, activate, roll back, prune versions, try one in the shadow; inspect and convert files',
  );
  models
    .command('list')
    .description('all versions, the newest first')
    .argument('[agent]', 'only this agent')
    .option(...DIRECTORY)
    .option('--json', 'for programs')
    .action(async (agent: string | undefined, options) => (await actions()).listModels(agent, options));
  models
    .command('show')
    .description('what a version is and how it was made')
    .argument('<agent>')
    .argument('[version]', 'a version, active or latest', 'active')
    .option(...DIRECTORY)
    .option('--json', 'the metadata as it stands in its file')
    .action(async (agent: string, version: string, options) => (await actions()).showModel(agent, version, options));
  models
    .command('verify')
    .description('check hashes, signature, features and probes of a version as a service does; say what was compared')
    .argument('<agent>')
    .argument('[version]', 'a version, active, latest or all', 'active')
    .option(...DIRECTORY)
    .option('--trusted-key <file>', 'public keys, one of which must have signed it; may be given again', appendTo)
    .option('--json', 'for programs')
    .action(async (agent: string, version: string, options) =>
      (await import('../verify-models.ts')).verifyModels(agent, version, options),
    );
  models
    .command('activate')
    .description('make a version live')
    .argument('<agent>')
    .argument('<version>', 'a version, or latest')
    .option(...DIRECTORY)
    .action(async (agent: string, version: string, options) =>
      (await actions()).activateModel(agent, version, options),
    );
  models
    .command('rollback')
    .description('make the newest version older than the live one live, or the one named')
    .argument('<agent>')
    .argument('[version]')
    .option(...DIRECTORY)
    .action(async (agent: string, version: string | undefined, options) =>
      (await actions()).rollBackModel(agent, version, options),
    );
  addShadow(models);
  addPrune(models);
  models
    .command('inspect')
    .description('what is inside a .joblib file; nothing of it is run')
    .argument('<file>')
    .action(async (file: string) => (await import('../model-file.ts')).inspectModelFile(file));
  models
    .command('convert')
    .description('write the forest of a file as a file for another scikit-learn release')
    .argument('<file>')
    .requiredOption('--sklearn-version <version>', 'release that shall load it: 1.3, 1.7.2, …')
    .option('--output-file <file>', 'default: beside the file, with the release in its name')
    .action(async (file: string, options) => (await import('../model-file.ts')).convertModelFile(file, options));
  return models;
}

/** Here, or on machines that are deployed to. */
function addPrune(models: Command): void {
  models
    .command('prune')
    .description('remove old versions; never the live one, the one before it, nor the one in the shadow')
    .argument('<agent>')
    .option(...DIRECTORY)
    .option('--keep <number>', 'how many of the newest stay', parseInteger, 5)
    .option('--dry-run', 'only say what would go')
    .option('--on <target>', 'instead of --dir: there; as for edgewood deploy, may be given again', appendTo)
    .option('--config <yaml>', 'configuration with the targets')
    .option('--ssh-config <file>', "instead of the user's own")
    .option('--identity <file>', 'private key for the login')
    .action(async (agent: string, options) => {
      if (options.on === undefined) await (await actions()).pruneModels(agent, options);
      else await (await import('../prune-targets.ts')).pruneTargets(agent, { ...options, to: options.on });
    });
}

function actions() {
  return import('../model-directory.ts');
}
