import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { agentProfile, createFeatureExtractor } from '@edgewood/features';
import type { LogEntry } from '@edgewood/logs';
import { createKindFinder } from '@edgewood/surprise';
import { featureRows } from './feature-rows.ts';
import { type Judgement, type ReplayInput, replayLog } from './replay-log.ts';
import { accessPointLog } from './testing/sample-logs.ts';
import { type TrainedModel, trainModel } from './train-model.ts';

const HOUR = 3_600_000;
const MINUTE = 60_000;
const START = Date.parse('2025-05-01T00:00:00Z');
const STORM = START + 90 * HOUR;
const agent = agentProfile('wifi');
const { programs } = agent;
const extractor = createFeatureExtractor({ agent });
const log = (options = {}) => accessPointLog({ hours: 96, stormAtMs: STORM, ...options });

let model: TrainedModel;
before(async () => {
  const parameters = { nEstimators: 20 };
  model = await trainModel({ chunks: log(), extractor, parameters, toMs: START + 72 * HOUR, withBaseline: true });
});

async function judged({ judge, ...input }: Partial<ReplayInput> = {}): Promise<Judgement[]> {
  const { forest, baseline } = model;
  if (baseline === undefined) assert.fail('no baseline was learnt');
  const surprise = { baseline, findKind: createKindFinder([agent]) };
  const judgements = replayLog({
    chunks: log(),
    programs,
    judge: { devices: ['1', '2'], extractor, forest, surprise, ...judge },
    ...input,
  });
  const all: Judgement[] = [];
  for await (const judgement of judgements) all.push(judgement);
  return all;
}

const placesOf = (all: readonly Judgement[], detector: Judgement['detector']) =>
  all.filter((one) => one.detector === detector).map(({ fromMs, toMs, deviceId }) => `${fromMs} ${toMs} ${deviceId}`);

test('both detectors judge the same windows of each device in the span, and none outside it', async () => {
  const all = await judged({ fromMs: START + 80 * HOUR + 1, toMs: START + 92 * HOUR + 299_999 });
  const forest = placesOf(all, 'forest');
  assert.deepEqual(placesOf(all, 'surprise'), forest);
  assert.equal(forest.length, 2 * (12 * 12 - 1));
  assert.equal(forest[0], `${START + 80 * HOUR + 5 * MINUTE} ${START + 80 * HOUR + 10 * MINUTE} 1`);
});

test("the forest's scores are those that scoring the same log gives", async () => {
  const scores = (await judged()).flatMap((one) => (one.detector === 'forest' ? [one.score] : []));
  const expected: number[] = [];
  for await (const { vector } of featureRows(log(), extractor, { programs })) {
    expected.push(...model.forest.scoreSamples([[...vector]]));
  }
  assert.deepEqual(scores, expected);
});

test('the storm is what surprises most of each device, as soon as its window has ended, and the reason is told', async () => {
  const all = (await judged({ fromMs: START + 80 * HOUR })).filter((one) => one.detector === 'surprise');
  const worst = all.reduce((a, b) => ((b.reasons[0]?.score ?? 0) > (a.reasons[0]?.score ?? 0) ? b : a));
  assert.ok(worst.fromMs >= STORM && worst.fromMs < STORM + 30 * MINUTE, new Date(worst.fromMs).toISOString());
  const atOnce = all.find((one) => one.fromMs === STORM);
  assert.ok((atOnce?.reasons[0]?.score ?? 0) > 4, JSON.stringify(atOnce));
  assert.match(JSON.stringify(atOnce?.reasons), /wifi:\w+, hostapd/);
});

test('windows of another length are judged beside the slots of five minutes, over one span of both', async () => {
  const quarters = createFeatureExtractor({ agent, windowMs: 8 * MINUTE, groupBy: 'global' });
  const { forest } = await trainModel({ chunks: log(), extractor: quarters, parameters: { nEstimators: 5 } });
  const span = { fromMs: START + 80 * HOUR + 1, toMs: START + 84 * HOUR + 1 };
  const all = await judged({ ...span, judge: { extractor: quarters, forest } });
  const [windows, slots] = [placesOf(all, 'forest'), placesOf(all, 'surprise')];
  assert.deepEqual([windows.length, slots.length], [25, 25 * 2 * (8 / 5)]); // 40 min, the span of both, five times
  assert.match(windows[0] ?? '', / null$/);
});

test('a device that has fallen silent is judged up to the end of the span, and nothing before the first entry', async () => {
  const chunks = (async function* () {
    for await (const chunk of log({ hours: 84 })) yield chunk.filter(({ timeMs }) => timeMs >= START + 83 * HOUR);
  })();
  const all = await judged({ chunks, fromMs: START + 80 * HOUR, toMs: START + 86 * HOUR });
  for (const detector of ['forest', 'surprise'] as const) {
    assert.equal(placesOf(all, detector).length, 2 * 3 * 12, detector);
  }
});

test('entries in the order in which they came give the same judgements', async () => {
  const entries: LogEntry[] = [];
  for await (const chunk of log()) entries.push(...chunk);
  const arrived = entries
    .map((entry, at) => ({ entry, atMs: entry.timeMs + (at % 5) * 20 * MINUTE }))
    .sort((a, b) => a.atMs - b.atMs)
    .map(({ entry }) => entry);
  const chunks = (async function* () {
    yield arrived;
  })();
  const [sooner, later] = [await judged(), await judged({ chunks })];
  for (const detector of ['forest', 'surprise'] as const) {
    const of = (all: readonly Judgement[]) => all.filter((one) => one.detector === detector);
    assert.ok(JSON.stringify(of(sooner)) === JSON.stringify(of(later)), detector); // a difference is too long to print
  }
});
