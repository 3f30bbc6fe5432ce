import { Command } from 'commander';
import type { DeployOptions } from '../deploy-models.ts';
import { appendTo, parseDurationMs, parseInteger } from '../option-values.ts';

/** `edgewood deploy …`: copies a version to machines, makes it live there, watches it, and takes it back if it is bad. */
export function deployCommand(): Command {
  const deploy = new Command('deploy')
    .description('copy a version to machines, make it live there, watch it, and take it back if it is not well')
    .enablePositionalOptions()
    .argument('<agent>')
    .argument('[version]', 'a version, latest or active', 'latest')
    .option('--dir <directory>', 'the model directory here', 'models');
  withTargets(deploy);
  withTrial(deploy)
    .option('--canary <target>', 'first there; the others only if it goes well; may be given again', appendTo)
    .option('--then <target>', 'with --canary: the others, as in --to; may be given again', appendTo)
    .option('--dry-run', 'only look whether it could be done')
    .option('--no-activate', 'copy only')
    .action(async (agent: string, version: string, options: DeployOptions) => {
      await (await import('../deploy-models.ts')).deployModels(agent, version, options);
    });
  withTrial(withTargets(deploy.command('rollback')))
    .description('make the version before live again, and watch it in the same way')
    .argument('<agent>')
    .option(
      '--version <version>',
      'this one, which must be there (default: the newest older one that was not taken back)',
    )
    .action(async (agent: string, options) => {
      await (await import('../deploy-models.ts')).rollBackDeployment(agent, options);
    });
  withTargets(deploy.command('status'))
    .description('what is live there, what the service says, and whether somebody deploys')
    .argument('<agent>')
    .action(async (agent: string, options) => {
      await (await import('../deploy-status.ts')).showDeployStatus(agent, options);
    });
  withTargets(deploy.command('history'))
    .description('the last deployments there, the newest first')
    .argument('<agent>')
    .action(async (agent: string, options) => {
      await (await import('../deploy-history.ts')).showDeployHistory(agent, options);
    });
  return deploy;
}

function withTargets(command: Command): Command {
  return command
    .option(
      '--to <target>',
      'pi@edge-7:/var/lib/edgewood/models, a directory, or a target, a group or all of the configuration; may be given again',
      appendTo,
    )
    .option('--config <yaml>', 'configuration with targets, trusted keys and how long to watch')
    .option('--ssh-config <file>', "for ssh, instead of the user's own")
    .option('--identity <file>', 'private key for the login')
    .option('--json', 'for programs: one object a line');
}

function withTrial(command: Command): Command {
  return command
    .option('--parallel <number>', 'so many targets at a time', parseInteger, 4)
    .option('--watch <cycles>', 'so many analysis cycles it is watched (default: 3)', parseInteger)
    .option('--no-watch', 'do not watch, also where no service can be seen')
    .option('--wait <duration>', 'how long the service may need to take it up (default: 2m)', parseDurationMs)
    .option(
      '--lease <seconds>',
      'after so long without a sign of life from here it is taken back (default: 60)',
      parseInteger,
    )
    .option('--trusted-key <file>', 'only what this public key has signed; may be given again', appendTo);
}
