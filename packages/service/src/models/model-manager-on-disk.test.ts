/**
 * What people, deployments and disks do to a model directory, on a real one. Each step is followed by one ordinary poll:
 * the directory tells nothing, nobody asks, and the clock stands still but for the poll.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, cp, mkdtemp, open, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { agentProfile } from '@edgewood/features';
import { activate, LocalModelFiles, metadataFile, modelFile, parseAgentName } from '@edgewood/models';
import { createServiceEvents } from '../events.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { addModel, FEATURES, START_MS } from '../testing/wifi-models.ts';
import { ModelManager } from './model-manager.ts';
import { LOAD_BACKOFF } from './reload-policy.ts';

const wifi = parseAgentName('wifi');
const POLL_MS = 2_000;
const SAMPLES = { data: Float64Array.of(1, 0, 1), nSamples: 1, nFeatures: FEATURES.length };

/** A directory with two versions of which the older is in use. */
async function setUp(t: TestContext) {
  const parent = await mkdtemp(join(tmpdir(), 'edgewood-directory-'));
  await chmod(parent, 0o755);
  t.after(() => rm(parent, { recursive: true }));
  const location = join(parent, 'models');
  execFileSync('mkdir', [location]);
  const files = new LocalModelFiles(location);
  Object.assign(files, { watch: undefined });
  const older = await addModel(files);
  const newer = await addModel(files, { trainedAtMs: START_MS + 60_000, randomState: 7, activated: false });
  const path = (name: string) => join(location, name);
  return { parent, location, files, older, newer, path, ...(await managerOf(t, files)) };
}

async function managerOf(t: TestContext, files: LocalModelFiles) {
  const [events, clock] = [createServiceEvents(), new ManualClock(START_MS)];
  const told: string[] = [];
  events.on('model:loaded', ({ version }) => told.push(`loaded ${version}`));
  events.on('model:rejected', ({ reason, inUse }) => told.push(`${inUse} stays: ${reason}`));
  const settings = { files, agent: agentProfile('wifi'), settings: {}, events, clock, pollIntervalMs: POLL_MS };
  const manager = new ModelManager(settings);
  t.after(() => manager.stop());
  await manager.start();
  /** What one poll leads to. */
  const poll = async (): Promise<string> => {
    told.length = 0;
    clock.set(await clock.asleep());
    await clock.asleep();
    assert.ok(manager.infer(SAMPLES) !== null, 'there is always a model to judge by');
    return told.join('\n');
  };
  return { manager, poll, clock };
}

test('a link to a version that is not there yet: the old one stays, until the version comes', async (t) => {
  const { location, path, older, newer, manager, poll } = await setUp(t);
  const [model, metadata] = [path(modelFile(wifi, newer)), path(metadataFile(wifi, newer))];
  await rename(model, `${model}.part`);
  await rename(metadata, `${metadata}.part`);
  execFileSync('ln', ['-snf', modelFile(wifi, newer), 'wifi_model_active.joblib'], { cwd: location });
  assert.match(await poll(), new RegExp(`^${older} stays: .*DANGLING_LINK`));
  assert.equal(await poll(), '');
  await rename(`${model}.part`, model);
  assert.match(await poll(), new RegExp(`^${older} stays: .* is incomplete: no wifi_metadata_.*VERSION_NOT_FOUND`));
  await rename(`${metadata}.part`, metadata);
  assert.equal(await poll(), `loaded ${newer}`);
  assert.equal(manager.problem, undefined);
});

test('a version that is uploaded over its final names piece by piece is refused until it is whole', async (t) => {
  const { files, path, older, newer, poll } = await setUp(t);
  const name = path(modelFile(wifi, newer));
  const bytes = await readFile(name);
  await writeFile(name, '');
  await activate(files, wifi, newer);
  for (const share of [0, 0.3, 0.6, 0.9]) {
    await writeFile(name, bytes.subarray(0, bytes.length * share));
    assert.match(await poll(), new RegExp(`^${older} stays: .*HASH_MISMATCH`), `${share}`);
  }
  await writeFile(name, bytes);
  assert.equal(await poll(), `loaded ${newer}`);
});

