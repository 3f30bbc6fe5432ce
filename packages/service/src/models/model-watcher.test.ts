import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  activeMetadataLink,
  type ModelFiles,
  metadataFile,
  modelFile,
  parseAgentName,
  versionOf,
} from '@edgewood/models';
import { MemoryModelFiles } from '../../../models/src/testing/memory-model-files.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { addModel } from '../testing/wifi-models.ts';
import { CONTENT_CHECK } from './content-policy.ts';
import { CHANGE_SETTLE_MS, ModelWatcher, type SeenFiles } from './model-watcher.ts';

const agent = parseAgentName('wifi');
const POLL_MS = 2_000;

function setUp(onLook: (seen: SeenFiles, asked: boolean) => Promise<void> = async () => {}, pollIntervalMs = POLL_MS) {
  const files = new MemoryModelFiles();
  const clock = new ManualClock();
  const seen: [string, boolean][] = [];
  const watcher = new ModelWatcher({
    files,
    agent,
    role: 'active',
    clock,
    pollIntervalMs,
    onLook: (look, asked) => {
      seen.push([`${look.identity} ${look.content}`, asked]);
      return onLook(look, asked);
    },
  });
  return { files, clock, watcher, seen };
}

/** A directory of a system that tells nothing of changes. */
function silence(files: ModelFiles): void {
  Object.assign(files, { watch: undefined });
}

test('it looks at the start, and then whenever the interval has passed, until it is stopped', async () => {
  const { clock, watcher, seen } = setUp();
  await watcher.start();
  assert.equal(seen.length, 1);
  assert.equal(await clock.asleep(), POLL_MS);
  clock.set(POLL_MS);
  assert.equal(await clock.asleep(), 2 * POLL_MS);
  assert.equal(seen.length, 2);
  await watcher.stop();
  await watcher.stop();
  clock.set(9_000);
  assert.equal(seen.length, 2);
});

test('it looks as often where the directory tells of no change', async () => {
  const { files, clock, watcher, seen } = setUp();
  silence(files);
  await watcher.start();
  clock.set(await clock.asleep());
  await clock.asleep();
  assert.equal(seen.length, 2);
  await watcher.stop();
});

test('being told begins anew with every look, and ends before the next begins', async () => {
  const { files, clock, watcher } = setUp();
  const signals: AbortSignal[] = [];
  files.watch = (_onChange, signal) => void signals.push(signal);
  await watcher.start();
  for (let look = 0; look < 3; look += 1) {
    clock.set(await clock.asleep());
    await clock.asleep();
  }
  assert.deepEqual(
    signals.map(({ aborted }) => aborted),
    [true, true, true, false],
  );
  await watcher.stop();
  assert.ok(signals.at(-1)?.aborted);
});

test('a change that is told makes it look as soon as the change has settled, and a storm of them once', async () => {
  const { files, clock, watcher, seen } = setUp();
  await watcher.start();
  await clock.asleep();
  for (let change = 0; change < 1000; change += 1) await files.replaceLink('wifi_model_active.joblib', `${change}`);
  assert.equal(await clock.asleep(), CHANGE_SETTLE_MS);
  await files.replaceLink('wifi_model_active.joblib', 'the last');
  assert.equal(seen.length, 1);
  clock.set(CHANGE_SETTLE_MS);
  assert.equal(await clock.asleep(), CHANGE_SETTLE_MS + POLL_MS);
  assert.equal(seen.length, 2);
  assert.match(seen[1]?.[0] ?? '', /the last/);
  await watcher.stop();
});

test('a change during a look is looked at after it', async () => {
  let looks = 0;
  const { files, clock, watcher } = setUp(async () => {
    if (++looks === 2) await files.replaceLink('wifi_model_active.joblib', 'late');
  });
  await watcher.start();
  clock.set(await clock.asleep());
  assert.equal(await clock.asleep(), POLL_MS + CHANGE_SETTLE_MS);
  await watcher.stop();
});

test('changes without an end do not keep it from looking, nor from stopping', async () => {
  const { files, clock, watcher, seen } = setUp();
  await watcher.start();
  for (let change = 0; change < 20; change += 1) {
    await files.replaceLink('wifi_model_active.joblib', `${change}`);
    clock.set(await clock.asleep());
    await clock.asleep();
  }
  assert.equal(seen.length, 21);
  await files.replaceLink('wifi_model_active.joblib', 'one more');
  await watcher.stop();
  assert.equal(seen.length, 21);
});

