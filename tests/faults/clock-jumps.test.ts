/**
 * A machine's clock that jumps, by an hour or a year, and a machine that wakes up in the past: the service on such a machine
 * finds what one with a good clock finds. The log is another machine's, which has the right time.
 */
import assert from 'node:assert/strict';
import { after, type TestContext, test } from 'node:test';
import { MemoryModelFiles } from '../../packages/models/src/testing/memory-model-files.ts';
import type { AnomalyStore } from '../../packages/service/src/anomalies/anomaly-store.ts';
import { WITHDRAWN_NOTE } from '../../packages/service/src/anomalies/slot-outcome.ts';
import { parseConfig } from '../../packages/service/src/config.ts';
import { PrometheusMetrics } from '../../packages/service/src/metrics/prometheus-metrics.ts';
import { Service } from '../../packages/service/src/service.ts';
import { SteadyClock } from '../../packages/service/src/steady-clock.ts';
import { MemoryAnomalyStore } from '../../packages/service/src/testing/memory-anomaly-store.ts';
import { RecordingLog } from '../../packages/service/src/testing/recording-log.ts';
import { addModel } from '../../packages/service/src/testing/wifi-models.ts';
import { START_MS, WINDOW_MS } from '../soak/generated-log.ts';
import { GeneratedLogSource } from '../soak/generated-log-source.ts';
import { SettableTime } from './settable-time.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const YEAR_MS = 365 * 86_400_000;
const AGENTS = ['wifi', 'silence'];
/** When the first window is finished, and the grace has passed. */
const BEGIN_MS = START_MS + WINDOW_MS + 2 * MINUTE_MS;
const END_MS = START_MS + 9 * HOUR_MS;
/** Device 4 is silent from here on for an hour. */
const SILENCE_MS = START_MS + 3 * HOUR_MS;
const BY = { 'an hour ahead': HOUR_MS, 'an hour back': -HOUR_MS, 'a year ahead': YEAR_MS, 'a year back': -YEAR_MS };

const files = new MemoryModelFiles();
await addModel(files);
const counts = { jumps: 0, windows: 0, anomalies: 0, incidents: 0 };

after(() => {
  const { jumps, windows, anomalies, incidents } = counts;
  console.log(
    `clock jumps: ${jumps}; ${windows} windows, ${anomalies} anomalies, ${incidents} incidents as without, 0 lost, 0 doubled`,
  );
});

/** A service on a machine, until it is stopped; the store and the time outlive it. */
async function startService(t: TestContext, time: SettableTime, store: AnomalyStore) {
  const told: string[] = [];
  const clock = new SteadyClock({
    sources: time,
    nap: time.nap,
    onJump: (jump) => {
      counts.jumps += jump.held ? 1 : 0;
      service.events.emit('clock:jumped', jump);
    },
  });
  const service: Service = new Service({
    config: parseConfig(`http: {port: 0}\nagents: [${AGENTS.map((name) => `{name: ${name}}`).join(', ')}]`, 'test', {}),
    source: new GeneratedLogSource(time, { fails: false }),
    store,
    files,
    clock,
    metrics: new PrometheusMetrics(),
    log: new RecordingLog(),
    loadAgent: () => assert.fail('no agent of a third party here'),
  });
  service.events.on('slots:skipped', ({ agent }) => told.push(`${agent} skipped`));
  service.events.on('cursor:rewound', ({ agent }) => told.push(`${agent} rewound`));
  t.after(() => service.stop());
  await service.start();
  const reasons = async () => {
    const answer = await fetch(new URL('/healthz', service.address));
    return ((await answer.json()) as { reasons: string[] }).reasons;
  };
  return { service, told, reasons, passUntil: (trueMs: number) => time.passUntil(trueMs, AGENTS.length) };
}

/**
 * What was found in the time of the log, without what says when and how often it was looked at. What was seen before its
 * time, and taken back since, is not found.
 */
async function foundIn(store: AnomalyStore) {
  const span = { sinceMs: START_MS, untilMs: END_MS };
  const windows = await Promise.all(
    AGENTS.map((agent) => store.windows({ agent, ...span, limit: 50_000, vectors: true })),
  );
  const anomalies = await store.anomalies({ ...span, limit: 1_000 });
  const incidents = await store.incidents({ ...span, limit: 1_000 });
  return {
    windows: windows.flat(),
    anomalies: anomalies
      .filter(({ review }) => review.note !== WITHDRAWN_NOTE)
      .map(({ id: _, incidentId: __, revision: ___, review: ____, detectedAtMs: _____, ...rest }) => rest)
      .map((anomaly) => JSON.stringify(anomaly))
      .sort(),
    incidents: incidents
      .filter(({ anomalies }) => anomalies > 0)
      .map(({ id: _, review: __, openedAtMs: ___, updatedAtMs: ____, ...rest }) => JSON.stringify(rest))
      .sort(),
  };
}

const undisturbed = await (async () => {
  const ends: (() => unknown)[] = [];
  const time = new SettableTime(BEGIN_MS);
  const store = new MemoryAnomalyStore();
  const { passUntil } = await startService({ after: (end: () => unknown) => ends.push(end) } as never, time, store);
  await passUntil(END_MS);
  for (const end of ends) await end();
  return foundIn(store);
})();

