/** The command deploys over a real sshd, to both kinds of accounts, whatever goes wrong. Needs root, sshd and ssh. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { deploymentFile, parseDeploymentLog, SERVICE_REPORT_FILE } from '@edgewood/models';
import { type BenchTarget, DeployBench, isUnderWay, snapshotOf, UNWATCHED, WIFI, writeReport } from './deploy-bench.ts';
import type { SshdAccount } from './sshd-server.ts';

const ACCOUNTS: readonly SshdAccount[] = ['ordinary', 'jailed'];
const AWKWARD = `it's "the" models; $(reboot) \`x\` -é*`;

let bench: DeployBench;
let checked = 0;
before(async () => {
  bench = await DeployBench.start();
});
after(async () => {
  await bench.end();
  console.log(`deployment: ${checked} directories looked at, each with a whole pair, old or new, and no litter`);
});

/** Whole, without litter; see `assertClean`. */
async function assertClean(target: BenchTarget, ...versions: Parameters<DeployBench['assertClean']>[1][]) {
  const [live, ...others] = versions;
  assert.ok(live !== undefined);
  await bench.assertClean(target, live, ...others);
  checked += 1;
}

/** Runs a deployment that must fail, and leave everything as it was, byte for byte and link by link. */
async function assertRefused(target: BenchTarget, code: string, words: RegExp, configFile?: string): Promise<void> {
  const before = snapshotOf(target);
  const args = ['deploy', 'wifi', bench.new, '--dir', bench.models, '--to', target.to, ...UNWATCHED];
  const { code: exit, stdout, stderr } = await bench.edgewood(args, configFile);
  assert.deepEqual([exit, stdout], [1, ''], stderr);
  assert.match(stderr, new RegExp(`\\[${code}\\]\\n$`));
  assert.match(stderr, words);
  assert.deepEqual(snapshotOf(target), before);
  await assertClean(target, bench.old);
}

function logOf({ path }: BenchTarget) {
  const name = 'wifi_deployment_log.json';
  return parseDeploymentLog(readFileSync(join(path, name)), name);
}

