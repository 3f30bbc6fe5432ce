import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { LogEntry } from '@edgewood/logs';
import { followSessions, mostEndedTogether, type SessionEnd, type StationSessions } from './station-sessions.ts';

const [ONE, TWO] = ['00:00:5e:00:53:01', '00:00:5e:00:53:02'];
const WINDOW_MS = 300_000;

/** A line of hostapd so many seconds after the beginning of the window. */
type Line = readonly [seconds: number, message: string];

function entry([seconds, message]: Line, deviceId = '1'): LogEntry {
  return { timeMs: seconds * 1000, deviceId, program: 'hostapd', level: 'info', message };
}

function follow(...lines: readonly Line[]): StationSessions {
  return followSessions({ entries: lines.map((line) => entry(line)), toMs: WINDOW_MS });
}

/** `12 roam` for each end: its second and its cause. */
function endsOf(...lines: readonly Line[]): readonly string[] {
  return follow(...lines).ends.map(({ timeMs, cause }) => `${timeMs / 1000} ${cause}`);
}

const said = (text: string, station = ONE, at = 'wlan0') => `${at}: STA ${station} ${text}`;
const authenticated = (station = ONE, at = 'wlan0') => said('IEEE 802.11: authenticated', station, at);
const associated = (station = ONE, at = 'wlan0') => said('IEEE 802.11: associated (aid 1)', station, at);
const connected = (station = ONE, at = 'wlan0') => `${at}: AP-STA-CONNECTED ${station} auth_alg=open`;
const keyed = (station = ONE, at = 'wlan0') => said('WPA: pairwise key handshake completed (RSN)', station, at);
const confirmed = (station = ONE, at = 'wlan0') => `${at}: EAPOL-4WAY-HS-COMPLETED ${station}`;
const disconnected = (station = ONE, at = 'wlan0') => `${at}: AP-STA-DISCONNECTED ${station}`;
const disassociated = (station = ONE, at = 'wlan0') => said('IEEE 802.11: disassociated', station, at);
const inactive = (station = ONE, at = 'wlan0') => said('IEEE 802.11: disassociated due to inactivity', station, at);
const removed = (station = ONE, at = 'wlan0') =>
  said('IEEE 802.11: deauthenticated due to local deauth request', station, at);
const cleanedUp = (station = ONE, at = 'wlan0') =>
  said('IEEE 802.11: deauthenticated due to inactivity (timer DEAUTH/REMOVE)', station, at);
const mismatch = (station = ONE, at = 'wlan0') => `${at}: AP-STA-POSSIBLE-PSK-MISMATCH ${station}`;
const rekeyed = (station = ONE, at = 'wlan0') => said('WPA: group key handshake completed (RSN)', station, at);

/** All orders of a few. */
function permutations<Item>(items: readonly Item[]): readonly (readonly Item[])[] {
  if (items.length === 0) return [[]];
  return items.flatMap((first, at) => permutations(items.toSpliced(at, 1)).map((rest) => [first, ...rest]));
}

/** All lines of joining, within a tenth of a second. */
function joins(seconds: number, station = ONE, at = 'wlan0'): readonly Line[] {
  const lines = [authenticated, associated, connected, keyed, confirmed];
  return lines.map((line, place) => [seconds + place / 50, line(station, at)]);
}

