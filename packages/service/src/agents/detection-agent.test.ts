import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DETECTORS, type Detector, detectionModel, judgeParts, surpriseOf } from '@edgewood/detection';
import { agentProfile, type LogWindow } from '@edgewood/features';
import { type LogEntry, LogError } from '@edgewood/logs';
import { loadActiveModel, parseAgentName } from '@edgewood/models';
import { MemoryLogSource } from '../../../logs/src/testing/memory-log-source.ts';
import { MemoryModelFiles } from '../../../models/src/testing/memory-model-files.ts';
import { replayLog } from '../../../trainer/src/replay-log.ts';
import type { StoredWindow } from '../anomalies/anomaly-store.ts';
import { type Clock, DrivenClock } from '../clock.ts';
import { ServiceError } from '../errors.ts';
import { createServiceEvents } from '../events.ts';
import { ModelManager } from '../models/model-manager.ts';
import { inspectContext } from '../testing/inspect-context.ts';
import { MemoryAnomalyStore } from '../testing/memory-anomaly-store.ts';
import { addModel, quietLog, START_MS, TRAINED_WINDOWS, WINDOW_MS } from '../testing/wifi-models.ts';
import { AgentRunner, type RunnerSettings } from './agent-runner.ts';
import { createDetectionAgent } from './detection-agent.ts';

const GRACE_MS = 120_000;
const HOUR = 12;
/** The windows that are judged; what the model was trained on lies before them. */
const FIRST = TRAINED_WINDOWS;
const WINDOWS = 4 * HOUR;
const LAST = FIRST + WINDOWS;
const wifi = agentProfile('wifi');

/** Stations fail for an hour, one at a time, so that no window is odd by itself; then one that never fails is silent. */
const FAILING = { from: FIRST + HOUR, to: FIRST + 2 * HOUR };

function log(): LogEntry[] {
  const entries = quietLog(LAST, { storms: [LAST - 6] });
  for (let window = FAILING.from; window < FAILING.to; window += 1) {
    const message = 'wlan0: AP-STA-POSSIBLE-PSK-MISMATCH 00:00:5e:00:53:77';
    entries.push({ timeMs: endOf(window) - 60_000, deviceId: '2', program: 'hostapd', level: 'notice', message });
  }
  return entries.sort((a, b) => a.timeMs - b.timeMs);
}

/** When the first so many windows have ended. */
const endOf = (windows: number) => START_MS + windows * WINDOW_MS;

/** Ends a run when the clock has come to a time. */
class ClockUntil extends DrivenClock {
  readonly stopped = new AbortController();
  readonly #endMs: number;

  constructor(startMs: number, endMs: number) {
    super(startMs);
    this.#endMs = endMs;
  }

