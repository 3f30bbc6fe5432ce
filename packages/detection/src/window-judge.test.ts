import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  agentProfile,
  createFeatureExtractor,
  type LogWindow,
  tumblingWindows,
  type WindowGrouping,
} from '@edgewood/features';
import { IsolationForest } from '@edgewood/isolation-forest';
import type { LogEntry } from '@edgewood/logs';
import { BaselineLearner, createKindFinder, learnWindowNorms, SLOT_MS, scaleByNorms } from '@edgewood/surprise';
import { DeviceSlots } from './device-slots.ts';
import { accessPointDays, DAY_MS, START_MS } from './testing/access-points.ts';
import { surpriseOf } from './thresholds.ts';
import { LOOK_BACK_MS, WindowJudge } from './window-judge.ts';

const DEVICES = ['ap-1', 'ap-2', 'ap-10'];
const TRAINED_DAYS = 7;
const DAYS = 15;
/** The days that are compared: all that a judge with a look-back judges. */
const JUDGED_MS = START_MS + 13 * DAY_MS;

const agent = agentProfile('wifi');
const findKind = createKindFinder([agent]);
const log = accessPointDays(DEVICES, DAYS).filter(({ deviceId, timeMs }) => !isAway(deviceId, timeMs));
const surprise = { baseline: learn(log.filter(({ timeMs }) => timeMs < START_MS + TRAINED_DAYS * DAY_MS)), findKind };

/** One device is away for a while before it is judged, and for a while then. */
function isAway(deviceId: string, timeMs: number): boolean {
  const day = (timeMs - START_MS) / DAY_MS;
  return deviceId === 'ap-2' && ((day > 9 && day < 12.5) || (day > 13.5 && day < 14));
}

function learn(entries: readonly LogEntry[]) {
  const learner = new BaselineLearner(findKind);
  const slots = new DeviceSlots((slot, device, ofSlot) => learner.add(slot, device, ofSlot));
  slots.add(entries);
  slots.finish();
  return learner.finish();
}

async function windowsOf(span: { fromMs: number; toMs: number }, windowMs: number, groupBy: WindowGrouping) {
  const entries = log.filter(({ timeMs }) => timeMs >= span.fromMs && timeMs < span.toMs);
  const chunks = (async function* () {
    yield entries;
  })();
  return Array.fromAsync(tumblingWindows(chunks, span, { windowMs, groupBy }));
}

type Slots = readonly (readonly LogWindow[])[];

/** What is said of the windows from {@link JUDGED_MS} on, by a judge that follows all windows before. */
function judged(slots: Slots) {
  const judge = new WindowJudge({ surprise });
  return slots.flatMap((windows) => {
    if ((windows[0]?.fromMs ?? 0) < JUDGED_MS) judge.follow(windows);
    else return judge.judge(windows).map(({ window, slots: of }) => ({ at: window.fromMs, of }));
    return [];
  });
}

const END_MS = START_MS + DAYS * DAY_MS;

test('a judge that was shown five days judges as one that was always shown the log', async () => {
  assert.equal(LOOK_BACK_MS, 5 * DAY_MS);
  for (const [windowMs, groupBy] of [
    [300_000, 'device'],
    [60_000, 'device'],
    [600_000, 'device'],
    [480_000, 'global'],
  ] as const) {
    const title = `${windowMs} ${groupBy}`;
    const [always, lately, never] = await Promise.all(
      [START_MS, JUDGED_MS - LOOK_BACK_MS, JUDGED_MS].map(async (fromMs) =>
        judged(await windowsOf({ fromMs, toMs: END_MS }, windowMs, groupBy)),
      ),
    );
    assert.deepEqual(lately, always, title);
    assert.notDeepEqual(never, always, title);
    assert.ok(
      always?.some(({ of }) => of.some(({ reasons }) => surpriseOf(reasons) > 4)),
      title,
    );
  }
});

