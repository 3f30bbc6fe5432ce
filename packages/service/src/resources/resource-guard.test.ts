import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { DrivenClock } from '../clock.ts';
import type { LoadReading } from './machine-load.ts';
import { ProcMachineLoad } from './proc-machine-load.ts';
import { ResourceGuard } from './resource-guard.ts';

const LIMITS = { maxCpuShare: 0.8, maxMemoryShare: 0.8 };

/** A guard that meets one load after another, and stops after the last. */
function setUp(shares: readonly number[]) {
  const stopping = new AbortController();
  const told: string[] = [];
  let at = 0;
  const guard = new ResourceGuard({
    load: {
      async read() {
        const cpuShare = shares[at];
        at += 1;
        if (at >= shares.length) stopping.abort();
        return { cpuShare, memoryShare: 0, writtenBytes: at };
      },
    },
    limits: LIMITS,
    clock: new DrivenClock(0),
    onPause: (reason) => told.push(reason),
    onResume: () => told.push('goes on'),
    onReading: () => {},
  });
  return { guard, stopping, told };
}

test('work waits at the gate while the machine is busy, and goes on after', async () => {
  const { guard, stopping, told } = setUp([0.1, 0.9, 0.9, 0.9, 0.9, 0.2, 0.1]);
  const free = new AbortController();
  const going = guard.run(stopping.signal);
  while (told.length === 0) {
    await guard.gate(free.signal);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await guard.gate(free.signal);
  assert.deepEqual(told, ['cpu 90 %, limit 80 %', 'goes on']);
  await going;
});

test('whoever waits may go when the signal comes, or the guard stops', async () => {
  const { guard, stopping, told } = setUp([0.9, 0.9, 0.9, 0.9]);
  const impatient = new AbortController();
  const going = guard.run(stopping.signal);
  while (told.length === 0) await new Promise((resolve) => setImmediate(resolve));
  const waits = guard.gate(impatient.signal);
  impatient.abort();
  await waits;
  await guard.gate(new AbortController().signal);
  await going;
});

test('the load of this machine can be read', async () => {
  const load = new ProcMachineLoad();
  await load.read();
  const isShare = (share: number | undefined) => share !== undefined && share >= 0 && share <= 1;
  let reading: LoadReading;
  do {
    await new Promise((resolve) => setImmediate(resolve));
    reading = await load.read();
  } while (reading.cpuShare === undefined); // the kernel counts in hundredths of a second
  assert.ok(isShare(reading.cpuShare) && isShare(reading.memoryShare), JSON.stringify(reading));
});

test('in a container its limit counts, without what can be thrown away', async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'edgewood-proc-'));
  t.after(() => rm(root, { recursive: true }));
  const files = {
    'proc/meminfo': 'MemTotal:       1000 kB\nMemFree:         10 kB\nMemAvailable:    900 kB\n',
    'proc/self/io': 'rchar: 1\nwrite_bytes: 4096\ncancelled_write_bytes: 5\n',
    'sys/fs/cgroup/memory.max': '1000\n',
    'sys/fs/cgroup/memory.current': '800\n',
    'sys/fs/cgroup/memory.stat': 'anon 1\ninactive_file 300\n',
  };
  for (const directory of ['proc/self', 'sys/fs/cgroup']) await mkdir(join(root, directory), { recursive: true });
  for (const [path, text] of Object.entries(files)) await writeFile(join(root, path), text);
  const { memoryShare, writtenBytes } = await new ProcMachineLoad(root).read();
  assert.deepEqual([memoryShare, writtenBytes], [0.5, 4096]);
  await writeFile(join(root, 'sys/fs/cgroup/memory.max'), 'max\n');
  const free = (await new ProcMachineLoad(root).read()).memoryShare ?? 1;
  assert.ok(Math.abs(free - 0.1) < 1e-9);
});
