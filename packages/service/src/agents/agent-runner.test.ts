import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DETECTORS } from '@edgewood/detection';
import { agentProfile } from '@edgewood/features';
import { LogError, type LogSource } from '@edgewood/logs';
import { MemoryLogSource } from '../../../logs/src/testing/memory-log-source.ts';
import { MemoryModelFiles } from '../../../models/src/testing/memory-model-files.ts';
import type { StoredAnomaly, StoredWindow } from '../anomalies/anomaly-store.ts';
import { ChangeAnnouncer } from '../change-announcer.ts';
import { type Clock, DrivenClock } from '../clock.ts';
import { parseConfig } from '../config.ts';
import { createServiceEvents } from '../events.ts';
import { ModelManager } from '../models/model-manager.ts';
import { MemoryAnomalyStore } from '../testing/memory-anomaly-store.ts';
import { addModel, quietLog, START_MS, WINDOW_MS } from '../testing/wifi-models.ts';
import type { Agent } from './agent.ts';
import { AgentRunner, type AgentRunnerOptions, type RunnerSettings } from './agent-runner.ts';
import { createDetectionAgent } from './detection-agent.ts';
import { createSilenceAgent } from './silence-agent.ts';

const GRACE_MS = 120_000;
const STORMS = [5, 20];
const WINDOWS = 30;

/** Stops a run when the clock has come to a time: the abort is what the service's stop does. */
class ClockUntil implements Clock {
  readonly stopped = new AbortController();
  readonly #clock: DrivenClock;
  readonly #endMs: number;

  constructor(startMs: number, endMs: number) {
    this.#clock = new DrivenClock(startMs);
    this.#endMs = endMs;
  }

  nowMs(): number {
    return this.#clock.nowMs();
  }

