/**
 * The line between deployer and sshd is cut at random bytes of a deployment: the old version or the new one is live, whole,
 * the result says which, and the next run completes and leaves nothing behind. Needs root, sshd and ssh.
 */
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { rmSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { seededRandom } from '../../packages/surprise/src/testing/seeded-random.ts';
import { type AfterCut, CutDeployer, type CutDeployment } from './cut-deployer.ts';
import type { Cut } from './cutting-proxy.ts';
import { type BenchTarget, DeployBench, isUnderWay } from './deploy-bench.ts';

const CUTS = Number(process.env.EDGEWOOD_DEPLOY_CUTS ?? 200);
const SEED = Number(process.env.EDGEWOOD_DEPLOY_SEED ?? randomInt(2 ** 31));
/** So many deployers work at the same time, each on targets of its own. */
const WORKERS = 4;
/** The steps with most of the bytes; by chance alone no other need be cut. */
const STEPS: readonly string[] = ['preflight', 'upload', 'activate'];

/** How many were live after a cut, and during which step it was felt. */
type Tally = Record<'old' | 'new' | 'committed', number> & { readonly steps: Map<string, number> };

let bench: DeployBench;
const summary: string[] = [];
before(async () => {
  bench = await DeployBench.start();
});
after(async () => {
  await bench.end();
  for (const line of summary) console.log(line);
});

/** Cuts so many deployments, at bytes that are spread over all of one, and looks at what each has left. */
async function cutDeployments(cuts: number, then: AfterCut): Promise<Tally> {
  const random = seededRandom(SEED + cuts);
  const tally: Tally = { old: 0, new: 0, committed: 0, steps: new Map() };
  let begun = 0;
  const work = async (account: BenchTarget['account']) => {
    const deployer = await CutDeployer.start(bench);
    try {
      const bytes = await deployer.measure(await bench.newTarget(account));
      while (begun < cuts) {
        begun += 1;
        const { target, cut, found } = await cutOnce(
          deployer,
          account,
          () => pointOf(bytes, random, begun % 2 === 0),
          then,
        );
        const where = `${then}, seed ${SEED}, ${JSON.stringify(cut)} while at ${found.step}`;
        await lookAfter(target, found, where, tally);
        const again = await deployer.deployAgain(target);
        assert.ok(['committed', 'already live'].includes(again.outcome), `${where}: then ${again.reason}`);
        await bench.assertClean(target, bench.new, bench.old);
        rmSync(target.path, { recursive: true });
      }
    } finally {
      await deployer.stop();
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, (_, n) => work(n % 2 === 0 ? 'jailed' : 'ordinary')));
  return tally;
}

/** Deployments differ by some bytes: one that was over before the cut is passed over. */
async function cutOnce(deployer: CutDeployer, account: BenchTarget['account'], point: () => Cut, then: AfterCut) {
  for (;;) {
    const [target, cut] = [await bench.newTarget(account), point()];
    const found = await deployer.deployCut(target, cut, then);
    if (found.wasCut) return { target, cut, found };
  }
}

/**
 * Every second one is a byte of all of a deployment. The others are in the last quarter of what the deployer sends, in which
 * the version becomes live: most of all bytes come the other way, when files are read.
 */
function pointOf(bytes: Readonly<Record<Cut['direction'], number>>, random: () => number, isLate: boolean): Cut {
  const total = bytes['client-to-server'] + bytes['server-to-client'];
  const isSent = isLate || random() * total < bytes['client-to-server'];
  const direction = isSent ? 'client-to-server' : 'server-to-client';
  const share = isLate ? 1 - random() / 4 : random();
  return { direction, afterBytes: Math.max(1, Math.floor(share * bytes[direction])) };
}

/** Right after the cut: whole, and as the result says. */
async function lookAfter(target: BenchTarget, { result, step }: CutDeployment, where: string, tally: Tally) {
  const live = await bench.liveAndWhole(target);
  tally[live === bench.new ? 'new' : 'old'] += 1;
  tally.steps.set(step, (tally.steps.get(step) ?? 0) + 1);
  const said = `${where}: ${result.outcome}, ${result.reason}`;
  if (result.outcome === 'committed') {
    tally.committed += 1;
    assert.equal(live, bench.new, said);
  } else {
    assert.equal(result.outcome, 'failed', said);
    // On trial it may be either; that must be said.
    if (live === bench.new) assert.match(result.reason, /left on trial/, said);
    if (/left on trial/.test(result.reason)) assert.ok(isUnderWay(target), said);
  }
}

test(`${CUTS} cuts of a line that stays down leave a whole version, and the next run completes`, async (t) => {
  t.diagnostic(`seed ${SEED} (EDGEWOOD_DEPLOY_SEED), ${CUTS} cuts (EDGEWOOD_DEPLOY_CUTS)`);
  const tally = await cutDeployments(CUTS, 'down');
  const { old, new: now, steps } = tally;
  assert.equal(old + now, CUTS);
  summary.push(
    `cut connections: ${CUTS} cuts, ${old} left the old version, ${now} the new, 0 torn, 0 litter (seed ${SEED})`,
    `cut connections: they were felt while at ${[...steps].map(([step, count]) => `${step} ${count}`).join(', ')}`,
  );
  if (CUTS >= 200) for (const step of STEPS) assert.ok(steps.has(step), `no cut was felt while at ${step}`);
});

const MENDED = Math.ceil(CUTS / 5);
test(`after ${MENDED} cuts of a line that is mended at once the deployment goes on by itself`, async () => {
  const { old, new: now, committed } = await cutDeployments(MENDED, 'mended');
  summary.push(`cut connections: ${MENDED} cuts and mended, ${committed} went on to the end, ${old} failed at login`);
  assert.deepEqual([old + now, committed], [MENDED, now]);
});
