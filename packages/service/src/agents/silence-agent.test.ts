import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogWindow } from '@edgewood/features';
import type { JsonValue } from '../anomalies/anomaly-store.ts';
import { parseConfig } from '../config.ts';
import { inspectContext } from '../testing/inspect-context.ts';
import { createSilenceAgent } from './silence-agent.ts';

const START_MS = Date.parse('2025-05-01T00:00:00Z');
const WINDOW_MS = 300_000;

/** Who writes in a window: `a:hostapd`, device and program. */
type Writers = (slot: number) => readonly string[];

/** What is found in slots 0 to `slots`, as `slot kind device`; each device has its windows from its first entry on. */
function listen(slots: number, writers: Writers, options = '') {
  const config = parseConfig(`agents: [{name: silence, options: {${options}}}]`, 'test', {}).agents[0];
  assert.ok(config !== undefined);
  const inspection = createSilenceAgent(config).takeUp();
  assert.ok(inspection !== undefined);
  const devices = new Set<string>();
  let memory: JsonValue | undefined;
  const found: string[] = [];
  const whys: string[] = [];
  for (let slot = 0; slot < slots; slot += 1) {
    const fromMs = START_MS + slot * WINDOW_MS;
    const writing = writers(slot).map((writer) => writer.split(':'));
    for (const [device = ''] of writing) devices.add(device);
    const windows = [...devices].sort().map((deviceId): LogWindow => {
      const entries = writing
        .filter(([device]) => device === deviceId)
        .map(([, program = '']) => ({ timeMs: fromMs, deviceId, program, level: 'info', message: 'up' }));
      return { fromMs, toMs: fromMs + WINDOW_MS, deviceId, entries };
    });
    const context = inspectContext({ memory });
    const verdict = inspection.inspect(windows, context);
    assert.ok(!(verdict instanceof Promise));
    memory = JSON.parse(JSON.stringify(verdict.memory ?? null)) as JsonValue; // as a store gives it back
    for (const { kind, deviceId, why } of verdict.anomalies) {
      found.push(`${slot} ${kind} ${deviceId}`);
      whys.push(why);
    }
  }
  return { found, whys, inspection, memory };
}

const ALL = ['a:hostapd', 'a:dnsmasq', 'b:hostapd'];
const without = (...silent: string[]) => ALL.filter((writer) => !silent.some((name) => writer.startsWith(name)));

test('as long as everybody writes nothing is found', () => {
  assert.deepEqual(listen(600, () => ALL).found, []);
});

test('one device that falls silent is found, as long as it is silent, and its programs are not told of', () => {
  const { found, whys } = listen(60, (slot) => (slot >= 20 && slot < 30 ? without('a') : ALL));
  assert.deepEqual(
    found,
    [22, 23, 24, 25, 26, 27, 28, 29].map((slot) => `${slot} device_silent a`),
  );
  assert.equal(whys[0], 'nothing from device a for 15 min, since 2025-05-01T01:40Z (it is heard in every window)');
});

test('one program of a device that falls silent is found while the device goes on', () => {
  const { found, whys } = listen(25, (slot) => (slot >= 20 ? without('a:hostapd') : ALL));
  assert.deepEqual(found, ['22 program_silent a', '23 program_silent a', '24 program_silent a']);
  assert.match(whys[0] ?? '', /^nothing from hostapd for 15 min/);
});

test('when the whole pipeline is silent that is the one finding', () => {
  const { found, whys } = listen(60, (slot) => (slot >= 20 && slot < 24 ? [] : ALL));
  assert.deepEqual(found, ['22 pipeline_silent null', '23 pipeline_silent null']);
  assert.match(whys[0] ?? '', /^nothing from any device for 15 min/);
});

test('who writes rarely is missed after twice the longest gap that was usual', () => {
  const hourly: Writers = (slot) => (slot % 12 === 0 && slot < 300 ? [...ALL, 'c:cron'] : ALL);
  assert.deepEqual(listen(330, hourly).found, [], 'too rare to be missed');
  const { found } = listen(330, hourly, 'device_share: 5%');
  assert.equal(found[0], '310 device_silent c', '288 was the last, and 11 windows between two are usual');
});

test('nobody is missed who is not known for a while yet', () => {
  assert.deepEqual(listen(60, (slot) => (slot < 11 ? [...ALL, 'new:hostapd'] : ALL)).found, []);
});

test('a long outage does not make the next one usual at once', () => {
  const writers: Writers = (slot) => ((slot >= 50 && slot < 100) || (slot >= 200 && slot < 220) ? without('b') : ALL);
  const { found } = listen(260, writers);
  assert.equal(found[0], '52 device_silent b');
  assert.equal(
    found.find((line) => Number.parseInt(line, 10) >= 200),
    '205 device_silent b',
    'twice 15 min',
  );
});

test('what stays silent is forgotten in the end', () => {
  const { found, memory } = listen(400, (slot) => (slot >= 20 ? without('b') : ALL), 'forget: 1d');
  assert.equal(found.at(-1), '307 device_silent b', 'a day of windows');
  assert.deepEqual(Object.keys((memory as { devices: object }).devices), ['a']);
});

test('a device may be called whatever an object has', () => {
  const names = ['__proto__:hostapd', 'constructor:toString'];
  const { found } = listen(40, (slot) => (slot < 20 ? [...ALL, ...names] : [...ALL, 'constructor:toString']));
  assert.ok(!found.some((line) => line.includes('constructor')));
});

test('late entries take a silence back where everybody who is missed elsewhere is heard', () => {
  const { inspection, memory } = listen(30, () => ALL);
  const fromMs = START_MS + 20 * WINDOW_MS;
  const late = (...programs: string[]) => {
    const entries = programs.map((program) => ({ timeMs: fromMs, deviceId: 'a', program, level: '', message: '' }));
    const window = { fromMs, toMs: fromMs + WINDOW_MS, deviceId: 'a', entries };
    const verdict = inspection.inspect([window], inspectContext({ memory, late: true }));
    assert.ok(!(verdict instanceof Promise));
    assert.deepEqual(verdict.anomalies, []);
    return verdict.windows.map(({ deviceId, entries: count }) => [deviceId, count]);
  };
  assert.deepEqual(late('hostapd', 'dnsmasq'), [
    [null, 2],
    ['a', 2],
  ]);
  assert.deepEqual(late('hostapd'), [[null, 1]]);
  assert.deepEqual(late(), []);
});

test('a slot before somebody was heard last is not learnt from again, nor taken for silence', () => {
  const { inspection, memory } = listen(30, () => ALL);
  for (const [slot, isKnown] of [
    [10, true],
    [29, true],
    [30, false],
  ] as const) {
    const fromMs = START_MS + slot * WINDOW_MS;
    const window = { fromMs, toMs: fromMs + WINDOW_MS, deviceId: 'a', entries: [] };
    const context = inspectContext({ memory });
    const verdict = inspection.inspect([window], context);
    assert.ok(!(verdict instanceof Promise));
    assert.deepEqual([verdict.anomalies, verdict.memory === undefined], [[], isKnown]);
  }
});
