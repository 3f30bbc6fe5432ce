import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AGENT_PROFILES } from '@edgewood/features';
import { UNKNOWN_LIMITS, UnknownMessages } from './unknown-messages.ts';

function counted(lines: readonly (readonly [program: string, message: string, deviceId?: string])[]) {
  const unknown = new UnknownMessages(AGENT_PROFILES);
  unknown.add(
    lines.map(([program, message, deviceId = 'ap1']) => ({ timeMs: 0, deviceId, program, level: '', message })),
  );
  return unknown.report();
}

test('lines that differ in numbers, addresses and names only are one template, with its first example and its devices', () => {
  const { templates } = counted([
    ['hostapd', 'wlan0: STA 00:00:5e:00:53:01 WPA: something new 7'],
    ['hostapd', 'wlan1: STA 00:00:5e:00:53:02 WPA: something new 8', 'ap2'],
    ['hostapd', 'another thing'],
  ]);
  assert.deepEqual(templates[0], {
    agent: 'wifi',
    program: 'hostapd',
    template: '* STA * WPA: something new *',
    lineCount: 2,
    example: 'wlan0: STA 00:00:5e:00:53:01 WPA: something new 7',
    deviceCount: 2,
  });
  assert.deepEqual(
    templates.map(({ lineCount }) => lineCount),
    [2, 1],
  );
});

test('every line that an agent reads is counted as its own, known as an event, known as a detail, or not', () => {
  const { agents } = counted([
    ['hostapd', 'wlan0: AP-STA-CONNECTED 00:00:5e:00:53:01'],
    ['hostapd', 'wlan0: STA 00:00:5e:00:53:01 IEEE 802.11: association OK (aid 1)'],
    ['hostapd', 'something new'],
    ['dnsmasq', 'query[A] www.example.org from 192.168.1.20'],
    ['usteer', 'nobody reads this'],
  ]);
  assert.deepEqual(agents, [
    { agent: 'wifi', lineCount: 3, unknownCount: 1 },
    { agent: 'dns', lineCount: 1, unknownCount: 0 },
    { agent: 'firewall', lineCount: 0, unknownCount: 0 },
    { agent: 'system', lineCount: 0, unknownCount: 0 },
  ]);
});

test("the kernel's lines belong to the agent that knows them, and unknown ones to the system agent", () => {
  const { agents, templates } = counted([
    ['kernel', '[  411.000001] DROP wan in: IN=eth1 OUT= SRC=203.0.113.9 DST=198.51.100.7 PROTO=TCP DPT=23'],
    ['kernel', '[  411.000001] Out of memory: Killed process 4711 (dnsmasq) total-vm:3726576kB'],
    ['kernel', '[  411.000001] a line that is quite new'],
  ]);
  assert.deepEqual(agents.slice(2), [
    { agent: 'firewall', lineCount: 1, unknownCount: 0 },
    { agent: 'system', lineCount: 2, unknownCount: 1 },
  ]);
  assert.equal(templates[0]?.agent, 'system');
});

test('however many templates a log has, the kept ones have their limit and further lines are counted', () => {
  const letters = (at: number) => [...`${at}`].map((digit) => 'abcdefghij'[Number(digit)]).join('');
  const lines = Array.from({ length: UNKNOWN_LIMITS.templates + 3 }, (_, at) => ['hostapd', letters(at)] as const);
  const report = counted([...lines, ['hostapd', 'a']]);
  assert.equal(report.templates.length, UNKNOWN_LIMITS.templates);
  assert.equal(report.otherLineCount, 3);
  assert.equal(report.templates[0]?.lineCount, 2);
});

test('of a template that very many devices have, and of a very long message, a part is kept', () => {
  const many = UNKNOWN_LIMITS.devicesPerTemplate + 1;
  const lines = Array.from({ length: many }, (_, at) => ['hostapd', 'x'.repeat(5_000), `d${at}`] as const);
  const [only] = counted(lines).templates;
  assert.deepEqual(
    [only?.deviceCount, only?.lineCount, only?.example.length],
    [UNKNOWN_LIMITS.devicesPerTemplate, many, UNKNOWN_LIMITS.exampleCharacters],
  );
});

test('an empty message is a template too', () => {
  assert.deepEqual(
    counted([['hostapd', '']]).templates.map(({ template, lineCount }) => [template, lineCount]),
    [['', 1]],
  );
});