test('a directory that is swapped by renaming is taken up, also with a poll in between', async (t) => {
  const { parent, location, files, newer, older, poll } = await setUp(t);
  const other = join(parent, 'new');
  await cp(location, other, { recursive: true, verbatimSymlinks: true });
  await activate(new LocalModelFiles(other), wifi, newer);
  await rename(location, join(parent, 'old'));
  assert.match(await poll(), new RegExp(`^${older} stays: .*NO_ACTIVE_MODEL`));
  await rename(other, location);
  assert.equal(await poll(), `loaded ${newer}`);
  await rename(location, other);
  await rename(join(parent, 'old'), location);
  assert.equal(await poll(), `loaded ${older}`);
  await activate(files, wifi, newer);
  assert.equal(await poll(), `loaded ${newer}`);
});

test('links that are switched by hand, in both orders and with a moment between, never tear a pair', async (t) => {
  const { location, older, newer, manager, poll } = await setUp(t);
  const link = (name: string, target: string) => execFileSync('ln', ['-snf', target, name], { cwd: location });
  const warnings = () => manager.live?.model.warnings.join() ?? '';
  link('wifi_metadata_active.json', metadataFile(wifi, newer));
  assert.equal(await poll(), `loaded ${older}`);
  assert.match(warnings(), /wifi_metadata_active.json leads to .*, but the live version is/);
  link('wifi_model_active.joblib', modelFile(wifi, newer));
  assert.equal(await poll(), `loaded ${newer}`);
  assert.equal(warnings(), '');
  link('wifi_model_active.joblib', modelFile(wifi, older));
  assert.equal(await poll(), `loaded ${older}`);
  assert.match(warnings(), /wifi_metadata_active.json leads to/);
  link('wifi_metadata_active.json', metadataFile(wifi, older));
  assert.equal(await poll(), `loaded ${older}`);
  assert.equal(warnings(), '');
});

test('a version that is deleted while it is live stays in use, and that is said', async (t) => {
  const { files, path, older, newer, manager, poll } = await setUp(t);
  for (const name of [metadataFile(wifi, older), modelFile(wifi, older)]) {
    await rm(path(name));
    assert.match(await poll(), new RegExp(`^${older} stays: .*(VERSION_NOT_FOUND|DANGLING_LINK)`));
    assert.match(manager.problem ?? '', /VERSION_NOT_FOUND|DANGLING_LINK/);
  }
  await rm(path('wifi_model_active.joblib'));
  assert.match(await poll(), new RegExp(`^${older} stays: .*NO_ACTIVE_MODEL`));
  await activate(files, wifi, newer);
  assert.equal(await poll(), `loaded ${newer}`);
  assert.equal(manager.problem, undefined);
});

test('a permission that is lost, of a file or of the directory, costs nothing but a reason, and can be given back', async (t) => {
  const nobody = 65534;
  const { files, location, path, older, newer, poll } = await setUp(t);
  const asNobody = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (process.geteuid?.() !== 0) return work();
    process.seteuid?.(nobody); // since root may do everything
    return work().finally(() => process.seteuid?.(0));
  };
  await activate(files, wifi, newer);
  for (const file of [path(modelFile(wifi, newer)), path(metadataFile(wifi, newer)), location]) {
    const { mode } = await stat(file);
    await chmod(file, 0);
    assert.match(await asNobody(poll), /^\d+_\d+ stays: cannot read .*FILE_UNREADABLE/, file);
    await chmod(file, mode);
    assert.equal(await asNobody(poll), `loaded ${newer}`, file);
  }
  await activate(files, wifi, older);
  assert.equal(await asNobody(poll), `loaded ${older}`);
});

test('a model of 4 GB is refused at once, without being read', async (t) => {
  const { files, path, older, newer, poll } = await setUp(t);
  const file = await open(path(modelFile(wifi, newer)), 'w');
  await file.truncate(4 * 1024 ** 3);
  await file.close();
  await activate(files, wifi, newer);
  const [startMs, startBytes] = [performance.now(), process.memoryUsage().rss];
  assert.match(await poll(), new RegExp(`^${older} stays: .* has 4294967296 bytes; at most .*FILE_TOO_LARGE`));
  assert.ok(performance.now() - startMs < 2_000, 'that took no time');
  assert.ok(process.memoryUsage().rss - startBytes < 64 * 1024 ** 2, 'and no memory');
});

