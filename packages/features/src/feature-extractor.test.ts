import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogEntry } from '@edgewood/logs';
import { agentProfile } from './agent-profile.ts';
import { createFeatureExtractor } from './feature-extractor.ts';
import { hardwareAddressOf } from './hardware-address.ts';
import type { LogWindow } from './log-window.ts';
import { severityOf } from './severity.ts';

const wifi = agentProfile('wifi');
const SPECIFIED = ['log_count', 'error_log_ratio', 'unique_program_count', 'disassociation_events'];

function line(message: string, level = 'info', program = 'hostapd'): LogEntry {
  return { timeMs: 0, deviceId: '1', program, level, message };
}

function windowOf(...entries: LogEntry[]): LogWindow {
  return { fromMs: 0, toMs: 300_000, deviceId: '1', entries };
}

/** The features of a window by name. */
function featuresOf(...entries: LogEntry[]): Record<string, number> {
  const extractor = createFeatureExtractor({ agent: wifi });
  const vector = extractor.extract(windowOf(...entries));
  return Object.fromEntries(extractor.names.map((name, position) => [name, vector[position]]));
}

test("the wifi agent's first four features are those of the specification", () => {
  assert.deepEqual(createFeatureExtractor({ agent: wifi }).names.slice(0, 4), SPECIFIED);
});

test('the four features of the specification, by hand', () => {
  const found = featuresOf(
    line('wlan0: STA 00:00:5e:00:53:01 IEEE 802.11: disassociated'),
    line('wlan0: AP-STA-DISCONNECTED 00:00:5e:00:53:01', 'notice'),
    line('wlan0: CTRL-EVENT-DISCONNECTED bssid=00:00:5e:00:53:10 reason=3', 'notice', 'wpa_supplicant'),
    line('nl80211: kernel reports: key addition failed', 'err'),
  );
  assert.deepEqual(
    SPECIFIED.map((name) => found[name]),
    [4, 0.25, 2, 3],
  );
});

test('a deauthentication is not a disassociation, and its routine clean-up is neither', () => {
  const found = featuresOf(
    line('wlan0: STA 00:00:5e:00:53:01 IEEE 802.11: deauthenticated due to local deauth request'),
    line('wlan0: STA 00:00:5e:00:53:01 IEEE 802.11: deauthenticated due to inactivity (timer DEAUTH/REMOVE)'),
  );
  assert.equal(found.disassociation_events, 0);
  assert.equal(found.deauthentication_events, 1);
});

test('stations are told apart by the first hardware address of a message', () => {
  const found = featuresOf(
    line('wlan0: AP-STA-CONNECTED 00:00:5e:00:53:01'),
    line('wlan0: AP-STA-CONNECTED 00:00:5E:00:53:01'),
    line('wlan0: AP-STA-DISCONNECTED 00:00:5e:00:53:02'),
    line('phy0-ap0: interface state DFS->ENABLED'),
  );
  assert.equal(found.station_count, 2);
  assert.equal(found.busiest_station_events, 2);
  assert.equal(found.leaving_station_count, 1);
});

test('sessions are counted by the causes of their ends, and by how many ended together', () => {
  const at = (timeMs: number, message: string) => ({ ...line(message), timeMs });
  const station = (last: number) => `00:00:5e:00:53:0${last}`;
  const found = featuresOf(
    at(1_000, `wlan0: STA ${station(1)} IEEE 802.11: associated (aid 1)`),
    at(1_100, `wlan0: AP-STA-POSSIBLE-PSK-MISMATCH ${station(1)}`),
    at(5_100, `wlan0: STA ${station(1)} IEEE 802.11: deauthenticated due to local deauth request`),
    at(6_000, `wlan0: STA ${station(2)} IEEE 802.11: deauthenticated due to local deauth request`),
    at(7_000, `wlan0: STA ${station(3)} IEEE 802.11: disassociated due to inactivity`),
    at(8_000, `wlan0: STA ${station(3)} IEEE 802.11: deauthenticated due to inactivity (timer DEAUTH/REMOVE)`),
    at(30_000, `wlan0: STA ${station(4)} IEEE 802.11: disassociated`),
    at(60_000, `wlan0: Prune association for ${station(5)}`),
    at(60_000, `wlan0: AP-STA-DISCONNECTED ${station(5)}`),
    at(90_000, `wlan0: AP-STA-DISCONNECTED ${station(6)}`),
    at(95_000, `wlan0: AP-STA-DISCONNECTED ${station(7)}`),
    at(120_000, `wlan1: AP-STA-DISCONNECTED ${station(8)}`),
    at(121_000, 'wlan1: AP-DISABLED '),
  );
  const expected = {
    started_sessions: 1,
    left_sessions: 1,
    inactive_sessions: 1,
    restart_ended_sessions: 1,
    handshake_failed_sessions: 1,
    kicked_sessions: 1,
    roamed_sessions: 1,
    unexplained_session_ends: 2,
    sessions_ended_together: 3,
  };
  for (const [name, value] of Object.entries(expected)) assert.equal(found[name], value, name);
});

