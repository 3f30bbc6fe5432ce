import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeviceBaseline } from './baseline.ts';
import { SCALES } from './scales.ts';
import { HOUR_KINDS, SLOTS_PER_DAY } from './slot-time.ts';
import { learntSlots, replay } from './training-record.ts';

const SIGNALS = [{ name: 'entries', low: true }];
const DAYS = 6;
/** Two days in the middle are left out; of the others every slot has five entries. */
const LEFT_OUT = { from: 3 * SLOTS_PER_DAY, to: 5 * SLOTS_PER_DAY };
const SPAN = { firstSlot: 0, fromSlot: SLOTS_PER_DAY, toSlot: DAYS * SLOTS_PER_DAY };

const baseline: DeviceBaseline = {
  id: 'a',
  means: new Float64Array(HOUR_KINDS).fill(1),
  dispersions: new Float64Array(SCALES.length).fill(0.1),
  longestSilences: new Float64Array(24).fill(10),
  kinds: new Set(),
};
const isLeftOut = (slot: number) => slot >= LEFT_OUT.from && slot < LEFT_OUT.to;
const record = {
  id: 'a',
  isLeftOut,
  slots: Array.from({ length: SPAN.toSlot }, (_, slot) => ({
    slot,
    firstMinute: 0,
    lastMinute: 4,
    signals: Uint16Array.of(0),
    counts: Uint32Array.of(5),
    peaks: Uint32Array.of(1),
  })).filter(({ slot }) => !isLeftOut(slot)),
};

test('what is left out is not shown, and no scale that reaches into it', () => {
  const shown = new Map<number, number>();
  replay(record, baseline, SIGNALS, SPAN, (slot, _, scales) => shown.set(slot, scales));
  assert.equal(shown.size, 3 * SLOTS_PER_DAY);
  assert.equal(learntSlots(record, SPAN), shown.size);
  assert.deepEqual(
    [-1, 0, 1, 2, 10, 11, 70, 71].map((at) => shown.get((at < 0 ? LEFT_OUT.from : LEFT_OUT.to) + at)),
    [5, 2, 2, 3, 3, 4, 4, 5],
  );
});

test('behind two days that were left out as much is expected as if they had been like the day before', () => {
  const usual: number[] = [];
  replay(record, baseline, SIGNALS, SPAN, (slot, device) => {
    device.forEach((_signal, scale, _count, expected) => {
      if (slot === LEFT_OUT.to + 1 && SCALES[scale].minutes === 5) usual.push(expected);
    });
  });
  assert.equal(usual.length, 1);
  assert.ok(Math.abs((usual[0] ?? 0) - 5) < 0.01, `${usual}`);
});
