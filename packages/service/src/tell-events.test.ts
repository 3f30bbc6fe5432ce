import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Anomaly } from './anomalies/anomaly.ts';
import type { StoredAnomaly, StoredChange } from './anomalies/anomaly-store.ts';
import { createServiceEvents } from './events.ts';
import { logEvents, type ServiceLog } from './tell-events.ts';
import { anomalyOf } from './testing/anomaly-store-contract.ts';
import { RecordingLog } from './testing/recording-log.ts';

/** The change that an anomaly is in the store. */
function changeOf(found: Anomaly): StoredChange {
  const review = { state: 'open', note: null, by: 'service', atMs: 0 } as const;
  const anomaly: StoredAnomaly = { ...found, id: 1, incidentId: 1, revision: 1, review };
  return { seq: 1, atMs: 0, kind: 'anomaly:detected', anomaly, incident: undefined };
}

function setUp() {
  const log = new RecordingLog();
  const events = createServiceEvents();
  const end = logEvents(events, log);
  return { log, events, end };
}

test('an anomaly is one readable line', () => {
  const { log, events } = setUp();
  events.emit('anomaly:detected', changeOf(anomalyOf('2', 12)));
  events.emit('anomaly:detected', changeOf(anomalyOf(null, 12)));
  assert.deepEqual(log.lines, [
    'warn: wifi: device 2, 1970-01-01T01:00:00Z to 01:05:00Z, severity 0.30: disassociation_events 38 (usually 0–2)',
    'warn: wifi: all devices, 1970-01-01T01:00:00Z to 01:05:00Z, severity 0.30: disassociation_events 38 (usually 0–2)',
  ]);
});

test('what goes on is warned of when it begins, and again only to those who debug', () => {
  const { log, events } = setUp();
  const first = changeOf(anomalyOf('2', 12));
  const { fromMs } = first.anomaly ?? assert.fail();
  const incident = { ...anomalyOf('2', 12), id: 1, fromMs } as unknown as NonNullable<StoredChange['incident']>;
  events.emit('anomaly:detected', { ...first, incident });
  events.emit('anomaly:detected', { ...changeOf(anomalyOf('2', 13)), incident });
  assert.deepEqual(
    log.lines.map((line) => line.slice(0, 5)),
    ['warn:', 'debug'],
  );
});

test("an anomaly's level does not take the place of the log line's", () => {
  const events = createServiceEvents();
  const fields: object[] = [];
  const log = { ...new RecordingLog(), warn: (of: object) => fields.push(of) } as unknown as ServiceLog;
  logEvents(events, log);
  events.emit('anomaly:detected', changeOf(anomalyOf('2', 12)));
  assert.deepEqual(
    fields.map((of) => ['level' in of, 'severityLevel' in of]),
    [[false, true]],
  );
});

test('a refused model is said once for each reason, with what follows', () => {
  const { log, events } = setUp();
  const reason = 'there is none';
  events.emit('model:rejected', { agent: 'wifi', reason, inUse: undefined, again: false });
  events.emit('model:rejected', { agent: 'wifi', reason, inUse: undefined, again: true });
  events.emit('model:rejected', { agent: 'wifi', reason: 'damaged', inUse: '20250607_230000', again: false });
  assert.deepEqual(log.lines, [
    'warn: wifi: there is none; no model, no analysis',
    'warn: wifi: damaged; 20250607_230000 stays in use',
  ]);
});

test('what fails is said with the time of the next try', () => {
  const { log, events } = setUp();
  const error = new Error('connection refused');
  events.emit('cycle:failed', { agent: 'wifi', error, retryMs: 2_000 });
  events.emit('source:failed', { error, retryMs: 1_000 });
  events.emit('slots:skipped', { agent: 'wifi', fromMs: 0, toMs: 300_000, slots: 1 });
  assert.deepEqual(log.lines, [
    'error: wifi: connection refused; again in 2 s',
    'error: connection refused; again in 1 s',
    'warn: wifi: too old to be caught up, never analysed: 1970-01-01T00:00:00Z to 1970-01-01T00:05:00Z',
  ]);
});

test('warnings of the log source and of a model are lines of their own', () => {
  const { log, events } = setUp();
  events.emit('source:ready', { description: 'PostgreSQL 18', warnings: ['the role could write'] });
  events.emit('model:loaded', { agent: 'wifi', version: '20250607_230000', warnings: ['no probes'] });
  assert.deepEqual(log.lines, [
    'info: reading logs from PostgreSQL 18',
    'warn: the role could write',
    'info: wifi: model 20250607_230000 is in use',
    'warn: wifi: no probes',
  ]);
});

test('nothing is said after the end', () => {
  const { log, events, end } = setUp();
  end();
  events.emit('source:ready', { description: 'PostgreSQL 18', warnings: [] });
  assert.deepEqual(log.lines, []);
});
