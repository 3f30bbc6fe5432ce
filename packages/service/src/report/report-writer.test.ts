import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ModelError, parseServiceReport, SERVICE_REPORT_FILE, type ServiceReport } from '@edgewood/models';
import { MemoryModelFiles } from '../../../models/src/testing/memory-model-files.ts';
import { createServiceEvents } from '../events.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { RecordingLog } from '../testing/recording-log.ts';
import { formatServiceReport } from './format-service-report.ts';
import { REPORT_INTERVAL_MS } from './report-policy.ts';
import { ReportWriter } from './report-writer.ts';

const OUT_OF_WORK = { agent: 'wifi', inUse: undefined, reason: 'no model' };

function setUp() {
  const files = new MemoryModelFiles();
  const events = createServiceEvents();
  const log = new RecordingLog();
  const clock = new ManualClock(0);
  const state = { isDeploying: false };
  let sequence = 0;
  const make = async (): Promise<ServiceReport> => {
    sequence += 1;
    const about = { serviceVersion: '0.1.0', startedMs: 0, nowMs: 0, trustedKeys: [], models: [] };
    return formatServiceReport({ ...about, sequence });
  };
  const writer = new ReportWriter({ files, events, log, clock, make, isDeploying: () => state.isDeploying });
  const finish = () => events.emit('cycle:finished', { agent: 'wifi', toMs: 0, durationMs: 1 });
  /** The number of the report that lies there when everything that was begun has ended; 0 without one. */
  const written = async (): Promise<number> => {
    await new Promise((resolve) => setImmediate(resolve)); // everything here ends within one turn
    const text = new TextDecoder().decode(await files.read(SERVICE_REPORT_FILE).catch(() => new Uint8Array()));
    return text === '' ? 0 : parseServiceReport(text, 'x').sequence;
  };
  return { files, events, log, clock, state, writer, finish, written };
}

test('the first report is there at the start, the next whenever a model was loaded or refused', async () => {
  const { events, writer, written } = setUp();
  assert.equal(await written(), 0);
  writer.start();
  assert.equal(await written(), 1);
  events.emit('model:loaded', { agent: 'wifi', version: '20250607_230000', warnings: [] });
  assert.equal(await written(), 2);
  events.emit('model:rejected', { ...OUT_OF_WORK, again: false });
  assert.equal(await written(), 3);
  events.emit('deployment:seen', { agent: 'wifi', id: 'a', by: 'anna', version: '20250607_230000' });
  assert.equal(await written(), 4);
});

test('without a deployment, cycles and repeated refusals write one in 15 minutes', async () => {
  const { events, clock, writer, finish, written } = setUp();
  writer.start();
  const happen = () => {
    finish();
    events.emit('cycle:failed', { agent: 'wifi', error: new Error('no'), retryMs: 1 });
    events.emit('model:rejected', { ...OUT_OF_WORK, again: true });
  };
  happen();
  clock.set(REPORT_INTERVAL_MS - 1);
  happen();
  assert.equal(await written(), 1);
  clock.set(REPORT_INTERVAL_MS);
  happen();
  assert.equal(await written(), 2);
});

test('while somebody deploys, every cycle writes one, a failed one too', async () => {
  const { events, state, writer, finish, written } = setUp();
  writer.start();
  await written();
  state.isDeploying = true;
  for (const expected of [2, 3]) {
    finish();
    assert.equal(await written(), expected);
  }
  events.emit('cycle:failed', { agent: 'wifi', error: new Error('no'), retryMs: 1 });
  assert.equal(await written(), 4);
});

test('what happens while one is written is in the next, of which there is one', async () => {
  const { files, state, writer, finish, written } = setUp();
  state.isDeploying = true;
  const disk = Promise.withResolvers<void>();
  files.onCall = (method) => (method === 'replaceFile' ? disk.promise : undefined);
  writer.start();
  for (let cycle = 0; cycle < 5; cycle += 1) finish();
  disk.resolve();
  assert.equal(await written(), 2);
});

test('a directory that cannot be written is said once, and written when it can be', async () => {
  const { files, state, log, writer, finish, written } = setUp();
  state.isDeploying = true;
  files.onCall = (method) => {
    if (method === 'replaceFile') throw new ModelError('FILE_UNWRITABLE', 'a read-only file system');
  };
  writer.start();
  for (let cycle = 0; cycle < 3; cycle += 1) {
    finish();
    assert.equal(await written(), 0);
  }
  assert.deepEqual(log.lines, ['info: the report for deployers is not there: a read-only file system']);
  files.onCall = () => {};
  finish();
  assert.ok((await written()) > 0);
});

test('a stop waits for what is being written and writes no last one', async () => {
  const { files, state, writer, finish, written } = setUp();
  state.isDeploying = true;
  const disk = Promise.withResolvers<void>();
  files.onCall = (method) => (method === 'replaceFile' ? disk.promise : undefined);
  writer.start();
  finish();
  let stopped = false;
  const stopping = writer.stop().then(() => {
    stopped = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(stopped, false);
  disk.resolve();
  await stopping;
  finish();
  assert.equal(await written(), 1);
  await writer.stop();
});