describe('the cause of an end', () => {
  const cases: readonly [what: string, lines: readonly Line[], ends: readonly string[]][] = [
    [
      'the station says goodbye',
      [
        [60, disconnected()],
        [60.3, disassociated()],
        [61.3, cleanedUp()],
      ],
      ['60 client_left'],
    ],
    [
      'the station deauthenticates, at level debug',
      [
        [60, disconnected()],
        [60.01, said('IEEE 802.11: deauthenticated')],
      ],
      ['60 client_left'],
    ],
    [
      'its frame is told by the module MLME only',
      [
        [60, disconnected()],
        [60.01, said(`MLME: MLME-DEAUTHENTICATE.indication(${ONE}, 3)`)],
      ],
      ['60 client_left'],
    ],
    [
      'it is idle and does not answer',
      [
        [60, disconnected()],
        [60.01, inactive()],
        [61.01, cleanedUp()],
      ],
      ['60 inactivity'],
    ],
    [
      'it acknowledges nothing any more',
      [
        [60, said('IEEE 802.11: disconnected due to excessive missing ACKs')],
        [60.01, disconnected()],
      ],
      ['60 inactivity'],
    ],
    ['no line says why', [[60, disconnected()]], ['60 unexplained']],
    [
      'a clean-up follows, which follows every disassociation',
      [
        [60, disconnected()],
        [61, cleanedUp()],
      ],
      ['60 unexplained'],
    ],
    [
      'an administrator or a steering program throws it out',
      [
        [60, removed()],
        [60.01, disconnected()],
      ],
      ['60 kicked'],
    ],
    ['soon after it joined, with its keys', [...joins(50), [60, removed()]], ['60 kicked']],
    [
      "a session's time is up",
      [
        [60, disconnected()],
        [60.01, said('IEEE 802.11: deauthenticated due to session timeout')],
      ],
      ['60 kicked'],
    ],
    [
      'its password is wrong',
      [
        [10, authenticated()],
        [10.01, associated()],
        ...[0, 1, 2, 3].map((at): Line => [10.03 + at, mismatch()]),
        [14.1, removed()],
      ],
      ['14.1 handshake_failure'],
    ],
    [
      'its login fails',
      [
        [10, authenticated()],
        [10.01, associated()],
        [30, `wlan0: CTRL-EVENT-EAP-TIMEOUT-FAILURE ${ONE}`],
        [30.01, said('IEEE 802.1X: authentication failed - EAP type: 0 ((null))')],
        [30.02, removed()],
      ],
      ['30.02 handshake_failure'],
    ],
    [
      'its handshake is never finished, of which the default level says nothing',
      [
        [10, authenticated()],
        [10.01, associated()],
        [10.02, connected()],
        [20, removed()],
      ],
      ['20 handshake_failure'],
    ],
    [
      'it gives up after a wrong password, and tries again',
      [
        [10, associated()],
        [10.1, mismatch()],
        [15, authenticated()],
        [15.1, associated()],
        [15.2, mismatch()],
        [20, removed()],
      ],
      ['15 handshake_failure', '20 handshake_failure'],
    ],
    [
      'its password is wrong, and its association is not told',
      [
        [10, authenticated()],
        [10.1, mismatch()],
        [14, removed()],
      ],
      ['14 handshake_failure'],
    ],
    ['its password was wrong before it authenticated anew', [[10, mismatch()], ...joins(15)], ['15 handshake_failure']],
    ['it goes soon after it joined', [...joins(55), [60, disconnected()]], ['60 unexplained']],
    [
      'it turns up at the other radio long after',
      [...joins(10), [60, disconnected()], ...joins(80, ONE, 'wlan1')],
      ['60 unexplained'],
    ],
    [
      'it moves to the other radio: it leaves, then joins',
      [...joins(10), [60, disconnected()], ...joins(62, ONE, 'wlan1')],
      ['60 roam'],
    ],
    [
      'it moves to the other radio by FT: it joins, then is taken off the first',
      [
        ...joins(10),
        [60, authenticated(ONE, 'wlan1')],
        [60.01, associated(ONE, 'wlan1')],
        [60.02, `wlan0: Prune association for ${ONE}`],
        [60.03, disconnected()],
        [60.04, `wlan1: AP-STA-CONNECTED ${ONE} auth_alg=ft`],
        [61.02, cleanedUp()],
      ],
      ['60.01 roam'],
    ],
    [
      'it moves to the other radio, and nothing is said of the first until it has been idle there',
      [...joins(10), ...joins(60, ONE, 'wlan1'), [290, disconnected()], [290.1, inactive()]],
      ['60.02 roam'],
    ],
    [
      'it agreed to go to another access point',
      [
        [58, `wlan0: BSS-TM-RESP ${ONE} status_code=0 bss_termination_delay=0`],
        [60, disconnected()],
        [60.2, disassociated()],
      ],
      ['60 roam'],
    ],
    [
      'it refused to',
      [
        [58, `wlan0: BSS-TM-RESP ${ONE} status_code=7 bss_termination_delay=0`],
        [60, disconnected()],
        [60.2, disassociated()],
      ],
      ['60 client_left'],
    ],
    [
      'its radio stops',
      [
        [60, disconnected()],
        [60.1, removed()],
        [60.2, 'wlan0: AP-DISABLED '],
      ],
      ['60 ap_restart'],
    ],
    [
      'the radio of its guest network stops',
      [
        [60, 'phy1-ap0: AP-DISABLED '],
        [60.1, disconnected(ONE, 'phy1-ap1')],
      ],
      ['60.1 ap_restart'],
    ],
    [
      'the other radio stops',
      [
        [60, 'wlan1: AP-DISABLED '],
        [60.1, disconnected()],
      ],
      ['60.1 unexplained'],
    ],
    [
      'a radar takes its channel',
      [
        [60, 'wlan1: DFS-RADAR-DETECTED freq=5500 ht_enabled=1'],
        [60.4, disconnected(ONE, 'wlan1')],
      ],
      ['60.4 ap_restart'],
    ],
    [
      'its access point crashes, says nothing, and is back after a minute',
      [
        ...joins(10),
        [80, 'wlan0: interface state UNINITIALIZED->COUNTRY_UPDATE'],
        [82, 'wlan0: AP-ENABLED '],
        ...joins(95),
      ],
      ['95.02 ap_restart'],
    ],
    [
      'it is back and joins anew, though it never went: what a forged deauthentication looks like',
      [...joins(10), ...joins(60)],
      ['60.02 unexplained'],
    ],
  ];
  for (const [what, lines, ends] of cases) {
    test(`${what}: ${ends.join(', ')}`, () => assert.deepEqual(endsOf(...lines), ends));
  }
});

