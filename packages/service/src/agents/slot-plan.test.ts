import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planSlots, SLOTS_PER_CYCLE, type SlotPlan } from './slot-plan.ts';

const TIMING = { windowMs: 300, graceMs: 120, catchUpMaxMs: 3_000 };

const wait = (untilMs: number): SlotPlan => ({ action: 'wait', untilMs });
const skip = (fromMs: number, toMs: number): SlotPlan => ({ action: 'skip', span: { fromMs, toMs } });
const analyse = (fromMs: number, toMs: number): SlotPlan => ({ action: 'analyse', span: { fromMs, toMs } });

const rewind = (toMs: number): SlotPlan => ({ action: 'rewind', toMs });
const at = (cursorMs: number | undefined) => (cursorMs === undefined ? undefined : { cursorMs });

const CASES: readonly [string, number | undefined, number, Partial<typeof TIMING>, SlotPlan][] = [
  ['the first time, the last finished slot is due', undefined, 30_000, {}, analyse(29_400, 29_700)],
  ['the first time, nothing older is', undefined, 30_119, {}, analyse(29_400, 29_700)],
  ['a slot is not due before its grace has passed', 30_000, 30_419, {}, wait(30_420)],
  ['a slot is due when its grace has passed', 30_000, 30_420, {}, analyse(30_000, 30_300)],
  ['without grace it is due at its end', 30_000, 30_300, { graceMs: 0 }, analyse(30_000, 30_300)],
  ['after downtime all that is finished is due', 30_000, 31_500, {}, analyse(30_000, 31_200)],
  ['what is older than the limit is skipped first', 24_000, 30_000, {}, skip(24_000, 27_000)],
  ['and the rest is due then', 27_000, 30_000, {}, analyse(27_000, 29_700)],
  [
    'the last finished slot is never skipped, however short the limit',
    24_000,
    30_000,
    { catchUpMaxMs: 1 },
    skip(24_000, 29_400),
  ],
  [
    'with longer windows than before, the slot around the cursor is due',
    30_300,
    31_100,
    { windowMs: 600 },
    analyse(30_000, 30_600),
  ],
  [
    'with shorter windows than before, it goes on at the cursor',
    30_300,
    30_600,
    { windowMs: 100 },
    analyse(30_300, 30_400),
  ],
  ['a clock that was set back a little means waiting', 30_000, 29_600, {}, wait(30_420)],
  ['one that was set back by more sends the agent back', 30_000, 1_000, {}, rewind(600)],
];

for (const [title, cursorMs, nowMs, timing, expected] of CASES) {
  test(title, () => assert.deepEqual(planSlots(at(cursorMs), nowMs, { ...TIMING, ...timing }), expected));
}

test('a long way back is caught up in cycles of bounded length', () => {
  const plan = planSlots(at(0), 1_000_000, { ...TIMING, catchUpMaxMs: Number.POSITIVE_INFINITY });
  assert.deepEqual(plan, analyse(0, SLOTS_PER_CYCLE * TIMING.windowMs));
});

test('a clock that jumped ahead and came back sends the agent to where it skipped', () => {
  const position = { cursorMs: 90_000, skippedFromMs: 29_400 };
  assert.deepEqual(planSlots(position, 30_420, TIMING), rewind(29_400));
  assert.deepEqual(planSlots({ ...position, skippedFromMs: 60_000 }, 30_420, TIMING), rewind(30_300));
});
