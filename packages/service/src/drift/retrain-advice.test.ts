import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ModelDrift } from './model-drift.ts';
import { type DriftState, hasMovedFar, LASTING_MS, nextDriftState, parseDriftState } from './retrain-advice.ts';

const VALUES = { p05: 0, p25: 1, p50: 2, p75: 3, p95: 4 };
const HOUR_MS = 3_600_000;
const NOW_MS = Date.parse('2025-06-01T00:00:00Z');

function driftOf(score: number | undefined, features: readonly number[] = [], version = '20250501_000000'): ModelDrift {
  const movement = (index: number) => ({ index, before: VALUES, now: VALUES });
  return {
    version,
    windows: 2_016,
    coveredMs: 604_800_000,
    unknown: undefined,
    score: score === undefined ? undefined : movement(score),
    features: features.map((index, at) => ({ feature: `feature_${at}`, ...movement(index) })),
  };
}

const UNKNOWN: ModelDrift = { ...driftOf(undefined), unknown: 'too few' };
const far = driftOf(0.3);
const near = driftOf(0.05);

for (const [that, drift, expected] of [
  ['scores that moved far', driftOf(0.25), true],
  ['scores that moved a little', driftOf(0.24), false],
  ['one feature in five', driftOf(0.01, [0.3, 0, 0, 0, 0]), true],
  ['one feature in six', driftOf(0.01, [0.3, 0, 0, 0, 0, 0]), false],
  ['no features, no scores', driftOf(undefined), false],
  ['nothing known', UNKNOWN, false],
] as const) {
  test(`${that}: ${expected ? 'far' : 'not far'}`, () => assert.equal(hasMovedFar(drift), expected));
}

/** Looks every hour, each with what was seen then. */
function looks(seen: readonly { week: ModelDrift; day: ModelDrift }[], before?: DriftState): DriftState[] {
  let state = before;
  return seen.map((drift, hour) => {
    state = nextDriftState(state, drift, NOW_MS + hour * HOUR_MS);
    return state;
  });
}

const hoursOf = (count: number, week: ModelDrift, day: ModelDrift) =>
  Array.from({ length: count }, () => ({ week, day }));
const LASTING_HOURS = LASTING_MS / HOUR_MS;

test('training is advised when week and day have moved far for three days, and not before', () => {
  const states = looks(hoursOf(LASTING_HOURS + 1, far, far));
  assert.equal(
    states.findIndex(({ advised }) => advised),
    LASTING_HOURS,
  );
  assert.equal(states.at(-1)?.sinceMs, NOW_MS);
});

test('one day of another world is no reason, though the week has moved far for a week', () => {
  const states = looks([...hoursOf(30, far, far), ...hoursOf(200, far, near)]);
  assert.ok(states.every(({ advised }) => !advised));
});

test('a day of which nothing can be said leaves it to the week', () => {
  assert.equal(looks(hoursOf(LASTING_HOURS + 1, far, UNKNOWN)).at(-1)?.advised, true);
});

test('once things are as they were, or another version is in use, it begins again', () => {
  const drifting = looks(hoursOf(LASTING_HOURS + 1, far, far)).at(-1) as DriftState;
  const after = nextDriftState(drifting, { week: near, day: near }, NOW_MS + LASTING_MS);
  assert.deepEqual([after.sinceMs, after.advised], [null, false]);
  const other = driftOf(0.3, [], '20250531_000000');
  const retrained = nextDriftState(drifting, { week: other, day: other }, NOW_MS + LASTING_MS);
  assert.deepEqual([retrained.sinceMs, retrained.advised], [NOW_MS + LASTING_MS, false]);
});

test('a clock that was ahead and came back neither advises nor keeps the log from being told', () => {
  const ahead = { version: far.version, sinceMs: NOW_MS + LASTING_MS, advised: true, toldMs: NOW_MS + LASTING_MS };
  const state = nextDriftState(ahead, { week: far, day: far }, NOW_MS);
  assert.deepEqual(state, { version: far.version, sinceMs: NOW_MS, advised: false, toldMs: NOW_MS });
});

test('what was stored is read back, and anything else is nothing', () => {
  const [state] = looks(hoursOf(1, far, far)) as [DriftState];
  assert.deepEqual(parseDriftState(JSON.parse(JSON.stringify(state))), state);
  assert.deepEqual(parseDriftState({ ...state, sinceMs: null }), { ...state, sinceMs: null });
  for (const wrong of [undefined, null, 1, 'x', [], {}, { ...state, toldMs: '1' }, { ...state, sinceMs: 'x' }]) {
    assert.equal(parseDriftState(wrong), undefined);
  }
});
