import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deploymentFile, ModelError, type ModelReport } from '@edgewood/models';
import { readDeployment } from './deployment-lease.ts';
import { readDeploymentLog } from './deployment-log.ts';
import type { DeploymentStepName } from './deployment-progress.ts';
import { DeployError } from './errors.ts';
import {
  assertNextRunCompletes,
  deployerTo,
  liveAndWhole,
  NEW,
  NEWER,
  namesWith,
  OLD,
  targetWith,
  WIFI,
} from './testing/deployment-bench.ts';
import { type Fault, FaultyLine, Killed } from './testing/faulty-line.ts';
import type { MemoryTargetFiles } from './testing/memory-target-files.ts';

test('a version is copied, live, watched and then committed, and the log has its steps', async () => {
  const target = await targetWith(OLD);
  const deployer = deployerTo(target);
  const result = await deployer.run();
  assert.deepEqual([result.outcome, result.previous, result.warnings], ['committed', OLD, []]);
  assert.match(result.reason, /^2 cycles; 0 of 6 windows are anomalies/);
  assert.equal(await liveAndWhole(target), NEW);
  assert.deepEqual(await target.list(), namesWith(OLD, NEW));
  const [logged, ...others] = await readDeploymentLog(target, WIFI);
  assert.deepEqual(others, []);
  const { outcome, by, ended_by, version, previous } = logged ?? {};
  assert.deepEqual([outcome, by, ended_by, version, previous], ['committed', 'anna@laptop', 'anna@laptop', NEW, OLD]);
  const steps: DeploymentStepName[] = ['lock', 'upload', 'activate', 'wait', 'watch', 'commit'];
  assert.deepEqual(
    logged?.steps.map(({ step }) => step),
    steps,
  );
  const done = deployer.told.filter(({ state }) => state === 'done').map(({ step }) => step);
  assert.deepEqual(done, ['preflight', ...steps]);
});

test('a version that is live is not deployed again', async () => {
  const target = await targetWith(NEW, OLD);
  const deployer = deployerTo(target);
  const names = await target.list();
  assert.equal((await deployer.run()).outcome, 'already live');
  assert.deepEqual(await target.list(), names);
});

test('a target without any version gets its first, and has none again if that fails', async () => {
  const empty = await targetWith();
  assert.equal((await deployerTo(empty).run()).outcome, 'committed');
  assert.equal(await liveAndWhole(empty), NEW);
  const other = await targetWith();
  const deployer = deployerTo(other);
  deployer.service.behaviour = (version, report) => ({
    ...report,
    problem: version === null ? null : 'other features',
  });
  const result = await deployer.run();
  assert.equal(result.outcome, 'rolled-back');
  assert.match(result.reason, /^the service refused it: other features; no version is live, as before$/);
  assert.deepEqual(await other.list(), ['wifi_deployment_log.json']);
});

/** What a service does with the new version, and how that ends. */
const BAD: { title: string; problem?: string; anomalies?: number; failed?: string; code: string; reason: RegExp }[] = [
  { title: 'refuses', problem: 'another fingerprint', code: 'VERSION_REFUSED', reason: /another fingerprint/ },
  {
    title: 'fails with',
    failed: 'out of memory',
    code: 'TRIAL_FAILED',
    reason: /1 of 2 cycles failed, .*out of memory/,
  },
  { title: 'finds too much by', anomalies: 6, code: 'TRIAL_FAILED', reason: /6 of 6 windows .*training promised 5%/ },
];

for (const { title, problem = null, anomalies = 0, failed, code, reason } of BAD) {
  test(`what the service ${title} is taken back, with its files`, async () => {
    const target = await targetWith(OLD);
    const deployer = deployerTo(target, { settings: { watchCycles: 2 } });
    deployer.service.behaviour = (version, report) => {
      if (version !== NEW) return report;
      const failures = failed === undefined ? {} : { failed_cycles: 1, cycles: 1, last_error: failed };
      const since = { ...report.since_loaded, ...failures };
      return { ...report, problem, since_loaded: { ...since, anomalies: Math.min(anomalies, since.windows) } };
    };
    const result = await deployer.run();
    assert.deepEqual([result.outcome, (result.error as { code?: string }).code], ['rolled-back', code]);
    assert.match(result.reason, reason);
    assert.ok(result.reason.endsWith(`${OLD} is live`), result.reason);
    assert.equal(await liveAndWhole(target), OLD);
    assert.deepEqual(await target.list(), namesWith(OLD));
    assert.equal((await readDeploymentLog(target, WIFI)).at(-1)?.outcome, 'rolled-back');
  });
}

