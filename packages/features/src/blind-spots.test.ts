import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AGENT_PROFILES } from './agent-profile.ts';
import { SightSurvey, SURVEY_LIMITS } from './blind-spots.ts';
import { SIGHT_RULES } from './sight-rules.ts';

const READ = AGENT_PROFILES.flatMap((profile) => profile.programs);
const JOIN = 'wlan0: STA 00:00:5e:00:53:01 IEEE 802.11: associated (aid 1)';
const DROP = '[  411.000001] DROP wan in: IN=eth1 OUT= SRC=203.0.113.9 DST=198.51.100.7 PROTO=TCP DPT=23';
const NO_LEVEL_SHOWS = [
  'probe request floods',
  'beacon floods and evil twins',
  "deauthentication forged in the access point's name",
];

type Line = readonly [program: string, level: string, message: string];

function times(count: number, line: Line): readonly Line[] {
  return Array.from({ length: count }, () => line);
}

function survey(lines: readonly Line[], deviceId = 'ap1'): SightSurvey {
  const made = new SightSurvey(READ);
  made.add(lines.map(([program, level, message]) => ({ timeMs: 0, deviceId, program, level, message })));
  return made;
}

function hiddenIn(lines: readonly Line[]): readonly string[] {
  return (
    survey(lines)
      .report()
      .devices[0]?.blindSpots.map((spot) => spot.incident) ?? []
  );
}

function hasHidden(lines: readonly Line[], words: RegExp): boolean {
  return hiddenIn(lines).some((incident) => words.test(incident));
}

test("hostapd at OpenWrt's default level hides what needs level debug, and says what to set", () => {
  const [device] = survey(times(150, ['hostapd', 'info', JOIN])).report().devices;
  const spot = device?.blindSpots.find(({ incident }) => incident.startsWith('SA query storms'));
  assert.equal(spot?.because, "no line of hostapd's module IEEE 802.11 at level debug among 150");
  assert.match(spot?.remedy ?? '', /log_level '1'/);
  assert.equal(device?.lineCount, 150);
});

for (const level of ['debug', 'DEBUG', '7']) {
  test(`lines of both modules at level ${level} show that hostapd hides only what it never logs`, () => {
    const debug: readonly Line[] = [
      ['hostapd', level, 'wlan0: STA 00:00:5e:00:53:01 IEEE 802.11: association OK (aid 1)'],
      ['hostapd', level, 'wlan0: STA 00:00:5e:00:53:01 WPA: sending 1/4 msg of 4-Way Handshake'],
    ];
    assert.deepEqual(hiddenIn([...times(150, ['hostapd', 'info', JOIN]), ...debug]), NO_LEVEL_SHOWS);
  });
}

test('a debug line of one module of hostapd proves nothing of another, which may be switched off', () => {
  const line = 'wlan0: STA 00:00:5e:00:53:01 IEEE 802.11: association SA Query attempt 1';
  const lines: readonly Line[] = [...times(150, ['hostapd', 'info', JOIN]), ['hostapd', 'debug', line]];
  assert.ok(!hasHidden(lines, /^SA query/));
  assert.ok(hasHidden(lines, /^EAPOL/));
});

test('what no level shows is said to be so, with another way to see it', () => {
  const [device] = survey(times(150, ['hostapd', 'info', JOIN])).report().devices;
  const spot = device?.blindSpots.find(({ incident }) => incident === 'probe request floods');
  assert.equal(spot?.because, 'there is no message of hostapd for it');
  assert.match(spot?.remedy ?? '', /monitor mode/);
});

test('hostapd without a line at level info hides joins too', () => {
  const notices = times(150, ['hostapd', 'notice', 'wlan0: AP-STA-CONNECTED 00:00:5e:00:53:01']);
  assert.ok(hasHidden(notices, /^joins/));
  assert.ok(!hasHidden([...notices, ['hostapd', '6', JOIN]], /^joins/));
});

test('lines without a level tell nothing of levels', () => {
  assert.deepEqual(hiddenIn(times(500, ['hostapd', '', JOIN])), NO_LEVEL_SHOWS);
});

test('a device that logged little is not judged', () => {
  assert.deepEqual(hiddenIn(times(99, ['hostapd', 'info', JOIN])), []);
  assert.ok(hiddenIn(times(100, ['hostapd', 'info', JOIN])).length > 0);
});