test('an entry that no pattern knows is counted as unknown', () => {
  assert.equal(featuresOf(line('brand new message')).unknown_events, 1);
});

test('severity is read from long words, short words and numbers', () => {
  for (const level of ['err', 'error', 'ERROR', 'crit', 'critical', 'alert', 'emerg', 'emergency', '3', '0']) {
    assert.equal(severityOf(level), 'error', level);
  }
  for (const level of ['warn', 'warning', 'Warning', '4']) assert.equal(severityOf(level), 'warning', level);
  for (const level of ['', 'notice', 'info', 'debug', '5', '7']) assert.equal(severityOf(level), 'other', level);
});

test('a hardware address is six pairs of digits, in lower case', () => {
  assert.equal(hardwareAddressOf('STA 00:00:5E:00:53:AF left'), '00:00:5e:00:53:af');
  assert.equal(hardwareAddressOf('at 10:20:30 nothing'), undefined);
});

test('features can be chosen, in any order', () => {
  const extractor = createFeatureExtractor({ agent: wifi, features: ['unique_program_count', 'log_count'] });
  assert.deepEqual([...extractor.extract(windowOf(line('a'), line('b')))], [1, 2]);
});

test('an unknown or repeated feature is refused, and the message lists those that there are', () => {
  assert.throws(() => createFeatureExtractor({ agent: wifi, features: ['log_cout'] }), {
    code: 'FEATURE_UNKNOWN',
    message: /no feature 'log_cout'; it has: log_count, error_log_ratio/,
  });
  assert.throws(() => createFeatureExtractor({ agent: wifi, features: ['log_count', 'log_count'] }), {
    code: 'FEATURE_UNKNOWN',
  });
});

test('an unknown agent is refused, and the message lists those that there are', () => {
  assert.throws(() => agentProfile('wlan'), { code: 'AGENT_UNKNOWN', message: /there are: wifi/ });
});

test('the fingerprint changes with everything that changes the numbers, and with nothing else', () => {
  const fingerprint = (options: object) => createFeatureExtractor({ agent: wifi, ...options }).fingerprint;
  const plain = fingerprint({});
  assert.match(plain, /^[0-9a-f]{64}$/);
  assert.equal(fingerprint({ windowMs: 300_000, groupBy: 'device' }), plain);
  const others = [
    { windowMs: 60_000 },
    { groupBy: 'global' },
    { features: SPECIFIED },
    { features: SPECIFIED.toReversed() },
    { agent: { ...wifi, events: wifi.events.slice(1) } },
    { agent: { ...wifi, events: wifi.events.map((row) => ({ ...row, also: ['wlan0'] })) } },
    { agent: { ...wifi, foreignEvents: ['steering'] } },
    { agent: { ...wifi, subjects: wifi.subjects?.map((kind) => ({ ...kind, events: ['connected'] })) } },
    { agent: { ...wifi, subjects: [...(wifi.subjects ?? []), { name: 'network', of: () => undefined }] } },
    { agent: { ...wifi, features: wifi.features.map((feature) => ({ ...feature, revision: 2 })) } },
  ].map(fingerprint);
  assert.equal(new Set([plain, ...others]).size, others.length + 1);
  const reworded = { ...wifi, features: wifi.features.map((feature) => ({ ...feature, doc: 'reworded' })) };
  assert.equal(fingerprint({ agent: reworded }), plain);
});

test('the fingerprints of the first release still hold, so that its models load', () => {
  const plain = '5338774c36956573c92eada088d8c19e4a5f76e4829a72b9009ca9fe4f7c40ef';
  const specified = 'd0b39fa9ea15c6ab8a2f9c03ae79427218d94cc0b075067ed495e4ff58d03cb3';
  const features = wifi.features.slice(0, 26).map((feature) => feature.name);
  assert.equal(features.at(-1), 'busiest_station_events');
  assert.equal(createFeatureExtractor({ agent: wifi, features }).fingerprint, plain);
  assert.equal(createFeatureExtractor({ agent: wifi, features: SPECIFIED }).fingerprint, specified);
});
