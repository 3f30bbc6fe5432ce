import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHttpParts } from '../testing/http-parts.ts';
import { createHttpServer } from './http-server.ts';

test('/api/blind-spots says of each device what it does not show, and what nobody reads or knows', async () => {
  const parts = createHttpParts();
  const entry = { timeMs: 0, deviceId: '1', program: 'hostapd', level: 'notice', message: '' };
  for (let at = 0; at < 150; at += 1) {
    parts.control.log.push({ ...entry, message: 'wlan0: AP-STA-CONNECTED 00:00:5e:00:53:01' });
  }
  parts.control.log.push({ ...entry, message: 'wlan0: the aerial fell down 3 times' });
  for (let at = 0; at < 49; at += 1) parts.control.log.push({ ...entry, program: 'crond', message: 'USER root' });
  const { devices, unread_programs, unknown_messages, ...rest } = (
    await createHttpServer(parts).inject('/api/blind-spots')
  ).json();
  assert.deepEqual(rest, {
    looked_at: '1970-01-01T00:15:00.000Z',
    from: '1970-01-01T00:00:00.000Z',
    to: '1970-01-01T00:15:00.000Z',
    problem: null,
    entries: 200,
    devices_passed_over: 0,
  });
  assert.deepEqual([devices.length, devices[0].device_id, devices[0].entries], [1, '1', 200]);
  const [spot] = devices[0].blind_spots;
  assert.deepEqual(Object.keys(spot), ['incident', 'because', 'remedy', 'source']);
  assert.match(spot.remedy, /log_level/);
  assert.deepEqual(unread_programs, [{ program: 'crond', entries: 49, share: 49 / 200, devices: 1 }]);
  assert.deepEqual(unknown_messages.agents, [{ agent: 'wifi', entries: 151, unknown: 1 }]);
  const [{ template, ...message }] = unknown_messages.messages;
  assert.doesNotMatch(template, /3/);
  const example = 'wlan0: the aerial fell down 3 times';
  assert.deepEqual(message, { agent: 'wifi', program: 'hostapd', entries: 1, devices: 1, example });
  assert.equal(unknown_messages.further_entries, 0);
});