const QUIET: readonly (readonly [words: RegExp, quiet: Line, shown: Line])[] = [
  [
    /^DNS query floods/,
    ['dnsmasq', 'info', 'read /etc/hosts - 12 names'],
    ['dnsmasq', 'info', 'query[A] www.example.org from 192.168.1.20'],
  ],
  [
    /^DHCP starvation/,
    ['dnsmasq', 'info', 'read /etc/hosts - 12 names'],
    ['dnsmasq-dhcp', 'info', 'DHCPACK(br-lan) 192.168.1.20 00:00:5e:00:53:01 laptop'],
  ],
  [
    /^DHCP starvation/,
    ['dnsmasq', 'info', 'read /etc/hosts - 12 names'],
    ['odhcpd', 'info', 'Sent DHCPV4_MSG_ACK to 00:00:5e:00:53:01 - 192.168.1.20'],
  ],
  [/^port scans/, ['odhcpd', 'warning', 'Using a RA lifetime of 0 seconds on br-lan'], ['kernel', 'warning', DROP]],
  [/^radio firmware/, ['netifd', 'notice', "Interface 'wan' is now up"], ['kernel', 'info', 'anything']],
];

for (const [words, quiet, shown] of QUIET) {
  test(`${words.source} is hidden where ${quiet[0]} logs and nothing shows it, and seen after '${shown[2]}'`, () => {
    assert.ok(hasHidden(times(100, quiet), words));
    assert.ok(!hasHidden([...times(100, quiet), shown], words));
  });
}

test("the kernel's other lines do not show that the firewall logs what it refuses", () => {
  const lines: readonly Line[] = [
    ...times(100, ['odhcpd', 'warning', 'x']),
    ['kernel', 'info', '[  411.000001] br-lan: port 2(wlan0) entered forwarding state'],
  ];
  assert.ok(hasHidden(lines, /^port scans/));
});

test('what an access point without a name server cannot log is not held against it', () => {
  assert.ok(!hasHidden(times(500, ['hostapd', 'info', JOIN]), /DNS|DHCP|port scans|firmware/));
});

test('programs that no agent reads are named with their share and devices, lines without a program too', () => {
  const made = survey([...times(6, ['usteer', 'info', 'x']), ...times(3, ['hostapd', 'info', JOIN])], 'ap1');
  made.add([{ timeMs: 0, deviceId: 'ap2', program: '', level: '', message: 'x' }]);
  assert.deepEqual(made.report().unread, [
    { program: 'usteer', lineCount: 6, share: 0.6, deviceCount: 1 },
    { program: '', lineCount: 1, share: 0.1, deviceCount: 1 },
  ]);
});

test('devices stand in the order of their numbers, each judged by its own lines', () => {
  const made = survey(times(100, ['hostapd', 'info', JOIN]), '10');
  made.add([{ timeMs: 0, deviceId: '9', program: 'hostapd', level: 'debug', message: 'x' }]);
  const { devices } = made.report();
  assert.deepEqual(
    devices.map(({ deviceId, blindSpots }) => [deviceId, blindSpots.length > 0]),
    [
      ['9', false],
      ['10', true],
    ],
  );
});

test('however many programs and devices a log names, what is kept has its limit and the rest is counted', () => {
  const made = new SightSurvey([]);
  const { programs, devices } = SURVEY_LIMITS;
  const entry = { timeMs: 0, deviceId: 'ap1', program: '', level: '', message: '' };
  made.add(Array.from({ length: programs + 5 }, (_, at) => ({ ...entry, program: `p${at}` })));
  made.add(Array.from({ length: devices + 5 }, (_, at) => ({ ...entry, deviceId: `d${at}`, program: 'p0' })));
  const report = made.report();
  assert.equal(report.lineCount, programs + devices + 10);
  assert.equal(report.devices.length, devices);
  assert.equal(report.devicesPassedOver, 6);
  assert.equal(report.unread.length, programs + 1);
  assert.equal(report.unread.find(({ program }) => program === undefined)?.lineCount, 5);
});

test('every rule has an incident of its own, a remedy and a source', () => {
  assert.equal(new Set(SIGHT_RULES.map(({ incident }) => incident)).size, SIGHT_RULES.length);
  for (const { incident, remedy, source, askedOf } of SIGHT_RULES) {
    assert.ok(remedy.length > 20 && source.length > 5 && askedOf.length > 0, incident);
  }
});