test('a service that never tells of the version is waited for as long as is said, and not longer', async () => {
  const target = await targetWith(OLD);
  const deployer = deployerTo(target);
  deployer.service.behaviour = (version, report) => ({ ...report, version: version === NEW ? OLD : version });
  const result = await deployer.run();
  assert.match(
    result.reason,
    new RegExp(`told too little of ${NEW} within 20 s: the service uses ${OLD}; .*--no-watch`),
  );
  assert.equal(result.outcome, 'rolled-back');
  assert.equal(await liveAndWhole(target), OLD);
});

test('where no service can be seen, only what need not be watched is deployed', async () => {
  const target = await targetWith(OLD);
  const watching = deployerTo(target);
  watching.service.behaviour = () => 'nobody answers';
  const refused = await watching.run();
  assert.deepEqual([refused.outcome, (refused.error as { code?: string }).code], ['failed', 'NOT_TAKEN_UP']);
  assert.match(refused.reason, /nobody answers; there is no service_report\.json in memory; .*--no-watch/);
  const blind = deployerTo(target, { settings: { watchCycles: 0 } });
  blind.service.behaviour = () => 'nobody answers';
  const committed = await blind.run();
  assert.equal(committed.outcome, 'committed');
  assert.match(committed.reason, /^not watched: nobody answers/);
  assert.ok(blind.clock.countedMs() < 1_000, 'nobody is waited for');
});

test('without watching, a service that is seen but does not take the version up is waited for, and then let be', async () => {
  const target = await targetWith(OLD);
  const deployer = deployerTo(target, { settings: { watchCycles: 0 } });
  deployer.service.behaviour = (version, report) => ({ ...report, version: version === NEW ? OLD : version });
  const result = await deployer.run();
  assert.equal(result.outcome, 'committed');
  assert.match(result.reason, new RegExp(`^not seen in use within 20 s: the service uses ${OLD}`));
});

test('what the service would refuse is not even begun', async () => {
  const target = await targetWith(OLD);
  const names = await target.list();
  const demanding = deployerTo(target);
  demanding.service.trustedKeys = ['0123456789abcdef'];
  assert.match((await demanding.run()).reason, /is not signed, and must be signed by 0123456789abcdef/);
  const doubting = deployerTo(target);
  doubting.service.answer = { accepted: false, problem: 'windows of 60 s' };
  const { reason, error } = await doubting.run();
  assert.match(reason, /wifi of the service there would refuse wifi .*: windows of 60 s/);
  assert.equal((error as { code?: string }).code, 'VERSION_REFUSED');
  assert.deepEqual(await target.list(), names);
});

test('a target without space, or with another file of the same name, is left as it is', async () => {
  const full = await targetWith(OLD);
  full.spaceBytes = 10;
  assert.match((await deployerTo(full).run()).reason, /has 10 bytes free; the version needs \d+/);
  const other = await targetWith(OLD);
  await other.write(`wifi_model_${NEW}.joblib`, new Uint8Array(3));
  assert.match((await deployerTo(other).run()).reason, /other content than here; a version is never written again/);
  assert.equal(await liveAndWhole(other), OLD);
});

test('a try leaves nothing and shows whether it could be written, and copying makes nothing live', async () => {
  const target = await targetWith(OLD);
  const names = await target.list();
  assert.equal((await deployerTo(target, { settings: { extent: 'try' } }).run()).outcome, 'possible');
  assert.deepEqual(await target.list(), names);
  const readOnly = new FaultyLine(target);
  readOnly.onCall = (method) => {
    if (method === 'write') throw new ModelError('FILE_UNWRITABLE', 'it is mounted read-only');
  };
  const refused = await deployerTo(target, { line: readOnly, settings: { extent: 'try' } }).run();
  assert.deepEqual([refused.outcome, refused.reason], ['failed', 'it is mounted read-only']);
  assert.equal((await deployerTo(target, { settings: { extent: 'copy' } }).run()).outcome, 'copied');
  assert.equal(await liveAndWhole(target), OLD);
  assert.deepEqual(await target.list(), namesWith(OLD, NEW));
});

test('a version that is at the target already is deployed from there, as for a rollback', async () => {
  const target = await targetWith(NEW, OLD);
  const result = await deployerTo(target, { version: OLD, source: undefined }).run();
  assert.deepEqual([result.outcome, result.previous], ['committed', NEW]);
  assert.equal(await liveAndWhole(target), OLD);
});

