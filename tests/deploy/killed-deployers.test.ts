/**
 * The command is killed with -9 at random moments of a deployment: the old version or the new one is live, whole, and the
 * next run completes and leaves nothing behind. Needs root, sshd and ssh.
 */
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { SERVICE_REPORT_FILE } from '@edgewood/models';
import { seededRandom } from '../../packages/surprise/src/testing/seeded-random.ts';
import { type BenchTarget, DeployBench, UNWATCHED, writeReport } from './deploy-bench.ts';
import { deployUnwatched } from './deploy-unwatched.ts';

const KILLS = Number(process.env.EDGEWOOD_DEPLOY_KILLS ?? 48);
const SEED = Number(process.env.EDGEWOOD_DEPLOY_SEED ?? randomInt(2 ** 31));
const WORKERS = 4;
/** When it has said that the step is done, it lives for at most so long, in milliseconds. */
const LIFE_MS = { preflight: 150, lock: 60, upload: 60, activate: 150 };
type Step = keyof typeof LIFE_MS;
const STEPS = Object.keys(LIFE_MS) as Step[];
/** Whoever comes next waits three seconds, in truth, for the sign of life of the one that was killed. */
const LEASE_SECONDS = 60;
const NEXT = { times: 20, leaseSeconds: 600 };

let bench: DeployBench;
let summary = '';
before(async () => {
  bench = await DeployBench.start();
});
after(async () => {
  await bench.end();
  console.log(summary);
});

/** Where a deployer dies. */
interface Death {
  readonly step: Step;
  readonly lifeMs: number;
  /** Whether it waits for a service, so that it dies during the trial if it came so far. */
  readonly isWatching: boolean;
}

/** @returns the code that it ended with; null if it was killed before. */
async function killAt(target: BenchTarget, { step, lifeMs, isWatching }: Death): Promise<number | null> {
  const args = ['--lease', `${LEASE_SECONDS}`, ...(isWatching ? [] : UNWATCHED)];
  const child = bench.spawnDeploy(bench.new, target, ...args);
  let said = '';
  child.stderr.setEncoding('utf8').on('data', async (piece: string) => {
    said += piece;
    if (!said.includes(`✓ ${step}`)) return;
    await sleep(lifeMs);
    child.kill('SIGKILL');
  });
  const [code] = await once(child, 'close');
  return code;
}

test(`at least ${KILLS} deployers that are killed leave a whole version, and the next run completes`, async (t) => {
  t.diagnostic(`seed ${SEED} (EDGEWOOD_DEPLOY_SEED), ${KILLS} kills (EDGEWOOD_DEPLOY_KILLS)`);
  const random = seededRandom(SEED);
  const tally = { killed: 0, old: 0, new: 0 };
  const work = async () => {
    while (tally.killed < KILLS) {
      const step = STEPS[Math.floor(random() * STEPS.length)] ?? 'lock';
      const death: Death = { step, lifeMs: random() * LIFE_MS[step], isWatching: random() < 0.5 };
      const target = await bench.newTarget(tally.killed % 2 === 0 ? 'jailed' : 'ordinary');
      const where = `seed ${SEED}, ${JSON.stringify(death)}`;
      if (death.isWatching) writeReport(target, 1, bench.old, 9);
      const code = await killAt(target, death);
      const live = await bench.liveAndWhole(target);
      rmSync(join(target.path, SERVICE_REPORT_FILE), { force: true });
      if (code === null) {
        tally.killed += 1;
        tally[live === bench.new ? 'new' : 'old'] += 1;
      } else {
        assert.deepEqual([code, live], [0, bench.new], where); // it was faster
      }
      const again = await deployUnwatched(bench, target, NEXT);
      assert.ok(['committed', 'already live'].includes(again.outcome), `${where}: then ${again.reason}`);
      await bench.assertClean(target, bench.new, bench.old);
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, work));
  summary = `killed deployers: ${tally.killed} killed, ${tally.old} left the old version, ${tally.new} the new, 0 torn, 0 litter (seed ${SEED})`;
  assert.ok(tally.old > 0 && tally.new > 0, summary);
});
