/** Twenty targets behind one sshd: one that fails is named and keeps no other from it, and a second run completes. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { type BenchTarget, DeployBench, snapshotOf, UNWATCHED } from './deploy-bench.ts';

const TARGETS = 20;
/** The one that fails, in the middle. */
const SICK = 12;

let bench: DeployBench;
const summary: string[] = [];
before(async () => {
  bench = await DeployBench.start();
});
after(async () => {
  await bench.end();
  for (const line of summary) console.log(line);
});

interface Fleet {
  readonly targets: readonly BenchTarget[];
  readonly sick: BenchTarget;
  readonly name: (target: BenchTarget) => string;
  /** Gives the sick one room. */
  mend(): void;
  deploy(...to: readonly string[]): ReturnType<DeployBench['edgewood']>;
}

/** Targets `edge-1` to `edge-20` of both kinds of accounts, together the group `edge`; on one there is no room for all files. */
async function newFleet(t: TestContext): Promise<Fleet> {
  const targets: BenchTarget[] = [];
  for (let n = 0; n < TARGETS; n += 1) targets.push(await bench.newTarget(n % 2 === 0 ? 'jailed' : 'ordinary'));
  const sick = targets[SICK] ?? assert.fail();
  bench.putOnDisk(t, sick, ['size=8m', 'nr_inodes=8']); // room for the lock and one file more
  const name = (target: BenchTarget) => `edge-${targets.indexOf(target) + 1}`;
  const config = join(bench.folder, `${basename(sick.path)}.yaml`);
  const named = targets.map((target) => ({ name: name(target), to: target.to }));
  const groups = [{ name: 'edge', targets: named.map((one) => one.name) }];
  writeFileSync(config, JSON.stringify({ deploy: { targets: named, groups } }));
  return {
    targets,
    sick,
    name,
    mend: () => execFileSync('mount', ['-o', 'remount,size=8m,nr_inodes=100', sick.path]),
    deploy: (...to) => {
      const version = ['deploy', 'wifi', bench.new, '--dir', bench.models];
      return bench.edgewood([...version, '--config', config, ...UNWATCHED, '--parallel', '4', ...to]);
    },
  };
}

/** The outcome of each target, by its name, as the table has it. */
function outcomesIn(table: string): ReadonlyMap<string, string> {
  const rows = table.matchAll(/^(edge-\d+) +(committed|already live|failed|rolled-back|not begun)(?: |$)/gm);
  return new Map([...rows].map(([, name = '', outcome = '']) => [name, outcome]));
}

test(`of ${TARGETS} targets one fails half-way: the report says which and why, and a second run completes`, async (t) => {
  const { targets, sick, name, deploy, mend } = await newFleet(t);
  const first = await deploy('--to', 'edge');
  assert.equal(first.code, 1);
  assert.match(first.stderr, new RegExp(`^${name(sick)} +✓ lock`, 'm'), 'it had begun');
  assert.match(first.stdout, new RegExp(`^${name(sick)} +failed +.*no space is left`, 'm'));
  assert.match(first.stderr, /1 of 20 targets failed; a second run passes over the others \[SOME_FAILED\]\n$/);
  assert.equal(outcomesIn(first.stdout).size, TARGETS);
  for (const target of targets) {
    const isSick = target === sick;
    assert.equal(outcomesIn(first.stdout).get(name(target)), isSick ? 'failed' : 'committed');
    await bench.assertClean(target, isSick ? bench.old : bench.new, ...(isSick ? [] : [bench.old]));
  }
  mend();
  const second = await deploy('--to', 'edge');
  assert.equal(second.code, 0, second.stderr);
  const outcomes = outcomesIn(second.stdout);
  const live = [...outcomes.values()].filter((outcome) => outcome === 'already live').length;
  assert.deepEqual([live, outcomes.get(name(sick))], [TARGETS - 1, 'committed']);
  for (const target of targets) await bench.assertClean(target, bench.new, bench.old);
  summary.push(`fleet: ${TARGETS} targets, 1 failed half-way, then ${live} already live and 1 committed`);
});

test('a canary that fails keeps all others from beginning, and one that is well lets them', async (t) => {
  const { targets, sick, name, deploy, mend } = await newFleet(t);
  const others = targets.filter((target) => target !== sick);
  const before = others.map(snapshotOf);
  const canary = ['--canary', name(sick), '--then', 'all'];
  const { code, stdout } = await deploy(...canary);
  assert.equal(code, 1);
  const outcomes = outcomesIn(stdout);
  assert.equal(outcomes.get(name(sick)), 'failed');
  for (const target of others) assert.equal(outcomes.get(name(target)), 'not begun');
  assert.deepEqual(others.map(snapshotOf), before);
  await bench.assertClean(sick, bench.old);
  mend();
  const then = await deploy(...canary);
  assert.equal(then.code, 0, then.stderr);
  const committed = [...outcomesIn(then.stdout).values()].filter((outcome) => outcome === 'committed').length;
  assert.equal(committed, TARGETS);
  for (const target of targets) await bench.assertClean(target, bench.new, bench.old);
  summary.push(`fleet: a canary failed, ${others.length} others not begun; mended, ${committed} committed`);
});
