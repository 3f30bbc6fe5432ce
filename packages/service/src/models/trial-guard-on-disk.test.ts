/** A version on trial is taken back in a real directory, by two services at once, while others read it without a pause. */
import assert from 'node:assert/strict';
import { access, chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  activeVersion,
  deploymentFile,
  deploymentLogFile,
  LocalModelFiles,
  loadActiveModel,
  parseAgentName,
  parseDeploymentLog,
} from '@edgewood/models';
import { createServiceEvents } from '../events.ts';
import { deploymentOf, LEASE_SECONDS, writeDeployment } from '../testing/deployment-on-trial.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { addModel, START_MS } from '../testing/wifi-models.ts';
import { TrialGuard } from './trial-guard.ts';

const wifi = parseAgentName('wifi');

/** Loads what is live again and again; gives the versions that it found, in order, each once in a row. */
async function readUntil(files: LocalModelFiles, signal: AbortSignal): Promise<string[]> {
  const found: string[] = [];
  do {
    const { version } = await loadActiveModel(files, wifi);
    if (found.at(-1) !== version) found.push(version);
  } while (!signal.aborted);
  return found;
}

test('two services take a version back at once, and readers find a version at every moment', async (t) => {
  const location = await mkdtemp(join(tmpdir(), 'edgewood-trial-'));
  await chmod(location, 0o755);
  t.after(() => rm(location, { recursive: true }));
  for (let round = 0; round < 10; round += 1) {
    const files = new LocalModelFiles(location);
    const clock = new ManualClock(START_MS);
    const trainedAtMs = START_MS + round * 120_000;
    const older = await addModel(files, { trainedAtMs });
    const newer = await addModel(files, { trainedAtMs: trainedAtMs + 60_000, randomState: 7 });
    await writeDeployment(files, deploymentOf(newer, older, { id: `${round}` }));
    const guards = [1, 2].map(() => {
      const times = { clock, pollIntervalMs: 2_000, nowMs: () => clock.nowMs() };
      return new TrialGuard({ files, model: wifi, name: 'wifi', events: createServiceEvents(), ...times });
    });
    await Promise.all(guards.map((guard) => guard.look()));
    clock.set(START_MS + LEASE_SECONDS * 1_000);
    const ended = new AbortController();
    const readers = [readUntil(files, ended.signal), readUntil(files, ended.signal)];
    await Promise.all(guards.map((guard) => guard.look()));
    ended.abort();
    for (const found of await Promise.all(readers)) {
      assert.match(found.join(' then '), new RegExp(`^${newer}( then ${older})?$|^${older}$`));
    }
    assert.equal(await activeVersion(files, wifi), older);
    await assert.rejects(access(join(location, deploymentFile(wifi))));
    const log = parseDeploymentLog(await readFile(join(location, deploymentLogFile(wifi))), 'log');
    assert.deepEqual(
      log.map(({ id }) => id),
      Array.from({ length: round + 1 }, (_, n) => `${n}`),
    );
  }
});