const KINDS = ['fails', 'cut', 'dies'] as const;
const MOMENTS = ['before', 'after'] as const;
/** A deployment has more, so that a test that ends sooner has missed some. */
const LEAST_CALLS = 30;

for (const kind of KINDS) {
  for (const moment of MOMENTS) {
    test(`at every call, ${moment} it, what if it ${kind}: what is live is whole, and the next run completes`, async () => {
      for (let call = 0; ; call++) {
        const { line, target } = await runWith({ call, kind, moment });
        if (!line.isSpent) return assert.ok(call > LEAST_CALLS, `only ${call} calls`);
        assert.ok([OLD, NEW].includes(await liveAndWhole(target)), `call ${call}`);
        await assertNextRunCompletes(target, `call ${call}`);
      }
    });

    test(`at every call, ${moment} it, what if it ${kind} while a bad version is on trial: the next run completes`, async () => {
      for (let call = 0; ; call++) {
        const { line, target } = await runWith({ call, kind, moment }, { isBad: true });
        if (!line.isSpent) return assert.ok(call > LEAST_CALLS, `only ${call} calls`);
        assert.ok([OLD, NEW].includes(await liveAndWhole(target)), `call ${call}`);
        await assertNextRunCompletes(target, `call ${call}`);
      }
    });
  }
}

test('whoever clears up after one that vanished may vanish at every call, and the next run completes', async () => {
  for (let call = 0; ; call++) {
    const target = await targetWith(OLD);
    await assert.rejects(deployerTo(target, { line: killedAtActivation(target) }).run(), Killed);
    const line = new FaultyLine(target, { call, kind: 'dies', moment: 'after' });
    await deployerTo(target, { line })
      .run()
      .catch((error: unknown) => assert.ok(error instanceof Killed));
    if (!line.isSpent) return assert.ok(call > LEAST_CALLS, `only ${call} calls`);
    assert.ok([OLD, NEW].includes(await liveAndWhole(target)), `call ${call}`);
    await assertNextRunCompletes(target, `call ${call}`);
  }
});

test('before and after every call: if the connection is cut and comes again, the deployment completes', async () => {
  for (const moment of MOMENTS) {
    for (let call = 0; ; call++) {
      const { line, result, target } = await runWith({ call, kind: 'cut', moment }, { isReconnecting: true });
      if (!line.isSpent) break;
      assert.equal(result?.outcome, 'committed', `${moment} call ${call}: ${result?.reason}`);
      assert.deepEqual(result?.warnings, [], `${moment} call ${call}`);
      assert.deepEqual([...target.leftovers], [], `${moment} call ${call}`);
      assert.deepEqual(await target.list(), namesWith(OLD, NEW));
    }
  }
});

/** One deployment with a fault; after every call what is live is whole, and the directory says what to do with it. */
async function runWith(fault: Fault, { isReconnecting = false, isBad = false } = {}) {
  const target = await targetWith(OLD);
  const line = new FaultyLine(target, fault);
  line.afterCall = async () => {
    const isLive = (await liveAndWhole(target)) === NEW;
    assert.ok(
      !isLive || (await isAccountedFor(target)),
      `after ${line.calls} calls the new version is live unaccounted for`,
    );
  };
  let opened = 0;
  const open = async () => {
    opened += 1;
    if (opened > 1 && !isReconnecting) throw new DeployError('UNREACHABLE', 'the network is down');
    return line.open();
  };
  const deployer = deployerTo(target, { line, open, settings: { watchCycles: 12 } }); // long enough for a renewal
  if (isBad) deployer.service.behaviour = refusing;
  try {
    const result = await deployer.run();
    const expected = result.outcome === 'committed' ? NEW : OLD;
    if (!result.reason.includes('is left on trial')) {
      assert.equal(await liveAndWhole(target), expected, `call ${fault.call}: ${result.reason}`);
    }
    return { line, target, result };
  } catch (error) {
    if (!(error instanceof Killed)) throw error;
    return { line, target, result: undefined };
  }
}

/** Whether the lock says that the new version is on trial, or that its trial is over; without a lock it is over. */
async function isAccountedFor(target: MemoryTargetFiles): Promise<boolean> {
  const underWay = await readDeployment(target, WIFI);
  if (underWay === undefined) return true;
  return underWay.stage === 'trial' || underWay.steps.some(({ step }) => step === 'commit');
}

function refusing(version: string | null, report: ModelReport): ModelReport {
  return { ...report, problem: version === NEW ? 'other features' : null };
}

