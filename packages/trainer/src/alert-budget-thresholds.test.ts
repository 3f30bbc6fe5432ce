import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { chooseThresholds, type HeldOutScore } from './alert-budget-thresholds.ts';

const HOUR_MS = 3_600_000;
const WEEK_MS = 168 * HOUR_MS;

/** Scores an hour apart, one device after the other: each is an episode of its own. */
function hourly(scores: readonly number[], devices = 8): HeldOutScore[] {
  return scores.map((score, at) => ({
    deviceId: String(at % devices),
    atMs: Math.floor(at / devices) * HOUR_MS,
    score,
  }));
}

/** As many surprises of each size as are usual in a week of eight devices. */
function usualSurprises(): HeldOutScore[] {
  const sizes = Array.from({ length: 130 }, (_, at) => 4.3 - Math.log10((at + 0.5) / 8) / 0.32);
  return hourly(sizes.map((size) => Math.max(size, 0.5)));
}

function choose(agents: Record<string, { forest?: HeldOutScore[]; surprise?: HeldOutScore[] }>, budget: number) {
  const scores = Object.entries(agents).map(([name, of]) => [name, { ...of, devices: 8 }] as const);
  return chooseThresholds({ agents: new Map(scores), devices: 8, spanMs: WEEK_MS }, budget);
}

const surpriseOf = (surprise: HeldOutScore[], budget = 1) =>
  choose({ wifi: { surprise } }, budget).agents.get('wifi')?.thresholds.surprise ?? Number.NaN;

describe('the threshold for surprises', () => {
  test('is the usual one where held-out days are as usual, whatever the budget', () => {
    for (const [budget, usual] of [
      [1, 4.3],
      [0.5, 5.24],
      [0.1, 7.43],
    ] as const) {
      assert.ok(Math.abs(surpriseOf(usualSurprises(), budget) - usual) < 0.1, `${budget}`);
    }
  });

  test('is higher where held-out days have more surprises, and lower where they have fewer, but never far away', () => {
    const shifted = (by: number) => usualSurprises().map((of) => ({ ...of, score: of.score + by }));
    const thresholds = [-9, -1, 0, 1, 9].map((by) => surpriseOf(shifted(by)));
    assert.deepEqual([...thresholds].sort(), thresholds);
    for (const threshold of thresholds) assert.ok(Math.abs(threshold - 4.3) < 1.5, `${threshold}`);
  });

  test('is the usual one where nothing is surprising: no days are no evidence', () => {
    assert.equal(surpriseOf([]), 4.3);
    assert.ok(surpriseOf(hourly([1])) < 4.3);
  });

  test('hardly moves if held-out days had as many true incidents as the budget has alerts', () => {
    const incidents = hourly(Array.from({ length: 8 }, () => 12)).map((of) => ({
      ...of,
      atMs: of.atMs + 50 * HOUR_MS,
    }));
    const moved = surpriseOf([...usualSurprises(), ...incidents]) - surpriseOf(usualSurprises());
    assert.ok(moved > 0 && moved < 0.4, `${moved}`);
  });
});

describe('the threshold of a forest', () => {
  const scores = hourly(Array.from({ length: 1_000 }, (_, at) => 0.7 - 0.05 * Math.log(at + 1)));

  test('follows the tail of its scores: the smaller the budget, the lower', () => {
    const thresholds = [4, 1, 0.1].map(
      (budget) => choose({ wifi: { forest: scores } }, budget).agents.get('wifi')?.thresholds,
    );
    const [generous, usual, strict] = thresholds.map((of) => of?.forest ?? Number.NaN);
    assert.ok(Math.abs((usual ?? 0) + 0.7 - 0.05 * Math.log(8)) < 0.01, `${usual}`);
    assert.ok((generous ?? 0) > (usual ?? 0) && (usual ?? 0) > (strict ?? 0), `${thresholds}`);
    assert.deepEqual(Object.keys(thresholds[0] ?? {}), ['forest']);
  });

  test('is an eighth of the budget where there is surprise too', () => {
    const alone = choose({ wifi: { forest: scores } }, 1 / 8);
    const both = choose({ wifi: { forest: scores, surprise: usualSurprises() } }, 1);
    const of = (choice: typeof alone) => choice.agents.get('wifi')?.thresholds.forest;
    assert.equal(of(both), of(alone));
  });

  test('is a score in (-1, 0) whatever there is', () => {
    for (const given of [[0.5], [0.5, 0.5, 0.5], Array.from({ length: 400 }, () => 0.99), [0.999, 0.1]]) {
      const { forest = 0 } = choose({ wifi: { forest: hourly(given) } }, 0.001).agents.get('wifi')?.thresholds ?? {};
      assert.ok(forest > -1 && forest < 0, `${forest}`);
    }
  });
});

describe('a budget', () => {
  test('of several agents is one: they have one threshold for surprises, and share it by what each finds', () => {
    const { agents } = choose({ wifi: { surprise: usualSurprises() }, dns: { surprise: hourly([1, 1, 1]) } }, 1);
    const [wifi, dns] = [agents.get('wifi'), agents.get('dns')];
    assert.equal(wifi?.thresholds.surprise, dns?.thresholds.surprise);
    assert.ok((wifi?.perDeviceAndWeek ?? 0) > 3 * (dns?.perDeviceAndWeek ?? 0));
    assert.equal((wifi?.perDeviceAndWeek ?? 0) + (dns?.perDeviceAndWeek ?? 0), 1);
  });

  test('is expected to be kept, more or less, and to be broken where held-out days were worse', () => {
    const quiet = choose({ wifi: { surprise: usualSurprises() } }, 1);
    assert.ok(Math.abs(quiet.expectedPerWeek - 8) < 1.5, `${quiet.expectedPerWeek}`);
    const bad = choose({ wifi: { surprise: hourly(Array.from({ length: 200 }, () => 9)) } }, 1);
    assert.ok(bad.expectedPerWeek > 80, `${bad.expectedPerWeek}`);
  });

  test('that is too small for the held-out days to show is said to be carried on beyond them', () => {
    assert.equal(choose({ wifi: { surprise: usualSurprises() } }, 1).extrapolated, false);
    assert.equal(choose({ wifi: { surprise: usualSurprises() } }, 0.1).extrapolated, true);
  });

  test('counts windows that hold all devices as those of one', () => {
    const forest = hourly(
      Array.from({ length: 160 }, (_, at) => 1 / (at + 2)),
      1,
    ).map((of) => ({ ...of, deviceId: null }));
    const agents = new Map([['wifi', { forest, devices: 1 }]]);
    const { agents: chosen } = chooseThresholds({ agents, devices: 1, spanMs: WEEK_MS }, 1);
    assert.equal(chosen.get('wifi')?.perDeviceAndWeek, 1);
  });
});
