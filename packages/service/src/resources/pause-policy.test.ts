import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LoadReading } from './machine-load.ts';
import { decidePause, LONGEST_PAUSE_MS, NOT_PAUSED } from './pause-policy.ts';

const LIMITS = { maxCpuShare: 0.8, maxMemoryShare: 0.8 };
const STEP_MS = 5_000;

/** Whether analysis waits after each of the readings, one every five seconds. */
function pauses(readings: readonly Partial<LoadReading>[]): string {
  let state = NOT_PAUSED;
  return readings
    .map((reading, n) => {
      const whole = { cpuShare: undefined, memoryShare: undefined, writtenBytes: undefined, ...reading };
      state = decidePause(state, whole, LIMITS, n * STEP_MS);
      return state.pausedSinceMs === undefined ? '.' : 'P';
    })
    .join('');
}

const cpu = (...shares: number[]) => shares.map((cpuShare) => ({ cpuShare }));
const memory = (...shares: number[]) => shares.map((memoryShare) => ({ memoryShare }));

const CASES: readonly [string, readonly Partial<LoadReading>[], string][] = [
  ['below the limits nothing waits', cpu(0, 0.5, 0.8, 0.8, 0.8), '.....'],
  ['a spike is no reason', cpu(1, 1, 0.2, 1, 1, 0.2), '......'],
  ['three readings over the limit are', cpu(0.81, 1, 0.9, 0.9), '..PP'],
  ['memory counts as well', memory(0.9, 0.9, 0.9), '..P'],
  ['either may be over', [...cpu(0.9), ...memory(0.9), ...cpu(0.9)], '..P'],
  ['it goes on when there is room by a margin, not before', cpu(0.9, 0.9, 0.9, 0.79, 0.71, 0.7, 0.9), '..PPP..'],
  ['what cannot be known is no reason', [{}, {}, {}, {}], '....'],
];

for (const [title, readings, expected] of CASES) test(title, () => assert.equal(pauses(readings), expected));

test('after the longest pause work is let through, and then it waits again', () => {
  const steps = LONGEST_PAUSE_MS / STEP_MS;
  const found = pauses(Array(2 * steps).fill({ cpuShare: 1 }));
  assert.equal(found.indexOf('.', 2), steps + 2);
  assert.equal(found.slice(steps + 2, steps + 6), '...P');
});

test('the reason says what was seen and what is allowed', () => {
  let state = NOT_PAUSED;
  const reading = { cpuShare: 0.934, memoryShare: 0.85, writtenBytes: 0 };
  for (const n of [0, 1, 2]) state = decidePause(state, reading, LIMITS, n);
  assert.equal(state.reason, 'cpu 93 %, limit 80 %; memory 85 %, limit 80 %');
});
