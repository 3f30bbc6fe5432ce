import assert from 'node:assert/strict';
import { test } from 'node:test';
import { activeMetadataLink, metadataFile, parseAgentName, versionOf } from '@edgewood/models';
import { MemoryModelFiles } from '../../../models/src/testing/memory-model-files.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { addModel } from '../testing/wifi-models.ts';
import { ModelWatcher } from './model-watcher.ts';

const agent = parseAgentName('wifi');

function setUp(onLook: (identity: string, asked: boolean) => Promise<void> = async () => {}) {
  const files = new MemoryModelFiles();
  const clock = new ManualClock();
  const seen: [string, boolean][] = [];
  const watcher = new ModelWatcher({
    files,
    agent,
    clock,
    pollIntervalMs: 2_000,
    onLook: (identity, asked) => {
      seen.push([identity, asked]);
      return onLook(identity, asked);
    },
  });
  return { files, clock, watcher, seen };
}

test('it looks at the start, and then whenever the interval has passed, until it is stopped', async () => {
  const { clock, watcher, seen } = setUp();
  await watcher.start();
  assert.equal(seen.length, 1);
  assert.equal(await clock.asleep(), 2_000);
  clock.set(2_000);
  assert.equal(await clock.asleep(), 4_000);
  assert.equal(seen.length, 2);
  await watcher.stop();
  await watcher.stop();
  clock.set(9_000);
  assert.equal(seen.length, 2);
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