  override async sleepUntil(untilMs: number, signal: AbortSignal): Promise<void> {
    if (untilMs > this.#endMs) this.stopped.abort();
    await super.sleepUntil(untilMs, signal);
  }
}

const SETTINGS: RunnerSettings = {
  graceMs: GRACE_MS,
  lateHorizonMs: 3 * HOUR * WINDOW_MS,
  catchUpMaxMs: 86_400_000,
  timeLimitMs: 60_000,
  anomaliesPerSlot: 100,
  quietWindows: 3,
};
const SEVERITY = { medium: 0.2, high: 0.5, rules: [] };

interface Options {
  readonly store?: MemoryAnomalyStore;
  readonly files?: MemoryModelFiles;
  readonly entries?: LogEntry[];
  readonly detectors?: readonly Detector[];
}

async function modelFiles(options: Parameters<typeof addModel>[1] = { baseline: true }) {
  const files = new MemoryModelFiles();
  await addModel(files, options);
  return files;
}

async function setUp(clock: Clock, options: Options = {}, onFailure: (error: Error) => void = assert.fail) {
  const { store = new MemoryAnomalyStore(), files = await modelFiles(), detectors = DETECTORS } = options;
  const events = createServiceEvents();
  const source = new MemoryLogSource(options.entries ?? log());
  const models = new ModelManager({ files, agent: wifi, settings: {}, events, clock, pollIntervalMs: 1_000 });
  await models.check();
  const agent = createDetectionAgent(wifi, models, { name: 'wifi', severity: SEVERITY, detectors });
  const runner = new AgentRunner({ agent, source, store, events, clock, settings: SETTINGS, announce: async () => {} });
  events.on('cycle:failed', ({ error }) => onFailure(error));
  return { runner, store, source, events, models, agent, files };
}

/** Runs as a service that is started when the first window of a span is due, and stopped after its last. */
async function runLive(options: Options = {}, from = FIRST, to = LAST) {
  const clock = new ClockUntil(endOf(from + 1) + GRACE_MS, endOf(to) + GRACE_MS);
  const parts = await setUp(clock, options);
  await parts.runner.run(clock.stopped.signal);
  return parts;
}

/** Everything that was found, without what says when. */
async function foundIn(store: MemoryAnomalyStore) {
  const windows = await store.windows({ agent: 'wifi', sinceMs: 0, untilMs: endOf(LAST), vectors: true });
  const anomalies = (await store.anomalies({ limit: 1_000 })).toReversed();
  return {
    windows,
    anomalies: anomalies.map(({ detectedAtMs: _, id: __, incidentId: ___, revision: ____, review, ...rest }) => {
      return { ...rest, state: review.state };
    }),
  };
}

const surprising = ({ windows }: { windows: readonly StoredWindow[] }) =>
  windows.filter(({ surprise }) => (surprise ?? 0) >= 4.3);

test('a lasting trickle that no window shows is found by surprise, a storm by both, and each says so', async () => {
  const { store } = await runLive();
  const { anomalies, windows } = await foundIn(store);
  const trickle = anomalies.find(({ deviceId }) => deviceId === '2');
  assert.deepEqual(trickle?.detectors, ['surprise']);
  assert.match(trickle?.why ?? '', /wifi:psk_mismatch, hostapd: \d+ in (15|60|360)? ?/);
  assert.ok(trickle?.exampleLines.some((line) => line.includes('POSSIBLE-PSK-MISMATCH')));
  assert.ok((trickle?.surprise?.score ?? 0) >= (trickle?.surprise?.threshold ?? 99));
  assert.ok((trickle?.decision ?? -1) >= 0);
  const storm = anomalies.find(({ fromMs, deviceId }) => fromMs === endOf(LAST - 6) && deviceId === '1');
  assert.deepEqual(storm?.detectors, ['forest', 'surprise']);
  assert.equal(windows.length, 2 * WINDOWS);
  assert.ok(windows.every(({ surprise, score }) => surprise !== null && score !== null));
});

test('only detectors that may alarm do, and the others have their say in the windows', async () => {
  const [both, forest, surprise] = await Promise.all(
    ([DETECTORS, ['forest'], ['surprise']] as const).map(async (detectors: readonly Detector[]) =>
      foundIn((await runLive({ detectors })).store),
    ),
  );
  assert.ok(both && forest && surprise);
  assert.deepEqual(new Set(surprise.anomalies.flatMap(({ detectors }) => detectors)), new Set<Detector>(['surprise']));
  assert.deepEqual(new Set(forest.anomalies.flatMap(({ detectors }) => detectors)), new Set<Detector>(['forest']));
  assert.ok(both.anomalies.length >= surprise.anomalies.length && surprise.anomalies.length > forest.anomalies.length);
  assert.ok(surprise.windows.every(({ score }) => score !== null));
  assert.ok(forest.windows.every((window) => window.surprise === null));
});

test('a version without a baseline is judged by its forest; where that may not alarm, the agent says why it waits', async () => {
  const files = await modelFiles({});
  const { agent } = await setUp(new DrivenClock(START_MS), { files, detectors: ['surprise'] });
  assert.match(agent.problem ?? '', /^wifi \d+_\d+ has no baseline, and no detector but surprise may alarm/);
  assert.equal(agent.takeUp(), undefined);
  const { store } = await runLive({ files });
  const { anomalies, windows } = await foundIn(store);
  assert.ok(anomalies.length > 0 && windows.every(({ surprise }) => surprise === null));
  const both = await setUp(new DrivenClock(START_MS), { files });
  assert.deepEqual([both.agent.problem, both.agent.takeUp()?.lookBackMs], [undefined, 0]);
});

test("a version's own thresholds are what alarms are judged by", async () => {
  const budget = (thresholds: Record<Detector, number>) => {
    const promise = {
      budget: '1/device/week',
      per_device_and_week: 1,
      expected_per_device_and_week: 1,
      held_out: null,
    };
    return { baseline: true, metadata: { alert_budget: { ...promise, thresholds } } };
  };
  const deaf = await modelFiles(budget({ forest: -0.99, surprise: 300 }));
  assert.deepEqual((await foundIn((await runLive({ files: deaf })).store)).anomalies, []);
  const keen = await modelFiles(budget({ forest: -0.01, surprise: 300 }));
  const { windows, anomalies } = await foundIn((await runLive({ files: keen })).store);
  assert.equal(anomalies.length, windows.length);
  assert.ok(windows.every(({ score, decision }) => decision === (score ?? 0) + 0.01));
});

test('what is found does not depend on when the service began, stopped or lay behind', async () => {
  const live = await foundIn((await runLive()).store);
  assert.ok(surprising(live).length > 3);

  const store = new MemoryAnomalyStore();
  await runLive({ store }, FIRST, FAILING.from + 4);
  await runLive({ store }, FAILING.from + 4, FAILING.from + 5);
  await runLive({ store }, LAST - 8, LAST); // catches up what was missed between
  assert.deepEqual(await foundIn(store), live);

  const replay = await setUp(new DrivenClock(START_MS));
  const span = { fromMs: endOf(FIRST), toMs: endOf(LAST) };
  await replay.runner.replay(span, new AbortController().signal);
  assert.deepEqual(await foundIn(replay.store), live);
});

test('smoothed scores do not depend on when the service began either', async () => {
  const files = await modelFiles({ metadata: { score_smoothing: { weight: 0.3, windows: 12 } } });
  const options = { files, detectors: ['forest'] as const };
  const live = await foundIn((await runLive(options)).store);
  const alone = await foundIn((await runLive({ files: await modelFiles({}), detectors: ['forest'] })).store);
  const afterStorm = ({ windows }: typeof live) =>
    windows.find(({ fromMs, deviceId }) => fromMs === endOf(LAST - 5) && deviceId === '1')?.score ?? 0;
  assert.ok(afterStorm(live) < afterStorm(alone), `${afterStorm(live)} ${afterStorm(alone)}`);

  const store = new MemoryAnomalyStore();
  await runLive({ ...options, store }, FIRST, LAST - 4);
  await runLive({ ...options, store }, LAST - 4, LAST);
  assert.deepEqual(await foundIn(store), live);
});

test('entries that come hours late change what is said of all windows since, to what a replay finds', async () => {
  const all = log();
  const isLate = ({ timeMs, deviceId }: LogEntry) =>
    deviceId === '2' && timeMs >= endOf(FAILING.from) && timeMs < endOf(FAILING.from + 6);
  const clock = new ClockUntil(endOf(FIRST + 1) + GRACE_MS, endOf(LAST) + GRACE_MS);
  const { runner, source, store, events } = await setUp(clock, { entries: all.filter((entry) => !isLate(entry)) });
  const analysed: number[] = [];
  const late: number[] = [];
  events.on('slot:analysed', ({ fromMs }) => analysed.push(fromMs));
  events.on('entries:late', ({ fromMs }) => late.push((fromMs - START_MS) / WINDOW_MS - FAILING.from));
  events.on('cycle:finished', ({ toMs }) => {
    if (toMs === endOf(FAILING.from + 10)) source.entries.push(...all.filter(isLate));
    source.entries.sort((a, b) => a.timeMs - b.timeMs);
  });
  await runner.run(clock.stopped.signal);
  assert.deepEqual(late, [5, 4, 3, 2, 1, 0]);
  assert.equal(analysed.length, WINDOWS + 6);
  const [after, replay] = [await foundIn(store), await foundIn((await runLive()).store)];
  assert.deepEqual(after.windows, replay.windows);
  const placesOf = (anomalies: readonly { readonly fromMs: number; readonly deviceId: string | null }[]) =>
    anomalies.map(({ fromMs, deviceId }) => `${fromMs} ${deviceId}`);
  const odd = replay.windows.filter(({ anomalous }) => anomalous);
  assert.deepEqual(placesOf((await store.anomalies({ state: 'open', limit: 1_000 })).toReversed()), placesOf(odd));
});

test('late entries are taken into account wherever the store fails meanwhile', async () => {
  const all = log();
  const isLate = ({ timeMs, deviceId }: LogEntry) =>
    deviceId === '2' && timeMs >= endOf(FAILING.from) && timeMs < endOf(FAILING.from + 3);
  const replay = await foundIn((await runLive()).store);
  for (const failing of [1, 2, 5, 8, 9, 10]) {
    const clock = new ClockUntil(endOf(FIRST + 1) + GRACE_MS, endOf(LAST) + GRACE_MS);
    const failures: Error[] = [];
    const entries = all.filter((entry) => !isLate(entry));
    const { runner, source, store, events } = await setUp(clock, { entries }, (error) => failures.push(error));
    const append = store.append.bind(store);
    let appends = Number.NEGATIVE_INFINITY;
    store.append = async (slot) => {
      appends += 1;
      if (appends === failing) throw new ServiceError('STORE_FAILED', 'told to');
      return append(slot);
    };
    events.on('cycle:finished', ({ toMs }) => {
      if (toMs !== endOf(FAILING.from + 10)) return;
      source.entries.push(...all.filter(isLate));
      source.entries.sort((a, b) => a.timeMs - b.timeMs);
      appends = 0;
    });
    await runner.run(clock.stopped.signal);
    assert.equal(failures.length, 1);
    assert.deepEqual((await foundIn(store)).windows, replay.windows, `the store failed at ${failing}`);
  }
});

test('another version judges from then on, with the days before; what the first one said stays', async () => {
  const files = await modelFiles();
  const clock = new ClockUntil(endOf(FIRST + 1) + GRACE_MS, endOf(LAST) + GRACE_MS);
  const { runner, events, models, store, source } = await setUp(clock, { files });
  const late = { timeMs: endOf(FIRST + 20) + 5, deviceId: '1', program: 'hostapd', level: 'info', message: 'up' };
  const done: Promise<unknown>[] = [];
  events.on('cycle:finished', ({ toMs }) => {
    if (toMs === endOf(FIRST + 24)) {
      done.push(
        addModel(files, { baseline: true, randomState: 7, trainedAtMs: START_MS + 5_000 }).then(() => models.check()),
      );
      source.entries.push(late);
      source.entries.sort((a, b) => a.timeMs - b.timeMs);
    }
  });
  await runner.run(clock.stopped.signal);
  await Promise.all(done);
  const versions = (await foundIn(store)).windows.map(({ modelVersion }) => modelVersion);
  assert.equal(new Set(versions).size, 2);
  const second = await modelFiles({ baseline: true, randomState: 7, trainedAtMs: START_MS + 5_000 });
  const alone = await foundIn((await runLive({ files: second, entries: [...log(), late] })).store);
  const { windows } = await foundIn(store);
  const ofSecond = windows.filter(({ modelVersion }) => modelVersion === versions.at(-1));
  assert.ok(ofSecond.length > WINDOWS / 2);
  assert.deepEqual(
    ofSecond.map(({ surprise, score }) => [surprise, score]),
    alone.windows
      .filter(({ fromMs, deviceId }) => ofSecond.some((of) => of.fromMs === fromMs && of.deviceId === deviceId))
      .map(({ surprise, score }) => [surprise, score]),
  );
});

test('a backtest of the same log finds what the service found, window by window', async () => {
  const files = await modelFiles();
  const { store } = await runLive({ files });
  const { windows } = await foundIn(store);
  const of = detectionModel(await loadActiveModel(files, parseAgentName('wifi')), wifi);
  const chunks = (async function* () {
    yield log();
  })();
  const span = { fromMs: endOf(FIRST), toMs: endOf(LAST) };
  const replayed = new Map<string, unknown>();
  for await (const judgement of replayLog({
    chunks,
    programs: wifi.programs,
    judge: judgeParts(of, DETECTORS),
    ...span,
  })) {
    const key = `${judgement.detector} ${judgement.fromMs} ${judgement.deviceId}`;
    replayed.set(key, judgement.detector === 'forest' ? judgement.score : surpriseOf(judgement.reasons));
  }
  assert.equal(replayed.size, 2 * windows.length);
  for (const { fromMs, deviceId, score, surprise } of windows) {
    assert.equal(replayed.get(`forest ${fromMs} ${deviceId}`), score);
    assert.equal(replayed.get(`surprise ${fromMs} ${deviceId}`), surprise);
  }
});

test('one window of all devices has the surprise of the worst of them, and says which that is', async () => {
  const files = await modelFiles({ baseline: true, groupBy: 'global' });
  const { store } = await runLive({ files, detectors: ['surprise'] });
  const { windows, anomalies } = await foundIn(store);
  assert.deepEqual(new Set(windows.map(({ deviceId }) => deviceId)), new Set([null]));
  const each = await foundIn((await runLive()).store);
  for (const { fromMs, surprise } of windows) {
    const ofSlot = each.windows.filter((window) => window.fromMs === fromMs).map((window) => window.surprise ?? 0);
    assert.equal(surprise, Math.max(...ofSlot));
  }
  assert.match(anomalies[0]?.why ?? '', /^2: .*psk_mismatch/);
});

test('a slot whose windows come alone is judged by the forest, and the next one with the days before again', async () => {
  const { agent } = await setUp(new DrivenClock(START_MS));
  const inspection = agent.takeUp();
  assert.ok(inspection);
  const windowAt = (place: number): LogWindow => {
    const entries = [{ timeMs: endOf(place), deviceId: '1', program: 'hostapd', level: 'info', message: 'up' }];
    return { fromMs: endOf(place), toMs: endOf(place + 1), deviceId: '1', entries };
  };
  const [window, next] = [windowAt(FIRST), windowAt(FIRST + 1)];
  let asked = 0;
  const before = async function* () {
    asked += 1;
    yield [];
  };
  const judge = async (of: LogWindow, alone = false) => {
    const verdict = await inspection.inspect([of], inspectContext({ before, alone }));
    return verdict.windows[0]?.surprise;
  };
  assert.deepEqual([typeof (await judge(window)), typeof (await judge(next)), asked], ['number', 'number', 1]);
  assert.deepEqual([await judge(window, true), typeof (await judge(next)), asked], [null, 'number', 2]);
});

test('a source that fails while the days before are read is the failure of the source, not of the agent', async () => {
  const clock = new ClockUntil(endOf(FIRST + 1) + GRACE_MS, endOf(FIRST + 3) + GRACE_MS);
  const failures: Error[] = [];
  const { runner, source, store } = await setUp(clock, {}, (error) => failures.push(error));
  const read = source.read.bind(source);
  let reads = 0;
  source.read = (query, signal) => {
    reads += 1;
    if (reads !== 2) return read(query, signal);
    return (async function* (): AsyncGenerator<readonly LogEntry[]> {
      yield [];
      throw new LogError('SOURCE_UNREACHABLE', 'it went away');
    })();
  };
  await runner.run(clock.stopped.signal);
  assert.deepEqual(
    failures.map((error) => error instanceof LogError && error.code),
    ['SOURCE_UNREACHABLE'],
  );
  assert.equal((await store.progress('wifi'))?.cursorMs, endOf(FIRST + 3));
});
