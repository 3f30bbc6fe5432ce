import { Command } from 'commander';

/** `edgewood keys …`: the keys that sign models and those that are trusted. */
export function keysCommand(): Command {
  const keys = new Command('keys').description('make and show the Ed25519 keys by which models are signed');
  keys
    .command('create')
    .description('a new key: <file> is private (mode 600), <file>.pub is public; nothing is overwritten')
    .argument('<file>')
    .action(async (file: string) => (await actions()).createKey(file));
  keys
    .command('show')
    .description('id and public half of each key in a file, in PEM or of OpenSSH; never the private half')
    .argument('<file>', 'a private key, or one or several public ones')
    .option('--json', 'for programs')
    .action(async (file: string, options) => (await actions()).showKeys(file, options));
  return keys;
}

function actions() {
  return import('../key-pairs.ts');
}