test('what it tells changes with the live version, and with the link for people', async () => {
  const { files, watcher, seen } = setUp();
  await watcher.look();
  const version = await addModel(files);
  await watcher.look();
  await watcher.look();
  await files.replaceLink(activeMetadataLink(agent), metadataFile(agent, versionOf(0)));
  await watcher.look();
  await files.replaceLink(activeMetadataLink(agent), metadataFile(agent, version));
  await watcher.look();
  const [none, live, same, torn, mended] = seen.map(([identity]) => identity);
  assert.equal(live, same);
  assert.equal(live, mended);
  assert.equal(new Set([none, live, torn]).size, 3);
});

test('a file replaced by one of the same identity is noticed by what it holds, if it is young at once', async () => {
  const { files, clock, watcher, seen } = setUp();
  const name = modelFile(agent, await addModel(files));
  files.identify = async (other) => ({
    target: undefined,
    content: 'the same as ever',
    sizeBytes: 1,
    ...targetOf(other),
  });
  const targetOf = (other: string) => (other === 'wifi_model_active.joblib' ? { target: name } : {});
  const replace = async (byte: number) => {
    await files.remove(name);
    await files.write(name, Uint8Array.of(byte));
  };
  const lookAt = async (nowMs: number) => {
    clock.set(nowMs);
    await watcher.look();
    return seen.at(-1)?.[0];
  };
  const first = await lookAt(0);
  await replace(1);
  const second = await lookAt(CONTENT_CHECK.youngMs - 1);
  assert.notEqual(second, first);
  const settledMs = 2 * CONTENT_CHECK.youngMs;
  assert.equal(await lookAt(settledMs), second);
  await replace(2);
  assert.equal(await lookAt(settledMs + 1), second);
  const third = await lookAt(settledMs + CONTENT_CHECK.everyMs);
  assert.notEqual(third, second);
  clock.set(settledMs + CONTENT_CHECK.everyMs + CONTENT_CHECK.youngMs);
  await replace(3);
  await watcher.look(true);
  assert.notEqual(seen.at(-1)?.[0], third);
});

test('files that are not read at one look are read at the next', async () => {
  const { files, watcher, seen } = setUp();
  await addModel(files);
  files.onCall = (method) => {
    if (method === 'read') throw new Error('the disk was busy');
  };
  await watcher.look();
  assert.match(seen[0]?.[0] ?? '', /the disk was busy/);
  files.onCall = () => {};
  await watcher.look();
  assert.match(seen[1]?.[0] ?? '', / [0-9a-f]{64} [0-9a-f]{64}$/);
});

test('whatever a directory throws, the watch goes on', async () => {
  const { files, clock, watcher, seen } = setUp();
  files.onCall = () => {
    throw new TypeError('nobody foresaw this');
  };
  await watcher.start();
  assert.match(seen[0]?.[0] ?? '', /nobody foresaw this/);
  files.onCall = () => {};
  await addModel(files);
  clock.set(await clock.asleep());
  await clock.asleep();
  assert.match(seen.at(-1)?.[0] ?? '', /wifi_model_2025/);
  await watcher.stop();
});

test('looks do not overlap, and one that somebody asks for says so', async () => {
  let busy = 0;
  const { watcher, seen } = setUp(async () => {
    assert.equal(++busy, 1);
    await new Promise((resolve) => setImmediate(resolve));
    busy -= 1;
  });
  await Promise.all([watcher.look(), watcher.look(true), watcher.look()]);
  assert.deepEqual(
    seen.map(([, asked]) => asked),
    [false, true, false],
  );
});

test('a thousand who ask while a look is held up get one look, and how long it is held up can be told', async () => {
  const held = Promise.withResolvers<void>();
  const { clock, watcher, seen } = setUp(() => held.promise);
  assert.equal(watcher.lookingForMs, undefined);
  const looks = [watcher.look(), ...Array.from({ length: 1000 }, () => watcher.look(true))];
  while (seen.length === 0) await new Promise((resolve) => setImmediate(resolve));
  clock.set(75_000);
  assert.equal(watcher.lookingForMs, 75_000);
  held.resolve();
  await Promise.all(looks);
  assert.equal(seen.length, 2);
  assert.equal(watcher.lookingForMs, undefined);
});

test('a look that fails is heard of by whoever wanted it, and the next one comes all the same', async () => {
  let looks = 0;
  const { watcher } = setUp(async () => {
    if (++looks === 1) throw new Error('a mistake of ours');
  });
  await assert.rejects(watcher.look(true), /a mistake of ours/);
  await watcher.look(true);
  assert.equal(looks, 2);
});
