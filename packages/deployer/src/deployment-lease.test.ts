import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DeploymentUnderWay, deploymentFile, formatDeployment } from '@edgewood/models';
import { type LeasePlace, readDeployment, takeLease, takeOverLease } from './deployment-lease.ts';
import { WIFI } from './testing/deployment-bench.ts';
import { FaultyLine } from './testing/faulty-line.ts';
import { MemoryTargetFiles } from './testing/memory-target-files.ts';
import { SimulatedClock } from './testing/simulated-clock.ts';

function place(): LeasePlace & { readonly files: MemoryTargetFiles; readonly clock: SimulatedClock } {
  return { files: new MemoryTargetFiles(), agent: WIFI, clock: new SimulatedClock() };
}

function deployment(id: string): DeploymentUnderWay {
  return {
    schema_version: 1,
    id,
    by: `${id}@laptop`,
    version: '20250607_230000',
    previous: null,
    started_at: '2025-06-08T00:00:00.000Z',
    steps: [],
    stage: 'preparing',
    lease_seconds: 20,
    renewal: 0,
  };
}

async function taken(at: LeasePlace, id: string) {
  const lease = await takeLease(at, deployment(id));
  assert.ok(lease);
  return lease;
}

test('a lock that is free is taken, and one that is not is left as it is', async () => {
  const at = place();
  const lease = await taken(at, 'anna');
  assert.equal(await takeLease(at, deployment('bert')), undefined);
  assert.equal((await readDeployment(at.files, WIFI))?.by, 'anna@laptop');
  await lease.release();
  assert.equal(await readDeployment(at.files, WIFI), undefined);
  await taken(at, 'bert');
});

test('a lock whose writing was not answered is ours', async () => {
  const at = place();
  await at.files.write(deploymentFile(WIFI), formatDeployment(deployment('anna')));
  await (await taken(at, 'anna')).confirm();
});

test('it is renewed at least three times in the time of a lease, until it is let go', async () => {
  const at = place();
  const lease = await taken(at, 'anna');
  lease.startRenewing();
  await at.clock.sleep(20_001);
  const renewal = (await readDeployment(at.files, WIFI))?.renewal ?? 0;
  assert.ok(renewal >= 3, String(renewal));
  lease.check();
  await lease.release();
  await at.clock.sleep(60_000);
  assert.equal(await readDeployment(at.files, WIFI), undefined);
});

test('changes and steps are written with a renewal', async () => {
  const at = place();
  const lease = await taken(at, 'anna');
  lease.note('upload', '2 files');
  await lease.change({ stage: 'trial', previous: '20250606_230000' });
  const { stage, previous, steps, renewal } = (await readDeployment(at.files, WIFI)) ?? {};
  assert.deepEqual(
    [stage, previous, renewal, steps?.map(({ step }) => step)],
    ['trial', '20250606_230000', 1, ['upload']],
  );
});

test("what is another's is neither renewed nor removed", async () => {
  const at = place();
  const lease = await taken(at, 'anna');
  await at.files.replaceFile(deploymentFile(WIFI), formatDeployment(deployment('bert')));
  for (const attempt of [() => lease.change(), () => lease.release(), () => lease.renewOver(at.files)]) {
    await assert.rejects(attempt, { code: 'DEPLOYMENT_LOST', message: /it is bert@laptop's/ });
  }
  assert.deepEqual(await readDeployment(at.files, WIFI), deployment('bert'));
});

test('renewing may fail once, but not for as long as the lease lasts', async () => {
  const files = new MemoryTargetFiles();
  const line = new FaultyLine(files);
  const at = { files: line.open(), agent: WIFI, clock: new SimulatedClock() };
  const lease = await taken(at, 'anna');
  lease.startRenewing();
  await at.clock.sleep(6_000);
  line.onCall = () => {
    throw new Error('the line is dead');
  };
  await at.clock.sleep(10_000);
  lease.check();
  await at.clock.sleep(15_000);
  assert.throws(() => lease.check(), { code: 'DEPLOYMENT_LOST', message: /could not be renewed for 20 s/ });
  await lease.stopRenewing();
});

test('of any number who take over at once one has it, and it stays the same deployment', async () => {
  const at = place();
  await taken(at, 'anna');
  const found = deployment('anna');
  const takers = await Promise.all(['b', 'c', 'd'].map((owner) => takeOverLease(at, found, owner)));
  const winners = takers.filter((lease) => lease !== undefined);
  assert.equal(winners.length, 1);
  await winners[0]?.confirm();
  assert.match(winners[0]?.deployment.id ?? '', /^anna\/[bcd]$/);
});

test('what was renewed meanwhile is not taken over', async () => {
  const at = place();
  const lease = await taken(at, 'anna');
  await lease.change();
  assert.equal(await takeOverLease(at, deployment('anna'), 'b'), undefined);
  await lease.confirm();
});
