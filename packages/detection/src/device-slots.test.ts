import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogEntry } from '@edgewood/logs';
import { SLOT_MS } from '@edgewood/surprise';
import { DeviceSlots } from './device-slots.ts';

function entry(slot: number, deviceId: string): LogEntry {
  return { timeMs: slot * SLOT_MS + 1_000, deviceId, program: 'hostapd', level: 'info', message: 'associated' };
}

/** What is shown of the entries, as `slot device entries`. */
function shown(chunks: readonly (readonly LogEntry[])[], options = {}, toSlot?: number): string[] {
  const lines: string[] = [];
  const slots = new DeviceSlots((slot, device, entries) => lines.push(`${slot} ${device} ${entries.length}`), options);
  for (const chunk of chunks) slots.add(chunk);
  if (toSlot === undefined) slots.finish();
  else slots.advanceTo(toSlot);
  return lines;
}

const LOG = [[entry(7, '10'), entry(7, '2')], [entry(7, '2')], [], [entry(9, '10')]];

test('each device has its slots, in order of time and then of device, wherever chunks end', () => {
  assert.deepEqual(shown(LOG), ['7 2 2', '7 10 1', '9 10 1']);
  assert.deepEqual(shown([LOG.flat()]), shown(LOG));
});

test('silence is shown where it is asked for: of every device that has been seen, up to the end', () => {
  assert.deepEqual(shown(LOG, { silentToo: true }), ['7 2 2', '7 10 1', '8 2 0', '8 10 0', '9 2 0', '9 10 1']);
  assert.deepEqual(shown([[entry(7, '2')]], { silentToo: true }, 9), ['7 2 1', '8 2 0']);
});

test('a device that is known beforehand is silent from the first entry of any device on', () => {
  assert.deepEqual(shown([[entry(7, '2')]], { silentToo: true, devices: ['1', '2'] }), ['7 1 0', '7 2 1']);
});

test('no entries give no slots', () => {
  assert.deepEqual(shown([], { silentToo: true, devices: ['1'] }, 9), []);
});
