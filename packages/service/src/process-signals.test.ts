import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { listenToSignals } from './process-signals.ts';
import { RecordingLog } from './testing/recording-log.ts';
import { ServiceProcess } from './testing/service-process.ts';

const STUCK = join(import.meta.dirname, 'testing/serve-stuck.ts');
const AN_HOUR_MS = 3_600_000;

/** A service in a process of its own that cannot stop by itself. */
async function startStuck(t: TestContext, stopDeadlineMs: number): Promise<ServiceProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'edgewood-stuck-'));
  const config = join(folder, 'edgewood.yaml');
  writeFileSync(config, `store: {file: ${join(folder, 'found.sqlite')}}\nhttp: {port: 0}\n`);
  const service = ServiceProcess.start([config, String(stopDeadlineMs)], { ...process.env }, STUCK);
  t.after(async () => {
    await service.kill();
    rmSync(folder, { recursive: true });
  });
  await service.line(/^listening on/);
  return service;
}

for (const second of ['SIGTERM', 'SIGINT'] as const) {
  test(`while a stop hangs, ${second} ends the process at once, with exit code 1`, async (t) => {
    const service = await startStuck(t, AN_HOUR_MS);
    service.signal('SIGTERM');
    await service.line(/^SIGTERM: stopping/);
    await service.line(/^closing the source/);
    service.signal(second);
    assert.equal(await service.ended, 1);
    await service.line(new RegExp(`^a second signal, ${second}: ending now`));
  });
}

test('a stop that hangs is ended by the deadline, with exit code 1', async (t) => {
  const service = await startStuck(t, 200);
  service.signal('SIGINT');
  assert.equal(await service.ended, 1);
  await service.line(/^closing the source/);
  await service.line(/^not stopped within 0\.2 s: ending now/);
});

test('SIGHUP while a stop hangs does not stand in the way of the deadline', async (t) => {
  const service = await startStuck(t, 1_000);
  service.signal('SIGTERM');
  await service.line(/^closing the source/);
  service.signal('SIGHUP');
  assert.equal(await service.ended, 1);
  await service.line(/^not stopped within 1 s: ending now/);
});

test('any number of SIGHUPs at once are one reload, and a stop goes before it', async (t) => {
  const signals = listenToSignals(() => new RecordingLog(), AN_HOUR_MS);
  t.after(() => signals.end());
  for (const _ of [1, 2, 3]) process.emit('SIGHUP');
  assert.equal(await signals.next(), 'reload');
  const next = signals.next();
  process.emit('SIGHUP');
  assert.equal(await next, 'reload');
  process.emit('SIGHUP');
  process.emit('SIGTERM');
  assert.deepEqual([await signals.next(), await signals.next(), signals.stopping.aborted], ['stop', 'stop', true]);
});

test('at its end nothing listens any more', () => {
  const count = () => ['SIGHUP', 'SIGTERM', 'SIGINT'].map((name) => process.listenerCount(name));
  const before = count();
  listenToSignals(() => new RecordingLog(), AN_HOUR_MS).end();
  assert.deepEqual(count(), before);
});
