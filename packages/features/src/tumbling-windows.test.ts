import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogEntry, TimeSpan } from '@edgewood/logs';
import fc from 'fast-check';
import { FeatureError } from './errors.ts';
import { type LogWindow, wholeWindows } from './log-window.ts';
import { compareDevices, tumblingWindows, type WindowOptions } from './tumbling-windows.ts';

const MINUTE = 60_000;

function entry(timeMs: number, deviceId = '1'): LogEntry {
  return { timeMs, deviceId, program: 'hostapd', level: 'info', message: `at ${timeMs}` };
}

async function* chunked(entries: readonly LogEntry[], size = 2): AsyncGenerator<readonly LogEntry[]> {
  for (let at = 0; at < entries.length; at += size) yield entries.slice(at, at + size);
}

async function windowsOf(
  entries: readonly LogEntry[],
  span: TimeSpan | undefined,
  options: Partial<WindowOptions> = {},
): Promise<readonly (readonly LogWindow[])[]> {
  return Array.fromAsync(tumblingWindows(chunked(entries), span, { windowMs: MINUTE, groupBy: 'device', ...options }));
}

/** `from/device:count` of every window, slot by slot. */
function shape(slots: readonly (readonly LogWindow[])[]): string[][] {
  return slots.map((slot) => slot.map((w) => `${w.fromMs / MINUTE}/${w.deviceId}:${w.entries.length}`));
}

test('every slot of the span is yielded, also where nothing was logged', async () => {
  const slots = await windowsOf([entry(70_000)], { fromMs: 0, toMs: 4 * MINUTE }, { groupBy: 'global' });
  assert.deepEqual(shape(slots), [['0/null:0'], ['1/null:1'], ['2/null:0'], ['3/null:0']]);
});

test('a span without entries still has its windows', async () => {
  assert.deepEqual(shape(await windowsOf([], { fromMs: 0, toMs: MINUTE }, { groupBy: 'global' })), [['0/null:0']]);
});

test('without a span the windows run from the first entry to the last', async () => {
  assert.deepEqual(shape(await windowsOf([entry(70_000), entry(190_000)], undefined)), [
    ['1/1:1'],
    ['2/1:0'],
    ['3/1:1'],
  ]);
  assert.deepEqual(await windowsOf([], undefined), []);
});

test('a window is half-open: an entry at its end belongs to the next', async () => {
  const slots = await windowsOf([entry(MINUTE - 1), entry(MINUTE)], { fromMs: 0, toMs: 2 * MINUTE });
  assert.deepEqual(shape(slots), [['0/1:1'], ['1/1:1']]);
});

test('a device has windows from its first entry on, also while it is silent', async () => {
  const slots = await windowsOf([entry(0, '10'), entry(MINUTE, '2')], { fromMs: 0, toMs: 3 * MINUTE });
  assert.deepEqual(shape(slots), [['0/10:1'], ['1/2:1', '1/10:0'], ['2/2:0', '2/10:0']]);
});

test('devices are in the same order whichever was seen first, also if their names differ in zeros alone', () => {
  const names = ['10', '2', '01', '1', 'ap-10', 'ap-2', 'AP-2', '\u0001', ''];
  const sorted = names.toSorted(compareDevices);
  assert.deepEqual(names.toReversed().sort(compareDevices), sorted);
  assert.ok(sorted.indexOf('2') < sorted.indexOf('10') && sorted.indexOf('ap-2') < sorted.indexOf('ap-10'));
  for (const one of names)
    for (const other of names) assert.equal(compareDevices(one, other) === 0, one === other, `${one}, ${other}`);
});

test('devices known before have windows from the start of the span', async () => {
  const slots = await windowsOf([], { fromMs: 0, toMs: MINUTE }, { devices: ['b', 'a'] });
  assert.deepEqual(shape(slots), [['0/a:0', '0/b:0']]);
});

test('within a slot entries may come in any order', async () => {
  const slots = await windowsOf([entry(50_000), entry(10_000), entry(30_000)], { fromMs: 0, toMs: MINUTE });
  assert.deepEqual(
    slots[0][0].entries.map((e) => e.timeMs),
    [50_000, 10_000, 30_000],
  );
});

test('an entry of a window that was already yielded is an error that names it', async () => {
  await assert.rejects(windowsOf([entry(MINUTE), entry(0, 'ap-3')], { fromMs: 0, toMs: 2 * MINUTE }), (error) => {
    assert.ok(error instanceof FeatureError);
    assert.equal(error.code, 'ENTRY_MISPLACED');
    assert.match(error.message, /1970-01-01T00:00:00.000Z \(device 'ap-3'\).*order of time/);
    return true;
  });
});

test('an entry after the end of the span is an error', async () => {
  await assert.rejects(windowsOf([entry(MINUTE)], { fromMs: 0, toMs: MINUTE }), { code: 'ENTRY_MISPLACED' });
});

test('a span that does not begin at a window is an error', async () => {
  await assert.rejects(windowsOf([], { fromMs: 1, toMs: MINUTE }), { code: 'BAD_WINDOW' });
});

test('a window must divide the day', async () => {
  for (const windowMs of [0, 999, 7_000, 90_000_000]) {
    await assert.rejects(windowsOf([], undefined, { windowMs }), { code: 'BAD_WINDOW' });
  }
});

test('the whole windows of a span leave out those that it cuts', () => {
  assert.deepEqual(wholeWindows({ fromMs: 1, toMs: 3 * MINUTE - 1 }, MINUTE), { fromMs: MINUTE, toMs: 2 * MINUTE });
  assert.deepEqual(wholeWindows({ fromMs: 1, toMs: 2 }, MINUTE), { fromMs: MINUTE, toMs: MINUTE });
});

test('every entry is in exactly one window, however the stream is cut into chunks', async () => {
  const entries = fc.array(fc.tuple(fc.nat(20 * MINUTE - 1), fc.constantFrom('1', '2', 'x')), { maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(entries, fc.integer({ min: 1, max: 9 }), async (drawn, size) => {
      const sorted = drawn.map(([at, device]) => entry(at, device)).sort((a, b) => a.timeMs - b.timeMs);
      const options: WindowOptions = { windowMs: MINUTE, groupBy: 'device' };
      const slots = await Array.fromAsync(
        tumblingWindows(chunked(sorted, size), { fromMs: 0, toMs: 20 * MINUTE }, options),
      );
      assert.equal(slots.length, 20);
      const placed = slots.flat().flatMap((w) =>
        w.entries.map((e) => {
          assert.ok(e.timeMs >= w.fromMs && e.timeMs < w.toMs && e.deviceId === w.deviceId);
          return e;
        }),
      );
      assert.equal(new Set(placed).size, sorted.length);
      assert.equal(placed.length, sorted.length);
    }),
  );
});
