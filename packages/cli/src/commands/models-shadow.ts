import type { Command } from 'commander';

/** `edgewood models shadow` and `compare`: a candidate beside the live version, and how it does. */
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
  models
    .command('compare')
    .description('how a version in the shadow does beside the live one, as a service has seen it')
    .argument('<agent>')
    .option('--url <address>', 'where the service answers', 'http://127.0.0.1:8420')
    .option('--since <time>', 'from then on: 2025-05-01T00:00:00Z (default: a week ago)')
    .option('--until <time>', 'before then (default: now)')
    .option('--token-file <file>', 'a file with the token, where questions need one')
    .option('--json', 'for programs')
    .action(async (agent: string, options) => (await import('../compare-models.ts')).compareModels(agent, options));
}