/** A deployer that is killed when it is about to move the link that decides. */
function killedAtActivation(target: MemoryTargetFiles): FaultyLine {
  const line = new FaultyLine(target);
  line.onCall = (method, name) => {
    if (method === 'replaceLink' && name === 'wifi_model_active.joblib') line.kill();
  };
  return line;
}

test('of two deployers at once one deploys, and the other says who does', async () => {
  const target = await targetWith(OLD);
  const first = deployerTo(target);
  const second = deployerTo(target, { version: NEWER, clock: first.clock, settings: { by: 'bert@desk' } });
  const results = await Promise.all([first.run(), second.run()]);
  assert.deepEqual(results.map(({ outcome }) => outcome).sort(), ['committed', 'failed']);
  const loser = results.find(({ outcome }) => outcome === 'failed');
  assert.match(loser?.reason ?? '', /^(anna@laptop|bert@desk) (deploys|has on trial) \d+_\d+ since /);
  const winner = results[0]?.outcome === 'committed' ? NEW : NEWER;
  assert.equal(await liveAndWhole(target), winner);
  assert.deepEqual(await target.list(), namesWith(OLD, winner));
});

test('a deployment that another took for abandoned and ended is not gone on with, nor taken back', async () => {
  const target = await targetWith(OLD);
  const deployer = deployerTo(target);
  // As if this process had been asleep: the other found the lock unchanged, cleared up, and deploys its own version.
  deployer.service.behaviour = (version, report) => {
    if (version === NEW) void takenOver();
    return report;
  };
  const takenOver = async () => {
    const found = await readDeployment(target, WIFI);
    if (found?.id.startsWith('other')) return;
    await target.replaceLink('wifi_metadata_active.json', `wifi_metadata_${OLD}.json`);
    await target.replaceLink('wifi_model_active.joblib', `wifi_model_${OLD}.joblib`);
    await target.remove(deploymentFile(WIFI));
    const other = { ...found, id: 'other', by: 'bert@desk', stage: 'trial', version: NEW, previous: OLD };
    await target.write(deploymentFile(WIFI), new TextEncoder().encode(JSON.stringify(other)));
    await target.replaceLink('wifi_metadata_active.json', `wifi_metadata_${NEW}.json`);
    await target.replaceLink('wifi_model_active.joblib', `wifi_model_${NEW}.joblib`);
  };
  const result = await deployer.run();
  assert.deepEqual([result.outcome, (result.error as { code?: string }).code], ['failed', 'DEPLOYMENT_LOST']);
  assert.match(result.reason, /is no longer ours: it is bert@desk's/);
  assert.equal(await liveAndWhole(target), NEW, "the other's trial goes on");
  assert.equal((await readDeployment(target, WIFI))?.by, 'bert@desk');
});

const STEPS: DeploymentStepName[] = ['lock', 'upload', 'activate', 'wait', 'watch'];

for (const step of STEPS) {
  test(`Ctrl-C in the step ${step} takes everything back and says so`, async () => {
    const target = await targetWith(OLD);
    const ending = new AbortController();
    const deployer = deployerTo(target, {
      signal: ending.signal,
      onProgress: (progress) => {
        if (progress.step === step) ending.abort();
      },
    });
    const result = await deployer.run();
    assert.equal((result.error as { code?: string }).code, 'INTERRUPTED');
    assert.equal(result.outcome, ['lock', 'upload'].includes(step) ? 'failed' : 'rolled-back');
    assert.equal(await liveAndWhole(target), OLD);
    assert.deepEqual(await target.list(), namesWith(OLD));
    assert.equal((await readDeploymentLog(target, WIFI)).at(-1)?.outcome, result.outcome);
    await assertNextRunCompletes(target, step);
  });
}

test('who vanished with a version on trial is cleared up after, and the log says it', async () => {
  const target = await targetWith(OLD);
  await assert.rejects(deployerTo(target, { line: killedAtActivation(target) }).run(), Killed);
  assert.equal((await readDeployment(target, WIFI))?.stage, 'trial');
  const next = deployerTo(target, { version: NEWER, settings: { by: 'bert@desk' } });
  assert.equal((await next.run()).outcome, 'committed');
  assert.ok(next.clock.countedMs() > 20_000, 'the lease was waited for');
  const log = await readDeploymentLog(target, WIFI);
  assert.deepEqual(
    log.map(({ outcome, version, ended_by }) => [outcome, version, ended_by]),
    [
      ['rolled-back', NEW, 'bert@desk'],
      ['committed', NEWER, 'bert@desk'],
    ],
  );
});
