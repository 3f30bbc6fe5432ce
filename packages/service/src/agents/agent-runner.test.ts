import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agentProfile } from '@edgewood/features';
import { LogError } from '@edgewood/logs';
import { MemoryLogSource } from '../../../logs/src/testing/memory-log-source.ts';
import { MemoryModelFiles } from '../../../models/src/testing/memory-model-files.ts';
import type { StoredAnomaly } from '../anomalies/anomaly-store.ts';
import { type Clock, DrivenClock } from '../clock.ts';
import { createServiceEvents } from '../events.ts';
import { ModelManager } from '../models/model-manager.ts';
import { MemoryAnomalyStore } from '../testing/memory-anomaly-store.ts';
import { addModel, quietLog, START_MS, WINDOW_MS } from '../testing/wifi-models.ts';
import { AgentRunner } from './agent-runner.ts';
import { createForestAgent } from './forest-agent.ts';

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

async function setUp(
  clock: Clock,
  options: { model?: boolean; store?: MemoryAnomalyStore; catchUpMaxMs?: number } = {},
) {
  const { model = true, store = new MemoryAnomalyStore(), catchUpMaxMs = 86_400_000 } = options;
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
  const agent = createForestAgent(profile, models);
  const timing = { graceMs: GRACE_MS, catchUpMaxMs };
  const runner = new AgentRunner({ agent, source, store, events, clock, timing });
  return { runner, store, source, events, files, models };
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
  return anomalies.map(({ detectedAtMs: _, id: __, ...rest }) => rest);
}

test('a storm is found in its window and device, with its reason and its lines', async () => {
  const { store } = await runLive(START_MS + WINDOW_MS + GRACE_MS, endOf(WINDOWS) + GRACE_MS);
  const anomalies = store.list({}).toReversed();
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
  assert.equal(store.cursorMs('wifi'), endOf(5));
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
  assert.deepEqual(found(store.list({})), found(live.store.list({})));
  assert.deepEqual(found(pieces.list({})), found(live.store.list({})));
});

test('a span that is replayed again finds nothing twice', async () => {
  const { runner, store } = await setUp(new DrivenClock(START_MS));
  const span = { fromMs: START_MS, toMs: endOf(WINDOWS) };
  await runner.replay(span, new AbortController().signal);
  await runner.replay(span, new AbortController().signal);
  assert.equal(store.list({}).length, STORMS.length);
});

test('without a model the cursor stands still; a replay says so', async () => {
  const clock = new ClockUntil(endOf(3), endOf(6));
  const { runner, store } = await setUp(clock, { model: false });
  await runner.run(clock.stopped.signal);
  assert.equal(store.cursorMs('wifi'), undefined);
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
  assert.equal(store.cursorMs('wifi'), endOf(WINDOWS));
  assert.equal(store.list({}).length, STORMS.length);
  assert.equal(runner.lastError, undefined);
});

test('while the store fails nothing is announced, and each anomaly is announced once when it is stored', async () => {
  const clock = new ClockUntil(START_MS + WINDOW_MS + GRACE_MS, endOf(WINDOWS) + GRACE_MS);
  const { runner, store, events } = await setUp(clock);
  store.failing = true;
  const announced: number[] = [];
  let failures = 0;
  events.on('anomaly:detected', ({ fromMs }) => announced.push((fromMs - START_MS) / WINDOW_MS));
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
  const { runner, events } = await setUp(clock, { store, catchUpMaxMs: 10 * WINDOW_MS });
  const skipped: number[][] = [];
  events.on('slots:skipped', ({ fromMs, toMs }) =>
    skipped.push([fromMs, toMs].map((ms) => (ms - START_MS) / WINDOW_MS)),
  );
  await runner.run(clock.stopped.signal);
  assert.deepEqual(skipped, [[2, 15]]);
  assert.equal(store.cursorMs('wifi'), endOf(WINDOWS));
});

test('a source that hangs is given up, said and asked again', { timeout: 30_000 }, async (t) => {
  const parts = await setUp(new DrivenClock(endOf(1) + GRACE_MS));
  const { source, store, events, models } = parts;
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
  const agent = createForestAgent(agentProfile('wifi'), models);
  const timing = { graceMs: GRACE_MS, catchUpMaxMs: 86_400_000 };
  const clock = new DrivenClock(endOf(1) + GRACE_MS);
  await new AgentRunner({ agent, source, store, events, clock, timing, cycleLimitMs: 20 }).run(stopping.signal);
  assert.deepEqual(errors, ["the wifi agent's cycle took more than 0.02 s"]);
  assert.equal(store.cursorMs('wifi'), endOf(1));
});

test('a mistake in looking at a window does not end the run', async () => {
  const clock = new ClockUntil(endOf(1) + GRACE_MS, endOf(3) + GRACE_MS);
  const { store, source, events, models } = await setUp(clock);
  const forest = createForestAgent(agentProfile('wifi'), models);
  let mistakes = 0;
  const agent = {
    ...forest,
    takeUp: () => {
      if (mistakes++ < 3) throw new TypeError('a mistake');
      return forest.takeUp();
    },
  };
  const timing = { graceMs: GRACE_MS, catchUpMaxMs: 86_400_000 };
  await new AgentRunner({ agent, source, store, events, clock, timing }).run(clock.stopped.signal);
  assert.equal(store.cursorMs('wifi'), endOf(3));
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
    const { runner, events, source } = await setUp(clock, { store, catchUpMaxMs: 10 * WINDOW_MS });
    source.failure = new LogError('SOURCE_UNREACHABLE', 'connection refused');
    events.on('slots:skipped', ({ fromMs, toMs }) => skipped.push([fromMs, toMs]));
    await runner.run(clock.stopped.signal);
  }
  assert.deepEqual(skipped, [[endOf(2), endOf(15)]]);
});