describe('lines that are lost, late or repeated', () => {
  const whole: readonly Line[] = [...joins(10), [60, disconnected()], [60.1, disassociated()], [61.1, cleanedUp()]];
  const losses: readonly [lost: readonly number[], cause: string][] = [
    [[0], 'client_left'],
    [[0, 1], 'client_left'],
    [[2, 3, 4], 'client_left'],
    [[5], 'client_left'],
    [[7], 'client_left'],
    [[5, 7], 'client_left'],
    [[6], 'unexplained'],
    [[5, 6], 'unexplained'],
    [[0, 1, 2, 3, 4], 'client_left'],
  ];
  for (const [lost, cause] of losses) {
    test(`a session ends once, ${cause}, if lines ${lost} are lost`, () => {
      const { ends } = follow(...whole.filter((_, at) => !lost.includes(at)));
      assert.deepEqual(
        ends.map((end) => end.cause),
        [cause],
      );
    });
  }

  test('a session ends once in whichever order the lines of its end come', () => {
    for (const [first, second, third] of [
      [0, 1, 2],
      [0, 2, 1],
      [1, 0, 2],
      [1, 2, 0],
      [2, 0, 1],
      [2, 1, 0],
    ] as const) {
      const texts = [disconnected(), disassociated(), cleanedUp()];
      const lines: readonly Line[] = [
        [60, texts[first]],
        [60.1, texts[second]],
        [60.2, texts[third]],
      ];
      assert.deepEqual(endsOf(...joins(10), ...lines), ['60 client_left']);
    }
  });

  test('a session begins once in whichever order the lines of joining come, and though they come twice', () => {
    const lines = joins(10);
    const shuffled = [3, 2, 4, 0, 1, 1, 2].map((at, place): Line => [10 + place / 10, lines[at][1]]);
    const { starts, ends } = follow(...shuffled);
    assert.deepEqual([starts.length, ends], [1, []]);
  });

  test('a station that leaves and is back within one second of a coarse clock ends one session and starts one', () => {
    const lines = [disconnected(), disassociated(), authenticated(), associated(), connected(), keyed()];
    for (const order of permutations(lines)) {
      const { starts, ends } = follow(...joins(10), ...order.map((line): Line => [60, line]));
      const causes = ends.map((end) => end.cause);
      assert.deepEqual([starts.length, causes], [2, ['client_left']], order.join('\n'));
    }
  });

  test('the end of a session that is told just after the station joined anew is that of the session before', () => {
    assert.deepEqual(
      endsOf(
        ...joins(10),
        [60, authenticated()],
        [60.01, disconnected()],
        [60.02, disassociated()],
        [60.03, associated()],
      ),
      ['60.01 client_left'],
    );
    assert.deepEqual(
      endsOf(...joins(10), [60, associated()], [60.01, disconnected()], [60.02, disassociated()], [60.03, connected()]),
      ['60 client_left'],
    );
  });

  test('entries of a window need not be in order of time', () => {
    const lines: readonly Line[] = [[60, disconnected()], [60.1, inactive()], ...joins(10)];
    assert.deepEqual(endsOf(...lines.toReversed()), ['60 inactivity']);
  });

  test('lines of a session that come after its end change nothing', () => {
    const quick: readonly Line[] = [
      [60, authenticated()],
      [60.01, associated()],
      [60.02, disconnected()],
    ];
    assert.deepEqual(endsOf(...quick, [60.03, connected()], [60.04, keyed()], ...joins(100)), ['60.02 unexplained']);
    assert.deepEqual(endsOf(...joins(10), [60, disconnected()], [60.5, rekeyed()], ...joins(100)), ['60 unexplained']);
  });

  test('a station that is gone is not gone again until it shows that it is there', () => {
    const gone: readonly Line[] = [
      [60, disconnected()],
      [80, disconnected()],
      [90, disassociated()],
    ];
    assert.deepEqual(endsOf(...gone), ['60 unexplained']);
    assert.deepEqual(endsOf(...gone, [100, rekeyed()], [110, disconnected()]), ['60 unexplained', '110 unexplained']);
  });
});

