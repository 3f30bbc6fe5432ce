/** docs/deployment.md does what it says: its own commands, against a real sshd. Needs root, sshd and ssh; rsync if it is there. */
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { type BenchTarget, DeployBench } from './deploy-bench.ts';

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/deployment.md'), 'utf8');
const hasRsync = spawnSync('rsync', ['--version']).error === undefined;

let bench: DeployBench;
let bin = '';
let done = 0;
before(async () => {
  bench = await DeployBench.start();
  bin = join(bench.folder, 'bin');
  mkdirSync(bin);
  const edgewood = join(root, 'packages/cli/src/testing/edgewood.ts');
  program('edgewood', `'${process.execPath}' --conditions=source '${edgewood}' "$@"`);
  for (const name of ['ssh', 'scp']) program(name, `/usr/bin/${name} -F '${bench.server.configFile}' "$@"`);
});
after(async () => {
  await bench.end();
  console.log(
    `plain ways: ${done} ways of docs/deployment.md lead to a whole pair${hasRsync ? '' : '; rsync is not here'}`,
  );
});

function program(name: string, command: string): void {
  writeFileSync(join(bin, name), `#!/bin/sh\nexec ${command}\n`);
  chmodSync(join(bin, name), 0o755);
}

/** The first commands of the page behind some words. */
function commandsBehind(words: string): string {
  const [, block = ''] = /```sh\n(.*?)^```$/ms.exec(page.slice(page.indexOf(words))) ?? [];
  assert.ok(page.includes(words) && block !== '', `no commands behind '${words}'`);
  return block;
}

/** Runs commands of the page, with the target's place instead of the page's. */
async function run(commands: string, target: BenchTarget): Promise<void> {
  const script = commands
    .replaceAll('pi@edge-7:/var/lib/edgewood/models', target.to)
    .replaceAll('pi@edge-7', target.account)
    .replaceAll('/var/lib/edgewood/models', target.path)
    .replaceAll('/mnt/edge-7/models', target.path);
  assert.doesNotMatch(script, /edge-7/);
  const path = [bin, dirname(process.execPath), process.env.PATH].join(delimiter);
  const whole = `set -euo pipefail; version=${bench.new}\n${script}`;
  await promisify(execFile)('bash', ['-c', whole], { cwd: bench.folder, env: { ...bench.env, PATH: path } });
  done += 1;
}

async function assertDeployed(target: BenchTarget): Promise<void> {
  await bench.assertClean(target, bench.new, bench.old);
}

test('scp and two links', async () => {
  const target = await bench.newTarget('ordinary');
  await run(commandsBehind('**scp**'), target);
  await assertDeployed(target);
});

test('rsync', { skip: !hasRsync && 'rsync is not installed' }, async () => {
  const target = await bench.newTarget('ordinary');
  await run(commandsBehind('**rsync**'), target);
  await assertDeployed(target);
});

test('a mounted volume', async () => {
  const target = await bench.newTarget('ordinary');
  await run(commandsBehind('**A mounted volume**'), target);
  await assertDeployed(target);
});

test('edgewood deploy, with a try before, status, history, rollback and pruning', async () => {
  const target = await bench.newTarget('jailed');
  // No service is there, and the newest version is the one to go.
  const commands = commandsBehind('## edgewood deploy').replace(
    /^(edgewood deploy (?:wifi|rollback).*?)( +#.*)?$/gm,
    '$1 --no-watch',
  );
  await run(commands, target);
  await assertDeployedAndBack(target);
});

/** Deployed the newest, gone back, and nothing was old enough to be pruned. */
async function assertDeployedAndBack(target: BenchTarget): Promise<void> {
  await bench.assertClean(target, bench.old, bench.newer);
  rmSync(target.path, { recursive: true });
}

test('the account of the page is one that sshd knows how to lock in', async () => {
  const [, block = ''] = /```\n(Match User deploy\n.*?)^```$/ms.exec(page) ?? [];
  const file = join(bench.folder, 'sshd_config');
  const key = join(bench.folder, 'host_key');
  await promisify(execFile)('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
  writeFileSync(file, `HostKey ${key}\n${block}`);
  const who = ['-T', '-f', file, '-C', 'user=deploy,host=here,addr=127.0.0.1'];
  const { stdout } = await promisify(execFile)('/usr/sbin/sshd', who);
  const settings = ['chrootdirectory /srv/edgewood', 'forcecommand internal-sftp -u 0002', 'disableforwarding yes'];
  for (const setting of settings) assert.ok(stdout.split('\n').includes(setting), setting);
});