async function isAsUndisturbed(store: AnomalyStore): Promise<void> {
  const found = await foundIn(store);
  assert.deepEqual(found, undisturbed);
  counts.windows += found.windows.length;
  counts.anomalies += found.anomalies.length;
  counts.incidents += found.incidents.length;
}

test('without a jump there are storms and a silence to be found', () => {
  const kinds = undisturbed.anomalies.map((anomaly) => JSON.parse(anomaly).kind);
  assert.deepEqual(new Set(kinds), new Set(['unusual', 'device_silent']));
  assert.ok(undisturbed.incidents.length >= 4);
});

for (const [name, byMs] of Object.entries(BY)) {
  for (const backAfterMs of [5 * MINUTE_MS, 9 * MINUTE_MS]) {
    test(`a clock that is set ${name} and back after ${backAfterMs / MINUTE_MS} min changes nothing`, async (t) => {
      const time = new SettableTime(BEGIN_MS);
      const store = new MemoryAnomalyStore();
      const { passUntil, reasons, told } = await startService(t, time, store);
      const atMs = SILENCE_MS + 10 * MINUTE_MS;
      await passUntil(atMs);
      time.errorMs = byMs;
      await passUntil(atMs + MINUTE_MS);
      assert.match((await reasons()).join(), new RegExp(`the clock jumped by ${byMs / 1000} s`));
      await passUntil(atMs + backAfterMs);
      time.errorMs = 0;
      await passUntil(atMs + backAfterMs + MINUTE_MS);
      assert.deepEqual(await reasons(), []);
      await passUntil(END_MS);
      assert.deepEqual(told, []);
      await isAsUndisturbed(store);
    });
  }

  test(`a clock that is set ${name}, is believed, and is set right after two hours loses and doubles nothing`, async (t) => {
    const time = new SettableTime(BEGIN_MS);
    const store = new MemoryAnomalyStore();
    const { passUntil } = await startService(t, time, store);
    const atMs = START_MS + 4.5 * HOUR_MS;
    await passUntil(atMs);
    time.errorMs = byMs;
    await passUntil(atMs + 2 * HOUR_MS);
    time.errorMs = 0;
    await passUntil(END_MS);
    await isAsUndisturbed(store);
  });
}

for (const [name, behindMs] of [
  ['an hour', HOUR_MS],
  ['a year', YEAR_MS],
] as const) {
  test(`a machine that boots ${name} behind its cursor, and hears of the time later, loses and doubles nothing`, async (t) => {
    const time = new SettableTime(BEGIN_MS);
    const store = new MemoryAnomalyStore();
    store.close = async () => {};
    const first = await startService(t, time, store);
    await first.passUntil(START_MS + 2 * HOUR_MS);
    await first.service.stop();
    time.errorMs = -behindMs;
    const second = await startService(t, time, store);
    await second.passUntil(SILENCE_MS + 20 * MINUTE_MS);
    time.errorMs = 0;
    await second.passUntil(SILENCE_MS + 21 * MINUTE_MS);
    assert.match((await second.reasons()).join(), new RegExp(`the clock jumped by ${behindMs / 1000} s`));
    await second.passUntil(END_MS);
    assert.deepEqual(await second.reasons(), []);
    await isAsUndisturbed(store);
  });
}

/** When a clock that stays wrong has been believed for a while. */
const LONG_AFTER_MS = 3 * HOUR_MS;

/** What a service has that works by a wrong clock: the newest window of the log's own time, what it says, what it found. */
async function afterStayingWrong(t: TestContext, byMs: number) {
  const time = new SettableTime(BEGIN_MS);
  const store = new MemoryAnomalyStore();
  const { passUntil, reasons, told } = await startService(t, time, store);
  const atMs = START_MS + 4.5 * HOUR_MS;
  await passUntil(atMs);
  time.errorMs = byMs;
  await passUntil(atMs + LONG_AFTER_MS);
  const ofNow = await store.windows({ agent: 'wifi', sinceMs: atMs + 10 * MINUTE_MS, untilMs: atMs + LONG_AFTER_MS });
  const said = (await reasons()).join();
  const silent = (await store.anomalies({ agent: 'silence', limit: 1_000 })).filter(
    ({ kind }) => kind === 'pipeline_silent',
  );
  return { ofNow, said, told, silent };
}

test('a clock that stays a year ahead: what is logged now is not looked at again, and nobody is missed for so long, but it is said', async (t) => {
  const { ofNow, said, told, silent } = await afterStayingWrong(t, YEAR_MS);
  assert.deepEqual(ofNow, []);
  assert.deepEqual(silent, []);
  assert.ok(told.includes('wifi skipped'), told.join());
  assert.match(said, /the log's newest entries, of 2\S+, are 365 days in the past: .* or the clock, .* is wrong/);
});

test('a clock that stays a year behind: what is logged now is not due for a year, and it is said', async (t) => {
  const { ofNow, said, told } = await afterStayingWrong(t, -YEAR_MS);
  assert.deepEqual(ofNow, []);
  assert.ok(told.includes('wifi rewound'), told.join());
  assert.match(said, /the log's newest entries, of 2\S+, are 365 days in the future: .* by the clock, which is wrong/);
});