describe('what is no end', () => {
  const cases: readonly [what: string, lines: readonly Line[]][] = [
    ['a clean-up alone', [[60, cleanedUp()]]],
    [
      'a removal of a station that only authenticated',
      [
        [50, authenticated()],
        [60, removed()],
      ],
    ],
    ['new keys in the middle of a session', [...joins(10), [100, keyed()], [100.1, confirmed()]]],
    ['an authentication at another radio that nothing comes of', [...joins(10), [60, authenticated(ONE, 'wlan1')]]],
    [
      'an authentication at a radio that the station did not take',
      [[10, authenticated()], ...joins(10.1, ONE, 'wlan1')],
    ],
    [
      'an attempt that begins again',
      [
        [10, authenticated()],
        [10.1, associated()],
        [20, authenticated()],
        [20.1, associated()],
      ],
    ],
    [
      'a restart without stations',
      [
        [60, 'wlan0: AP-DISABLED '],
        [70, 'wlan0: AP-ENABLED '],
      ],
    ],
    ['a line without a station', [[60, 'wlan0: AP-STA-DISCONNECTED']]],
    ['a line without an interface', [[60, `AP-STA-DISCONNECTED ${ONE}`]]],
    ['a disconnection that the next window explains', [[299, disconnected()]]],
  ];
  for (const [what, lines] of cases) test(what, () => assert.deepEqual(endsOf(...lines), []));

  test('a line of another program', () => {
    const other = { ...entry([60, disconnected()]), program: 'wpa_supplicant' };
    assert.deepEqual(followSessions({ entries: [other], toMs: WINDOW_MS }).ends, []);
  });
});

test('a disconnection at the end of a window is told by the window that explains it, once', () => {
  assert.deepEqual(endsOf([299.99, disconnected()]), []);
  assert.deepEqual(endsOf([0, disassociated()], [1, cleanedUp()]), ['0 client_left']);
});

test('a station is known by its address, its device and its interface', () => {
  const entries = [
    entry([60, disconnected()], '1'),
    entry([60, disconnected()], '2'),
    entry([60, disconnected(TWO)], '1'),
    entry([60, disconnected('00:00:5E:00:53:01')], '1'),
  ];
  const { ends } = followSessions({ entries, toMs: WINDOW_MS });
  assert.deepEqual(
    ends.map(({ deviceId, station, interfaceName }) => `${deviceId} ${station} ${interfaceName}`),
    [`1 ${ONE} wlan0`, `2 ${ONE} wlan0`, `1 ${TWO} wlan0`],
  );
});

test('a station that comes from another access point by FT starts a session and ends none', () => {
  const { starts, ends } = follow([60, associated()], [60.1, `wlan0: AP-STA-CONNECTED ${ONE} auth_alg=ft`]);
  assert.deepEqual(starts, [{ timeMs: 60_000, deviceId: '1', interfaceName: 'wlan0', station: ONE }]);
  assert.deepEqual(ends, []);
});

test('a restart ends the sessions of all thirty stations, of most without saying why', () => {
  const stations = Array.from({ length: 30 }, (_, at) => `00:00:5e:00:53:${String(at + 10)}`);
  const before = stations.flatMap((station, at) => joins(at, station));
  const leave = stations.map((station, at): Line => [100.5 + at / 20, disconnected(station)]);
  const back = stations.flatMap((station, at) => joins(110 + at, station));
  const { ends } = follow(...before, [100, 'wlan0: AP-DISABLED '], ...leave, [104, 'wlan0: AP-ENABLED '], ...back);
  assert.deepEqual(new Set(ends.map((end) => end.cause)), new Set(['ap_restart']));
  assert.equal(ends.length, 30);
  assert.equal(mostEndedTogether(ends, 10_000), 30);
});

test('as many sessions ended together as within ten seconds of one device', () => {
  const end = (seconds: number, deviceId = '1'): SessionEnd => {
    return { timeMs: seconds * 1000, deviceId, interfaceName: 'wlan0', station: ONE, cause: 'client_left' };
  };
  assert.equal(mostEndedTogether([], 10_000), 0);
  assert.equal(mostEndedTogether([end(0), end(9.999), end(10)], 10_000), 2);
  assert.equal(mostEndedTogether([end(0), end(1, '2'), end(2), end(30), end(31), end(39)], 10_000), 3);
});

test('a flood of lines, each at an interface of its own, is followed in a moment', () => {
  const lines = Array.from({ length: 60_000 }, (_, at): Line => {
    const texts = [associated(ONE, `wlan${at}`), disconnected(ONE, `wlan${at % 70}`), 'wlan0: AP-DISABLED '];
    return [at / 1_000, texts[at % 3]];
  });
  const startedMs = performance.now();
  const { ends } = follow(...lines);
  mostEndedTogether(ends, 10_000);
  assert.ok(performance.now() - startedMs < 5_000);
});