test('the surprises of a slot are told in the window in which it ends, once', async () => {
  const span = { fromMs: JUDGED_MS, toMs: JUDGED_MS + DAY_MS };
  for (const windowMs of [60_000, 300_000, 480_000, 3_600_000]) {
    const all = judged(await windowsOf(span, windowMs, 'device'));
    const slots = all.flatMap(({ of }) => of.map(({ slot, deviceId }) => `${slot} ${deviceId}`));
    assert.equal(new Set(slots).size, slots.length);
    assert.equal(slots.length, (DEVICES.length * DAY_MS) / SLOT_MS);
    for (const { at, of } of all) {
      for (const { slot } of of) {
        const endMs = (slot + 1) * SLOT_MS;
        assert.ok(endMs > at && endMs <= at + windowMs, `${windowMs}: ${endMs} in the window of ${at}`);
      }
    }
  }
});

test('each window of a device has its own slots, one of all devices has all of them', async () => {
  const span = { fromMs: JUDGED_MS, toMs: JUDGED_MS + 600_000 };
  const [first = []] = await windowsOf(span, 600_000, 'device');
  const apart = new WindowJudge({ surprise }).judge(first);
  assert.deepEqual(
    apart.map(({ window, slots }) => [window.deviceId, ...new Set(slots.map(({ deviceId }) => deviceId))]),
    DEVICES.map((device) => [device, device]),
  );
  const [whole = []] = await windowsOf(span, 600_000, 'global');
  const [together] = new WindowJudge({ surprise }).judge(whole);
  assert.deepEqual(
    together?.slots.map(({ deviceId }) => deviceId),
    [...DEVICES, ...DEVICES],
  );
});

test("the forest's scores are scikit-learn's of the vectors; without it there are none", async () => {
  const extractor = createFeatureExtractor({ agent });
  const slots = await windowsOf({ fromMs: JUDGED_MS, toMs: JUDGED_MS + DAY_MS }, extractor.windowMs, 'device');
  const rows = slots.flat().map((window) => [...extractor.extract(window)]);
  const forest = new IsolationForest({ nEstimators: 5, randomState: 1 }).fit(rows);
  const judge = new WindowJudge({ extractor, forest });
  const all = slots.flatMap((windows) => judge.judge(windows));
  assert.deepEqual(
    all.map(({ vector }) => [...(vector ?? [])]),
    rows,
  );
  assert.deepEqual(
    all.map(({ score }) => score),
    [...forest.scoreSamples(rows)],
  );
  assert.ok(all.every(({ slots: of }) => of.length === 0));
  assert.deepEqual(new WindowJudge({ surprise }).judge(slots[0] ?? [])[0]?.score, null);
  assert.deepEqual(judge.judge([]), []);
});

test('a judge that followed the hour before smooths scores as one that judged it', async () => {
  const extractor = createFeatureExtractor({ agent });
  const slots = await windowsOf({ fromMs: JUDGED_MS, toMs: JUDGED_MS + DAY_MS / 4 }, extractor.windowMs, 'device');
  const rows = slots.flat().map(({ fromMs, deviceId, ...window }) => {
    return { fromMs, deviceId, vector: extractor.extract({ fromMs, deviceId, ...window }) };
  });
  const norms = learnWindowNorms(extractor.names, rows);
  const seen = rows.map(({ vector, deviceId, fromMs }) => [...scaleByNorms(norms, vector, deviceId, fromMs)]);
  const forest = new IsolationForest({ nEstimators: 5, randomState: 1 }).fit(seen);
  const parts = { extractor, forest, norms, smoothing: { weight: 0.3, windows: 12 } };
  const [always, lately, never] = [new WindowJudge(parts), new WindowJudge(parts), new WindowJudge(parts)];
  for (const windows of slots.slice(0, 40)) {
    always.judge(windows);
    lately.follow(windows);
  }
  const expected = slots.slice(40).flatMap((windows) => always.judge(windows));
  assert.deepEqual(
    slots.slice(40).flatMap((windows) => lately.judge(windows)),
    expected,
  );
  assert.notDeepEqual(
    slots.slice(40).flatMap((windows) => never.judge(windows)),
    expected,
  );
  assert.deepEqual(
    expected.map((judgement) => [...(judgement.seen ?? [])]),
    seen.slice(40 * DEVICES.length),
  );
});
