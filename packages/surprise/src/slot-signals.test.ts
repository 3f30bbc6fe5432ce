import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agentProfile } from '@edgewood/features';
import { createKindFinder } from './slot-signals.ts';

function entry(program: string, message: string, level = 'info') {
  return { timeMs: 0, deviceId: '1', program, level, message };
}

test('a message is an event of a table, or its template', () => {
  const find = createKindFinder([agentProfile('wifi')]);
  const connected = find(entry('hostapd', 'wlan0: AP-STA-CONNECTED 00:00:5e:00:53:01 auth_alg=open'));
  assert.equal(connected?.kind.name, 'wifi:connected, hostapd');
  assert.equal(connected?.subject, '00:00:5e:00:53:01');
  assert.equal(find(entry('hostapd', 'nobody knows 17 of these'))?.kind.name, 'hostapd: nobody knows * of these');
});

test('what another agent answers for is none', () => {
  const find = createKindFinder([agentProfile('firewall')]);
  const system = createKindFinder([agentProfile('system')]);
  const crash = entry('kernel', '[  411.000001] ath10k_pci 0000:01:00.0: firmware crashed! (guid n/a)');
  assert.equal(find(crash), undefined);
  assert.equal(system(crash)?.kind.name, 'system:radio_crash, kernel');
});

for (const [level, severity] of [
  ['emergency', 'critical'],
  ['2', 'critical'],
  ['err', 'error'],
  ['Warning', 'warning'],
  ['notice', 'other'],
  ['', 'other'],
] as const) {
  test(`level '${level}' is ${severity}`, () => {
    const find = createKindFinder([agentProfile('wifi')]);
    assert.equal(find(entry('hostapd', 'x', level))?.severity, severity);
  });
}

test('the name of a program is cut where it is longer than 100 characters', () => {
  const find = createKindFinder([agentProfile('wifi')]);
  assert.equal(find(entry('p'.repeat(5_000), 'hello'))?.kind.name, `${'p'.repeat(100)}: hello`);
});