for (const account of ACCOUNTS) {
  test(`${account} account: a version is deployed step by step, and a second run finds it live`, async () => {
    const target = await bench.newTarget(account);
    const { code, stdout, stderr } = await bench.deploy(bench.new, target, ...UNWATCHED);
    assert.equal(code, 0, stderr);
    assert.match(stdout, new RegExp(`^wifi ${bench.new} committed at ${account}:`));
    assert.deepEqual(stderr.match(/(?<=✓ )\S+/g), ['preflight', 'lock', 'upload', 'activate', 'watch', 'commit']);
    await assertClean(target, bench.new, bench.old);
    const before = snapshotOf(target);
    const again = await bench.deploy(bench.new, target, ...UNWATCHED);
    assert.deepEqual([again.code, /already live/.test(again.stdout)], [0, true], again.stderr);
    assert.deepEqual(snapshotOf(target), before);
    await assertClean(target, bench.new, bench.old);
  });

  test(`${account} account: the first version of all is deployed to an empty directory`, async () => {
    const target = await bench.newTarget(account, 'none');
    const { code, stderr } = await bench.deploy(bench.new, target, ...UNWATCHED);
    assert.equal(code, 0, stderr);
    await assertClean(target, bench.new);
  });

  test(`${account} account: a directory may have spaces, quotes and a shell's signs in its name`, async () => {
    const target = await bench.newTarget(account, bench.old, AWKWARD);
    const { code, stderr } = await bench.deploy(bench.new, target, ...UNWATCHED);
    assert.equal(code, 0, stderr);
    await assertClean(target, bench.new, bench.old);
  });

  test(`${account} account: a host with another key, or an unknown one, and a key that is not let in are refused`, async () => {
    const target = await bench.newTarget(account);
    for (const hostKey of ['wrong', 'unknown'] as const) {
      const configFile = await bench.server.configFor({ hostKey });
      await assertRefused(target, 'HOST_KEY_REFUSED', /Host key verification failed/, configFile);
    }
    const configFile = await bench.server.configFor({ userKey: 'wrong' });
    await assertRefused(target, 'LOGIN_REFUSED', /Permission denied/, configFile);
  });

  test(`${account} account: a directory that may only be read is refused, by a try too`, async () => {
    const target = await bench.newTarget(account);
    chownSync(target.path, 0, 0);
    await assertRefused(target, 'FILE_UNWRITABLE', /permission denied/);
    const tried = await bench.deploy(bench.new, target, ...UNWATCHED, '--dry-run');
    assert.equal(tried.code, 1);
    assert.match(tried.stderr, /\[FILE_UNWRITABLE\]\n$/);
    await assertClean(target, bench.old);
  });

  test(`${account} account: a disk without space is refused; one that fills up half-way is cleaned up`, async (t) => {
    const small = await bench.newTarget(account);
    bench.putOnDisk(t, small, ['size=900k']);
    await assertRefused(small, 'NO_SPACE', /bytes free; the version needs/);
    // Room for the lock, the first file and its temporary name, and for no file more.
    const full = await bench.newTarget(account);
    bench.putOnDisk(t, full, ['size=8m', 'nr_inodes=8']);
    const { code, stderr } = await bench.deploy(bench.new, full, ...UNWATCHED);
    assert.equal(code, 1);
    assert.match(stderr, /✓ lock[\s\S]*\[NO_SPACE\]\n$/);
    await assertClean(full, bench.old);
    execFileSync('mount', ['-o', 'remount,size=8m,nr_inodes=100', full.path]);
    assert.equal((await bench.deploy(bench.new, full, ...UNWATCHED)).code, 0);
    await assertClean(full, bench.new, bench.old);
  });

  test(`${account} account: a try changes nothing at all`, async () => {
    const target = await bench.newTarget(account);
    const before = snapshotOf(target);
    const { code, stdout, stderr } = await bench.deploy(bench.new, target, ...UNWATCHED, '--dry-run');
    assert.equal(code, 0, stderr);
    assert.match(stdout, new RegExp(`possible at .*3 files, \\d+ bytes to copy; ${bench.old} is live`));
    assert.deepEqual(snapshotOf(target), before);
    await assertClean(target, bench.old);
  });

  test(`${account} account: a copy is complete and not live; the deployment after it copies nothing`, async () => {
    const target = await bench.newTarget(account);
    const { code, stdout, stderr } = await bench.deploy(bench.new, target, '--no-activate');
    assert.deepEqual([code, / copied at /.test(stdout)], [0, true], stderr);
    await assertClean(target, bench.old, bench.new);
    const then = await bench.deploy(bench.new, target, ...UNWATCHED);
    assert.match(then.stderr, /✓ upload +all files were there/);
    await assertClean(target, bench.new, bench.old);
  });

  test(`${account} account: of two deployers at once one wins, and the other says who deploys`, async () => {
    const target = await bench.newTarget(account);
    writeReport(target, 1, bench.old, 9);
    const watched = ['--watch', '2', '--lease', '8'];
    const both = [bench.new, bench.newer].map(async (version) => {
      return { version, outcome: await bench.deploy(version, target, ...watched) };
    });
    const lost = await Promise.race(both); // the winner waits for the service
    assert.equal(lost.outcome.code, 1);
    assert.match(lost.outcome.stderr, /has on trial .*\[DEPLOYMENT_UNDER_WAY\]\n$/);
    const live = lost.version === bench.new ? bench.newer : bench.new;
    assert.equal(await bench.liveAndWhole(target), live);
    writeReport(target, 2, live, 2);
    const won = (await Promise.all(both)).find(({ version }) => version === live);
    assert.deepEqual([won?.outcome.code, logOf(target).map(({ version }) => version)], [0, [live]]);
    rmSync(join(target.path, SERVICE_REPORT_FILE));
    await assertClean(target, live, bench.old);
  });

  test(`${account} account: status, rollback and history tell of the target, and pruning spares what it must`, async () => {
    const target = await bench.newTarget(account);
    for (const version of [bench.new, bench.newer]) {
      assert.equal((await bench.deploy(version, target, ...UNWATCHED)).code, 0);
    }
    const status = await bench.edgewood(['deploy', 'status', 'wifi', '--to', target.to, '--json']);
    const { live, deployment, problem } = JSON.parse(status.stdout);
    assert.deepEqual([live, deployment, problem], [bench.newer, null, null]);
    const back = await bench.edgewood(['deploy', 'rollback', 'wifi', '--to', target.to, ...UNWATCHED]);
    assert.equal(back.code, 0, back.stderr);
    await assertClean(target, bench.new, bench.old, bench.newer);
    const history = await bench.edgewood(['deploy', 'history', 'wifi', '--to', target.to, '--json']);
    const told = history.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).version);
    assert.deepEqual(told, [bench.new, bench.newer, bench.new]);
    await assertPruned(target);
  });
}

