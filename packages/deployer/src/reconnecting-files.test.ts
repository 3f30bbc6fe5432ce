import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeployError } from './errors.ts';
import { ReconnectingFiles } from './reconnecting-files.ts';
import type { TargetFiles } from './target-files.ts';
import { FaultyLine } from './testing/faulty-line.ts';
import { MemoryTargetFiles } from './testing/memory-target-files.ts';
import { SimulatedClock } from './testing/simulated-clock.ts';

function cutAtFirstCall(reopen: (line: FaultyLine, attempt: number) => TargetFiles) {
  const directory = new MemoryTargetFiles();
  const line = new FaultyLine(directory, { call: 0, kind: 'cut', moment: 'before' });
  const clock = new SimulatedClock();
  const told: string[] = [];
  let attempts = 0;
  const files = new ReconnectingFiles(line.open(), {
    reopen: async () => reopen(line, ++attempts),
    clock,
    limitMs: 30_000,
    onTry: (note) => told.push(note),
  });
  return { files, clock, told, attempts: () => attempts };
}

const unreachable = new DeployError('UNREACHABLE', 'no answer');

test('calls that were under way when the connection was cut are made again over one new connection', async () => {
  const { files, attempts, told } = cutAtFirstCall((line) => line.open());
  await Promise.all([files.write('a', new Uint8Array(1)), files.write('b', new Uint8Array(1)), files.list()]);
  assert.deepEqual(await files.list(), ['a', 'b']);
  assert.equal(attempts(), 1);
  assert.match(told[0] ?? '', /the connection was cut before write a/);
});

test('it is tried again with growing patience', async () => {
  const { files, attempts, clock } = cutAtFirstCall((line, attempt) => {
    if (attempt < 4) throw unreachable;
    return line.open();
  });
  assert.deepEqual(await files.list(), []);
  assert.deepEqual([attempts(), clock.countedMs()], [4, 1_000 + 2_000 + 4_000 + 8_000]);
});

test('after the time for it every call fails at once', async () => {
  const { files, clock, attempts } = cutAtFirstCall(() => {
    throw unreachable;
  });
  await assert.rejects(files.list(), { code: 'CONNECTION_LOST', message: /tried for 30 s to connect again/ });
  const [tries, nowMs] = [attempts(), clock.countedMs()];
  await assert.rejects(files.list(), { code: 'CONNECTION_LOST' });
  assert.deepEqual([attempts(), clock.countedMs()], [tries, nowMs]);
});

test('who answers in the place of the machine is not tried again', async () => {
  const { files, attempts } = cutAtFirstCall(() => {
    throw new DeployError('HOST_KEY_REFUSED', 'another key');
  });
  await assert.rejects(files.list(), { code: 'HOST_KEY_REFUSED' });
  assert.equal(attempts(), 1);
});

test('over a new connection nothing is done before it is known that the work may go on', async () => {
  const { files } = cutAtFirstCall((line) => line.open());
  files.afterReopening = async () => {
    throw new DeployError('DEPLOYMENT_LOST', 'it is over');
  };
  await assert.rejects(files.write('a', new Uint8Array(1)), { code: 'DEPLOYMENT_LOST' });
});
