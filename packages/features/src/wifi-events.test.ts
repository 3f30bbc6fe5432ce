import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEventClassifier } from './event-table.ts';
import { WIFI_EVENTS } from './wifi-events.ts';

const classifier = createEventClassifier(WIFI_EVENTS);

function eventOf(program: string, message: string): string | undefined {
  return classifier.events[classifier.classify({ timeMs: 0, deviceId: '', program, level: '', message })];
}

test('the clean-up one second after any disassociation is not taken for inactivity', () => {
  const line = 'wlan0: STA 00:00:5e:00:53:01 IEEE 802.11: deauthenticated due to inactivity (timer DEAUTH/REMOVE)';
  assert.equal(eventOf('hostapd', line), 'deauthenticated_inactive');
});

test('a message that nothing describes has no event', () => {
  assert.equal(eventOf('hostapd', 'something new'), undefined);
  assert.equal(eventOf('hostapd', ''), undefined);
});