test('a model that is overwritten with bytes of the same number and time is noticed and refused', async (t) => {
  const { path, older, poll } = await setUp(t);
  const name = path(modelFile(wifi, older));
  const { atime, mtime, size } = await stat(name);
  const bytes = await readFile(name);
  await writeFile(name, Buffer.alloc(size));
  await utimes(name, atime, mtime);
  assert.match(await poll(), new RegExp(`^${older} stays: .*HASH_MISMATCH`));
  await writeFile(name, bytes);
  await utimes(name, atime, mtime);
  assert.equal(await poll(), `loaded ${older}`);
});

test('of several versions that are activated within one poll, the last is loaded and no other', async (t) => {
  const { files, older, newer, poll } = await setUp(t);
  for (const version of [newer, older, newer]) await activate(files, wifi, version);
  assert.equal(await poll(), `loaded ${newer}`);
  for (const version of [older, newer]) await activate(files, wifi, version);
  assert.equal(await poll(), '');
});

test('while a model takes long to load, the old one judges; a third that is activated meanwhile is next', async (t) => {
  const { files, older, newer, manager, clock } = await setUp(t);
  const third = await addModel(files, { trainedAtMs: START_MS + 120_000, randomState: 8, activated: false });
  await activate(files, wifi, newer);
  const [begun, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const read = files.read.bind(files);
  files.read = async (name, maxBytes) => {
    if (name === modelFile(wifi, newer)) {
      begun.resolve();
      await goOn.promise;
    }
    return read(name, maxBytes);
  };
  clock.set(await clock.asleep());
  await begun.promise;
  await activate(files, wifi, third);
  assert.equal(manager.infer(SAMPLES)?.version, older);
  goOn.resolve();
  await clock.asleep();
  clock.set(await clock.asleep());
  await clock.asleep();
  assert.equal(manager.infer(SAMPLES)?.version, third);
  assert.equal(manager.problem, undefined);
});

test('a version that stays bad is tried again with back-off, for ever, and takes nothing from the old one', async (t) => {
  const { files, path, older, newer, clock, manager, poll } = await setUp(t);
  await writeFile(path(modelFile(wifi, newer)), 'no model');
  await activate(files, wifi, newer);
  const triesAtMs: number[] = [];
  const untilMs = clock.nowMs() + 4 * LOAD_BACKOFF.longestMs;
  while (clock.nowMs() < untilMs) if ((await poll()) !== '') triesAtMs.push(clock.nowMs());
  const waitsMs = triesAtMs.slice(1).map((triedMs, at) => triedMs - (triesAtMs[at] ?? 0));
  assert.ok(
    waitsMs.every((waitMs, at) => waitMs >= (waitsMs[at - 1] ?? 0)),
    waitsMs.join(),
  );
  assert.ok((waitsMs.at(-1) ?? 0) <= LOAD_BACKOFF.longestMs + POLL_MS);
  assert.equal(manager.live?.model.version, older);
});

test('where the disk tells of changes, an activation is noticed without waiting for a poll', async (t) => {
  const { location, newer, older } = await setUp(t);
  const files = new LocalModelFiles(location);
  const events = createServiceEvents();
  const loaded = [Promise.withResolvers<string>(), Promise.withResolvers<string>(), Promise.withResolvers<string>()];
  let loads = 0;
  events.on('model:loaded', ({ version }) => loaded[loads++]?.resolve(version));
  const agent = agentProfile('wifi');
  const manager = new ModelManager({ files, agent, settings: {}, events, pollIntervalMs: 3_600_000 });
  t.after(() => manager.stop());
  await manager.start();
  assert.equal(await loaded[0]?.promise, older);
  await activate(files, wifi, newer);
  assert.equal(await loaded[1]?.promise, newer);
  await activate(files, wifi, older);
  assert.equal(await loaded[2]?.promise, older);
});