/** The newest version is not live: that one may go, the live one and the one before it may not. */
async function assertPruned(target: BenchTarget): Promise<void> {
  const prune = ['models', 'prune', 'wifi', '--on', target.to, '--keep', '0'];
  const before = snapshotOf(target);
  const tried = await bench.edgewood([...prune, '--dry-run']);
  assert.match(tried.stdout, new RegExp(`^would remove wifi ${bench.newer} at `));
  assert.deepEqual(snapshotOf(target), before);
  const pruned = await bench.edgewood(prune);
  assert.deepEqual([pruned.code, pruned.stdout], [0, `removed wifi ${bench.newer} at ${target.to}\n`], pruned.stderr);
  await assertClean(target, bench.new, bench.old);
}

test('Ctrl-C during the trial takes the version back, and says what is live', async () => {
  const target = await bench.newTarget('jailed');
  writeReport(target, 1, bench.old, 9);
  const child = bench.spawnDeploy(bench.new, target, '--watch', '2');
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (piece: string) => {
    said += piece;
    if (piece.includes('✓ activate')) child.kill('SIGINT');
  });
  const [code] = await once(child, 'close');
  assert.equal(code, 130, said);
  assert.match(said, new RegExp(`${bench.old} is live \\[INTERRUPTED\\]\\n$`));
  rmSync(join(target.path, SERVICE_REPORT_FILE));
  await assertClean(target, bench.old);
});

test('while somebody deploys, another is told of it at once by pruning, and waits for a sign of life to deploy', async () => {
  const target = await bench.newTarget('jailed');
  const owner = { schema_version: 1, id: 'a-1', by: 'anna@laptop', version: bench.newer, previous: null, steps: [] };
  const lock = { ...owner, started_at: new Date().toISOString(), stage: 'preparing', lease_seconds: 30, renewal: 1 };
  const write = (renewal: number) => {
    const path = join(target.path, deploymentFile(WIFI));
    execFileSync('sh', ['-c', 'cat > "$0.new" && mv "$0.new" "$0"', path], {
      input: JSON.stringify({ ...lock, renewal }),
    });
  };
  write(1);
  const pruned = await bench.edgewood(['models', 'prune', 'wifi', '--on', target.to, '--keep', '0']);
  assert.match(pruned.stderr, /anna@laptop deploys .*\[DEPLOYMENT_UNDER_WAY\]\n$/);
  let renewal = 1;
  const renewing = setInterval(() => write(++renewal), 500);
  const second = await bench.deploy(bench.new, target, ...UNWATCHED).finally(() => clearInterval(renewing));
  assert.equal(second.code, 1);
  assert.match(second.stderr, /anna@laptop deploys .*\[DEPLOYMENT_UNDER_WAY\]\n$/);
  assert.ok(isUnderWay(target));
  assert.equal(await bench.liveAndWhole(target), bench.old);
});
