import type { Command } from 'commander';

/** `edgewood models shadow`: a candidate beside the live version. */
export function addShadow(models: Command): void {
  models
    .command('shadow')
    .description('have a service run a version beside the live one, without alerting; or no longer')
    .argument('<agent>')
    .argument('[version]', 'a version, or latest')
    .option('--dir <directory>', 'the model directory', 'models')
    .option('--off', 'take out what is in the shadow')
    .action(async (agent: string, version: string | undefined, options) =>
      (await import('../shadow-model.ts')).shadowModel(agent, version, options),
    );
}