  async sleepUntil(untilMs: number, signal: AbortSignal): Promise<void> {
    if (untilMs > this.#endMs) this.stopped.abort();
    await this.#clock.sleepUntil(untilMs, signal);
  }
}

const SETTINGS: RunnerSettings = {
  graceMs: GRACE_MS,
  lateHorizonMs: 3_600_000,
  catchUpMaxMs: 86_400_000,
  timeLimitMs: 60_000,
  anomaliesPerSlot: 100,
  quietWindows: 3,
};

/** How bad is what the agent of these tests finds. */
const SEVERITY = { medium: 0.2, high: 0.5, rules: [] };

async function setUp(
  clock: Clock,
  options: { model?: boolean; store?: MemoryAnomalyStore; settings?: Partial<RunnerSettings>; agent?: Agent } = {},
) {
  const { model = true, store = new MemoryAnomalyStore() } = options;
  const files = new MemoryModelFiles();
  if (model) await addModel(files);
  const events = createServiceEvents();
  const profile = agentProfile('wifi');
  const source = new MemoryLogSource(quietLog(WINDOWS, { storms: STORMS }));
  const models = new ModelManager({
    files,
    agent: profile,
    settings: {},
    events,
    clock: new DrivenClock(0),
    pollIntervalMs: 2_000,
  });
  await models.check();
  const forest = createDetectionAgent(profile, models, { name: 'wifi', severity: SEVERITY, detectors: DETECTORS });
  const announcer = new ChangeAnnouncer(store, events);
  const parts: AgentRunnerOptions = {
    agent: options.agent ?? forest,
    source,
    store,
    events,
    clock,
    settings: { ...SETTINGS, ...options.settings },
    announce: () => announcer.announce(),
  };
  return { parts, runner: new AgentRunner(parts), store, source, events, files, models, forest };
}

const endOf = (windows: number) => START_MS + windows * WINDOW_MS;

/** Runs live from a time to another, as a service that is started and stopped then. */
async function runLive(fromMs: number, toMs: number, store?: MemoryAnomalyStore) {
  const clock = new ClockUntil(fromMs, toMs);
  const parts = await setUp(clock, store === undefined ? {} : { store });
  await parts.runner.run(clock.stopped.signal);
  return parts;
}

/** What matters of anomalies: all but when they were found. */
function found(anomalies: readonly StoredAnomaly[]): unknown[] {
  return anomalies.map(({ detectedAtMs: _, id: __, incidentId: ___, review: ____, revision: _____, ...rest }) => rest);
}

test('a storm is found in its window and device, with its reason and its lines', async () => {
  const { store } = await runLive(START_MS + WINDOW_MS + GRACE_MS, endOf(WINDOWS) + GRACE_MS);
  const anomalies = (await store.anomalies({})).toReversed();
  assert.deepEqual(
    anomalies.map(({ deviceId, fromMs }) => [deviceId, (fromMs - START_MS) / WINDOW_MS]),
    STORMS.map((storm) => ['1', storm]),
  );
  const [first] = anomalies;
  assert.match(first?.why ?? '', /disassociation_events 40/);
  assert.ok((first?.severity ?? 0) > 0 && (first?.severity ?? 2) <= 1);
  assert.match(first?.exampleLines[0] ?? '', /^hostapd: wlan0: AP-STA-DISCONNECTED /);
  assert.equal(first?.features.length, 3);
});

test('a window is analysed when its end plus the grace has passed, and not before', async () => {
  const beforeMs = endOf(6) + GRACE_MS - 1;
  const { store } = await runLive(START_MS + WINDOW_MS + GRACE_MS, beforeMs);
  assert.equal((await store.progress('wifi'))?.cursorMs, endOf(5));
});

test('replay equals live: in one go, window by window, or cut off and continued', async () => {
  const live = await runLive(START_MS + WINDOW_MS + GRACE_MS, endOf(WINDOWS) + GRACE_MS);
  const clock = new DrivenClock(START_MS);
  const { runner, store } = await setUp(clock);
  await runner.replay({ fromMs: START_MS, toMs: endOf(WINDOWS) }, new AbortController().signal);
  const pieces = new MemoryAnomalyStore();
  await runLive(START_MS + WINDOW_MS + GRACE_MS, endOf(8), pieces);
  await runLive(endOf(8), endOf(21), pieces);
  await runLive(endOf(25), endOf(WINDOWS) + GRACE_MS, pieces); // catches up what was missed between
  assert.deepEqual(found(await store.anomalies({})), found(await live.store.anomalies({})));
  assert.deepEqual(found(await pieces.anomalies({})), found(await live.store.anomalies({})));
});

test('a span that is replayed again finds nothing twice', async () => {
  const { runner, store } = await setUp(new DrivenClock(START_MS));
  const span = { fromMs: START_MS, toMs: endOf(WINDOWS) };
  await runner.replay(span, new AbortController().signal);
  await runner.replay(span, new AbortController().signal);
  assert.equal((await store.anomalies({})).length, STORMS.length);
});

test('without a model the cursor stands still; a replay says so', async () => {
  const clock = new ClockUntil(endOf(3), endOf(6));
  const { runner, store } = await setUp(clock, { model: false });
  await runner.run(clock.stopped.signal);
  assert.equal((await store.progress('wifi'))?.cursorMs, undefined);
  const replay = runner.replay({ fromMs: START_MS, toMs: endOf(1) }, new AbortController().signal);
  await assert.rejects(replay, { code: 'AGENT_FAILED', message: /cannot look at windows: no model.*NO_ACTIVE_MODEL/ });
});

test('while the log source is away the agent tries again, and then loses nothing', async () => {
  const clock = new ClockUntil(START_MS + WINDOW_MS + GRACE_MS, endOf(WINDOWS) + GRACE_MS);
  const { runner, store, source, events } = await setUp(clock);
  const errors: string[] = [];
  events.on('cycle:failed', ({ error }) => {
    errors.push(error.message);
    if (errors.length === 12) source.failure = undefined;
  });
  events.on('slot:analysed', ({ toMs }) => {
    if (toMs === endOf(4) && errors.length === 0)
      source.failure = new LogError('SOURCE_UNREACHABLE', 'connection refused');
  });
  await runner.run(clock.stopped.signal);
  assert.equal(errors.length, 12);
  assert.equal((await store.progress('wifi'))?.cursorMs, endOf(WINDOWS));
  assert.equal((await store.anomalies({})).length, STORMS.length);
  assert.equal(runner.lastError, undefined);
});

test('while the store fails nothing is announced, and each anomaly is announced once when it is stored', async () => {
  const clock = new ClockUntil(START_MS + WINDOW_MS + GRACE_MS, endOf(WINDOWS) + GRACE_MS);
  const { runner, store, events } = await setUp(clock);
  store.failing = true;
  const announced: number[] = [];
  let failures = 0;
  events.on('anomaly:detected', ({ anomaly }) => announced.push(((anomaly?.fromMs ?? 0) - START_MS) / WINDOW_MS));
  events.on('cycle:failed', () => {
    failures += 1;
    assert.deepEqual(announced, []);
    if (failures === 9) store.failing = false;
  });
  await runner.run(clock.stopped.signal);
  assert.equal(failures, 9);
  assert.deepEqual(announced, STORMS);
});

test('a device that falls silent still has its windows', async () => {
  const clock = new ClockUntil(START_MS + WINDOW_MS + GRACE_MS, endOf(10) + GRACE_MS);
  const { runner, source, events } = await setUp(clock);
  source.entries.length = 0;
  const windows: number[] = [];
  events.on('slot:analysed', (slot) => windows.push(slot.windows));
  await runner.run(clock.stopped.signal);
  assert.deepEqual(new Set(windows), new Set([2]));
});

test('downtime beyond the limit is skipped, and that is said', async () => {
  const store = new MemoryAnomalyStore();
  await runLive(START_MS + WINDOW_MS + GRACE_MS, endOf(3), store);
  const clock = new ClockUntil(endOf(25), endOf(WINDOWS) + GRACE_MS);
  const { runner, events } = await setUp(clock, { store, settings: { catchUpMaxMs: 10 * WINDOW_MS } });
  const skipped: number[][] = [];
  events.on('slots:skipped', ({ fromMs, toMs }) =>
    skipped.push([fromMs, toMs].map((ms) => (ms - START_MS) / WINDOW_MS)),
  );
  await runner.run(clock.stopped.signal);
  assert.deepEqual(skipped, [[2, 15]]);
  assert.equal((await store.progress('wifi'))?.cursorMs, endOf(WINDOWS));
});

test('a source that hangs is given up, said and asked again', { timeout: 30_000 }, async (t) => {
  const parts = await setUp(new DrivenClock(endOf(1) + GRACE_MS));
  const { source, store, events } = parts;
  const stopping = new AbortController();
  // In real time, so that the limit is all that is waited for; the timer keeps this process alive meanwhile.
  const alive = setInterval(() => {}, 1_000);
  t.after(() => clearInterval(alive));
  const answering = source.read.bind(source);
  source.read = async function* (_query, signal) {
    yield* [];
    await new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
  };
  const errors: string[] = [];
  events.on('cycle:failed', ({ error }) => {
    errors.push(error.message);
    source.read = answering;
  });
  events.on('cycle:finished', () => stopping.abort());
  const settings = { ...SETTINGS, timeLimitMs: 20 };
  await new AgentRunner({ ...parts.parts, settings }).run(stopping.signal);
  assert.deepEqual(errors, ["the wifi agent's cycle took more than 0.02 s"]);
  assert.equal((await store.progress('wifi'))?.cursorMs, endOf(1));
});

test('a source that hangs while late entries are counted is given up, said and asked again', {
  timeout: 30_000,
}, async (t) => {
  const clock = new ClockUntil(endOf(1) + GRACE_MS, endOf(3) + GRACE_MS);
  const { parts, source, store, events } = await setUp(clock);
  // As above, in real time.
  const alive = setInterval(() => {}, 1_000);
  t.after(() => clearInterval(alive));
  const answering = source.countEntries.bind(source);
  const hanging: LogSource['countEntries'] = (_query, _windowMs, signal) =>
    new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
  Object.assign(source, { countEntries: hanging });
  const errors: string[] = [];
  events.on('cycle:failed', ({ error }) => {
    errors.push(error.message);
    Object.assign(source, { countEntries: answering });
  });
  const settings = { ...SETTINGS, timeLimitMs: 20 };
  await new AgentRunner({ ...parts, settings }).run(clock.stopped.signal);
  assert.deepEqual(errors, ["the wifi agent's cycle took more than 0.02 s"]);
  assert.equal((await store.progress('wifi'))?.cursorMs, endOf(3));
});

test('a mistake in looking at a window does not end the run', async () => {
  const clock = new ClockUntil(endOf(1) + GRACE_MS, endOf(3) + GRACE_MS);
  const { parts, store, forest } = await setUp(clock);
  let mistakes = 0;
  const agent: Agent = {
    ...forest,
    takeUp: () => {
      if (mistakes++ < 3) throw new TypeError('a mistake');
      return forest.takeUp();
    },
  };
  await new AgentRunner({ ...parts, agent }).run(clock.stopped.signal);
  assert.equal((await store.progress('wifi'))?.cursorMs, endOf(3));
});

test('a device that the training never saw is remembered: it has its windows after a restart, though it is silent', async () => {
  const store = new MemoryAnomalyStore();
  const first = new ClockUntil(endOf(1) + GRACE_MS, endOf(2) + GRACE_MS);
  const parts = await setUp(first, { store });
  parts.source.entries.push({
    timeMs: START_MS + 7,
    deviceId: 'new',
    program: 'hostapd',
    level: 'info',
    message: 'up',
  });
  await parts.runner.run(first.stopped.signal);
  const second = new ClockUntil(endOf(2) + GRACE_MS, endOf(6) + GRACE_MS);
  const { runner, events } = await setUp(second, { store });
  const windows: number[] = [];
  events.on('slot:analysed', (slot) => windows.push(slot.windows));
  await runner.run(second.stopped.signal);
  assert.deepEqual(windows, [3, 3, 3, 3]);
});

test('what is skipped is said once, even if the source is away just then and the service is started again', async () => {
  const store = new MemoryAnomalyStore();
  await runLive(endOf(1) + GRACE_MS, endOf(3), store);
  const skipped: number[][] = [];
  for (const start of [25, 25]) {
    const clock = new ClockUntil(endOf(start) - 60_000, endOf(start) - 30_000);
    const { runner, events, source } = await setUp(clock, { store, settings: { catchUpMaxMs: 10 * WINDOW_MS } });
    source.failure = new LogError('SOURCE_UNREACHABLE', 'connection refused');
    events.on('slots:skipped', ({ fromMs, toMs }) => skipped.push([fromMs, toMs]));
    await runner.run(clock.stopped.signal);
  }
  assert.deepEqual(skipped, [[endOf(2), endOf(15)]]);
});

/** Windows without what says when, how often and by whom they were looked at. */
async function windowsOf(store: MemoryAnomalyStore): Promise<readonly StoredWindow[]> {
  return store.windows({ agent: 'wifi', sinceMs: START_MS, untilMs: endOf(WINDOWS), vectors: true });
}

test('entries that come late make their window be analysed again, with what a replay finds', async () => {
  const clock = new ClockUntil(endOf(1) + GRACE_MS, endOf(WINDOWS) + GRACE_MS);
  const { runner, source, store, events } = await setUp(clock);
  const storm = source.entries.filter(({ timeMs }) => timeMs >= endOf(5) && timeMs < endOf(6));
  source.entries.splice(0, Number.POSITIVE_INFINITY, ...source.entries.filter((entry) => !storm.includes(entry)));
  const late: number[][] = [];
  const found: number[] = [];
  events.on('entries:late', ({ fromMs, entries }) => late.push([(fromMs - START_MS) / WINDOW_MS, entries]));
  events.on('anomaly:detected', ({ anomaly }) => found.push(((anomaly?.fromMs ?? 0) - START_MS) / WINDOW_MS));
  events.on('cycle:finished', ({ toMs }) => {
    if (toMs === endOf(10)) source.entries.push(...storm);
  });
  await runner.run(clock.stopped.signal);
  assert.deepEqual(late, [[5, storm.length]]);
  assert.deepEqual(found, STORMS);
  const replay = await setUp(new DrivenClock(START_MS));
  await replay.runner.replay({ fromMs: START_MS, toMs: endOf(WINDOWS) }, new AbortController().signal);
  assert.deepEqual(await windowsOf(store), await windowsOf(replay.store));
});

test('late entries of several devices are taken up by an agent that also judges all of them together', async () => {
  const clock = new ClockUntil(endOf(1) + GRACE_MS, endOf(12) + GRACE_MS);
  const [config] = parseConfig('agents: [{name: silence}]', 'test', {}).agents;
  assert.ok(config !== undefined);
  const { runner, source, store, events } = await setUp(clock, { agent: createSilenceAgent(config) });
  const late = source.entries.filter(({ timeMs }) => timeMs >= endOf(5) && timeMs < endOf(6));
  const [firstLate] = late;
  assert.ok(firstLate !== undefined && new Set(late.map(({ deviceId }) => deviceId)).size > 1);
  const others = source.entries.filter((entry) => !late.includes(entry));
  source.entries.splice(0, Number.POSITIVE_INFINITY, ...others, { ...firstLate, deviceId: '3' });
  events.on('cycle:failed', ({ error }) => assert.fail(error));
  events.on('cycle:finished', ({ toMs }) => {
    if (toMs === endOf(8)) source.entries.push(...late);
  });
  await runner.run(clock.stopped.signal);
  const windows = await store.windows({ agent: 'silence', sinceMs: endOf(5), untilMs: endOf(6) });
  const ofAll = windows.find(({ deviceId }) => deviceId === null);
  assert.equal(ofAll?.entries, late.length + 1);
});

test('an anomaly whose window fills up late is updated, not doubled; beyond the horizon it stays', async () => {
  const clock = new ClockUntil(endOf(1) + GRACE_MS, endOf(WINDOWS) + GRACE_MS);
  const { runner, source, store, events } = await setUp(clock, { settings: { lateHorizonMs: 3 * WINDOW_MS } });
  const template = source.entries[0];
  assert.ok(template !== undefined);
  const updated: number[] = [];
  events.on('anomaly:updated', ({ anomaly }) => updated.push(anomaly?.revision ?? 0));
  events.on('cycle:finished', ({ toMs }) => {
    if (toMs === endOf(6)) source.entries.push({ ...template, deviceId: '1', timeMs: endOf(5) + 1 });
    if (toMs === endOf(15)) source.entries.push({ ...template, deviceId: '1', timeMs: endOf(5) + 2 });
  });
  await runner.run(clock.stopped.signal);
  assert.deepEqual(updated, [2]);
  assert.equal((await store.anomalies({})).length, STORMS.length);
});

test('what came late during an outage longer than the horizon is found, when that is caught up', async () => {
  const settings = { lateHorizonMs: 3 * WINDOW_MS };
  const store = new MemoryAnomalyStore();
  const before = new ClockUntil(endOf(1) + GRACE_MS, endOf(6) + GRACE_MS);
  const { runner, source } = await setUp(before, { store, settings });
  const onTime = source.entries.filter(({ timeMs }) => timeMs < endOf(5) || timeMs >= endOf(6));
  source.entries.splice(0, Number.POSITIVE_INFINITY, ...onTime);
  await runner.run(before.stopped.signal);
  assert.deepEqual(await store.anomalies({}), []);

  const after = new ClockUntil(endOf(18) + GRACE_MS, endOf(19) + GRACE_MS);
  const again = await setUp(after, { store, settings });
  await again.runner.run(after.stopped.signal);
  assert.deepEqual(
    (await store.anomalies({})).map(({ fromMs }) => (fromMs - START_MS) / WINDOW_MS),
    [5],
  );
});

test('a device that is first heard of late has its windows from there on, as in a replay', async () => {
  const clock = new ClockUntil(endOf(1) + GRACE_MS, endOf(12) + GRACE_MS);
  const { runner, source, store, events } = await setUp(clock);
  events.on('cycle:finished', ({ toMs }) => {
    if (toMs !== endOf(8)) return;
    source.entries.push({ timeMs: endOf(4) + 5, deviceId: 'new', program: 'hostapd', level: 'info', message: 'up' });
  });
  await runner.run(clock.stopped.signal);
  const slots = (await windowsOf(store)).filter(({ deviceId }) => deviceId === 'new').map(({ toMs }) => toMs);
  assert.deepEqual(slots, [5, 6, 7, 8, 9, 10, 11, 12].map(endOf));
});

/** An agent that counts the entries it has seen since it began, and fails where it is told to. */
function countingAgent(fails: (fromMs: number, deviceId: string | null) => boolean): Agent {
  return {
    name: 'counting',
    programs: ['hostapd'],
    problem: undefined,
    takeUp: () => ({
      windowMs: WINDOW_MS,
      groupBy: 'device',
      devices: [],
      features: ['seen'],
      inspect: (slot, { memory }) => {
        let seen = Number(memory ?? 0);
        const windows = slot.map(({ deviceId, entries, fromMs }) => {
          if (fails(fromMs, deviceId)) throw new TypeError('it does not like this line');
          seen += entries.length;
          const judged = { score: null, decision: null, surprise: null, anomalous: false, modelVersion: null };
          return { deviceId, entries: entries.length, ...judged, vector: Float64Array.of(seen) };
        });
        return { windows, anomalies: [], memory: seen };
      },
    }),
    stop: async () => {},
  };
}

test('a window at which the agent always fails is given up after five attempts, alone, and the watch goes on', async () => {
  const clock = new ClockUntil(endOf(1) + GRACE_MS, endOf(9) + GRACE_MS);
  const agent = countingAgent((fromMs, deviceId) => fromMs === endOf(3) && deviceId === '2');
  const { runner, store, events } = await setUp(clock, { agent });
  const errors: string[] = [];
  const given: number[] = [];
  events.on('cycle:failed', ({ error }) => errors.push(error.message));
  events.on('slot:failed', ({ windows }) => given.push(windows));
  await runner.run(clock.stopped.signal);
  assert.deepEqual(errors, Array(5).fill('the counting agent failed: it does not like this line'));
  assert.deepEqual(given, [1]);
  const windows = await store.windows({ agent: 'counting', sinceMs: START_MS, untilMs: endOf(WINDOWS) });
  assert.equal(windows.length, 18);
  assert.deepEqual(
    windows.filter(({ failure }) => failure !== undefined).map(({ fromMs, deviceId }) => [fromMs, deviceId]),
    [[endOf(3), '2']],
  );
});

test('what an agent remembers is stored with the slot: a restart changes nothing', async () => {
  const seen = async (stops: readonly number[]) => {
    const store = new MemoryAnomalyStore();
    let fromMs = endOf(1) + GRACE_MS;
    for (const stop of stops) {
      const clock = new ClockUntil(fromMs, endOf(stop) + GRACE_MS);
      const { runner } = await setUp(clock, { store, agent: countingAgent(() => false) });
      await runner.run(clock.stopped.signal);
      fromMs = endOf(stop) + GRACE_MS;
    }
    return store.windows({ agent: 'counting', sinceMs: START_MS, untilMs: endOf(WINDOWS), vectors: true });
  };
  const whole = await seen([12]);
  assert.deepEqual(await seen([3, 4, 9, 12]), whole);
  assert.ok((whole.at(-1)?.vector?.[0] ?? 0) > 0);
});

test('an agent that never answers is given up at the time limit, and the signal ends the wait', async (t) => {
  const clock = new ClockUntil(endOf(1) + GRACE_MS, endOf(3) + GRACE_MS);
  const agent: Agent = {
    ...countingAgent(() => false),
    takeUp: () => ({
      windowMs: WINDOW_MS,
      groupBy: 'device',
      devices: [],
      features: [],
      inspect: () => new Promise(() => {}),
    }),
  };
  const alive = setInterval(() => {}, 1_000);
  t.after(() => clearInterval(alive));
  const { runner, events } = await setUp(clock, { agent, settings: { timeLimitMs: 20 } });
  let failures = 0;
  events.on('cycle:failed', ({ error }) => {
    assert.match(error.message, /took more than 0.02 s/);
    failures += 1;
    if (failures === 3) clock.stopped.abort();
  });
  await runner.run(clock.stopped.signal);
  assert.equal(failures, 3);
});

test('of a flood of anomalies the worst are kept', async () => {
  const clock = new ClockUntil(endOf(1) + GRACE_MS, endOf(WINDOWS) + GRACE_MS);
  const { runner, store, events } = await setUp(clock, { settings: { anomaliesPerSlot: 1 } });
  const capped: unknown[] = [];
  events.on('anomalies:capped', ({ found, kept }) => capped.push([found, kept]));
  await runner.run(clock.stopped.signal);
  assert.deepEqual(capped, []);
  assert.equal((await store.anomalies({})).length, STORMS.length);
});

test('windows that were looked at before their time, by a clock that was ahead, are looked at again', async () => {
  const store = new MemoryAnomalyStore();
  const settings = { lateHorizonMs: 0 };
  const ahead = new ClockUntil(endOf(1) + GRACE_MS, endOf(15) + GRACE_MS);
  const { runner, source } = await setUp(ahead, { store, settings });
  const written = source.entries.filter(({ timeMs }) => timeMs < endOf(3));
  source.entries.splice(0, Number.POSITIVE_INFINITY, ...written);
  await runner.run(ahead.stopped.signal);
  const right = new ClockUntil(endOf(7) + GRACE_MS, endOf(WINDOWS) + GRACE_MS);
  const again = await setUp(right, { store, settings });
  await again.runner.run(right.stopped.signal);
  const undisturbed = await runLive(endOf(1) + GRACE_MS, endOf(WINDOWS) + GRACE_MS);
  assert.deepEqual(await windowsOf(store), await windowsOf(undisturbed.store));
  assert.deepEqual(found(await store.anomalies({})), found(await undisturbed.store.anomalies({})));
});

test('a clock that jumped ahead and back sends the agent back, and it finds what it would have found', async () => {
  const undisturbed = await runLive(endOf(1) + GRACE_MS, endOf(WINDOWS) + GRACE_MS);
  const store = new MemoryAnomalyStore();
  await runLive(endOf(1) + GRACE_MS, endOf(3) + GRACE_MS, store);
  const yearMs = 365 * 86_400_000;
  const skipped: number[] = [];
  const rewound: number[] = [];
  for (const [fromMs, toMs] of [
    [endOf(3) + yearMs, endOf(5) + yearMs],
    [endOf(8), endOf(WINDOWS) + GRACE_MS],
  ] as const) {
    const clock = new ClockUntil(fromMs, toMs);
    const { runner, events } = await setUp(clock, { store });
    events.on('slots:skipped', ({ slots }) => skipped.push(slots));
    events.on('cursor:rewound', ({ toMs: backMs }) => rewound.push((backMs - START_MS) / WINDOW_MS));
    await runner.run(clock.stopped.signal);
  }
  assert.equal(skipped.length, 1);
  assert.deepEqual(rewound, [3]);
  assert.deepEqual(
    found(await store.anomalies({ untilMs: endOf(WINDOWS) })),
    found(await undisturbed.store.anomalies({})),
  );
});
