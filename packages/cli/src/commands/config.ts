import { Command } from 'commander';

const CONFIG = ['--config <yaml>', 'configuration (default: built-in defaults and the environment)'] as const;

/** `edgewood config …`: what is in a configuration and whether it is right; nothing is started. */
export function configCommand(): Command {
  const config = new Command('config').description('check and show the configuration; its schema; access tokens');
  config
    .command('check')
    .description('say everything that is wrong with it, with line and column, or what it means')
    .option(...CONFIG)
    .action(async (options) => (await actions()).checkConfig(options));
  config
    .command('show')
    .description('the configuration with every default filled in, secrets masked')
    .option(...CONFIG)
    .action(async (options) => (await actions()).showConfig(options));
  config
    .command('schema')
    .description('its JSON Schema, by which editors complete and check it')
    .action(async () => (await actions()).printConfigSchema());
  config
    .command('token')
    .description('a new access token for the HTTP API, and the hash of it for http.tokens')
    .option('--hash', 'only the hash of a token that you have, read from standard input')
    .action(async ({ hash = false }: { hash?: boolean }) => {
      const { printNewToken, printTokenHash } = await import('../access-token.ts');
      if (hash) await printTokenHash();
      else printNewToken();
    });
  return config;
}

function actions() {
  return import('../config-file.ts');
}
