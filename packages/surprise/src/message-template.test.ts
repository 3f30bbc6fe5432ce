import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AGENT_PROFILES } from '@edgewood/features';
import { templateOf } from './message-template.ts';

const STATION = '00:00:5e:00:53:01';

test('a template keeps words and hides what varies', () => {
  for (const [message, template] of [
    [`phy0-ap0: STA ${STATION} IEEE 802.11: associated (aid 3)`, '* STA * IEEE * associated aid *'],
    [
      `wlan0: STA ${STATION} WPA: pairwise key handshake completed (RSN)`,
      '* STA * WPA: pairwise key handshake completed RSN',
    ],
    [`wl1-ap0: AP-STA-POSSIBLE-PSK-MISMATCH ${STATION}`, '* AP-STA-POSSIBLE-PSK-MISMATCH *'],
    [`wl0-ap0: EAPOL-4WAY-HS-COMPLETED ${STATION}`, '* EAPOL-4WAY-HS-COMPLETED *'],
    ['wl0-ap0: DFS-NEW-CHANNEL freq=5260 chan=52 sec_chan=1', '* DFS-NEW-CHANNEL freq * chan * sec_chan *'],
    ['DHCPACK(br-lan) 192.168.10.22 00:00:5e:00:53:01 ', 'DHCPACK br-lan *'],
    ['query[HTTPS] img-7.cdn.example.net from 192.168.10.78', 'query HTTPS * from *'],
    ["Password auth succeeded for 'root' from 192.168.10.100:56070", 'Password auth succeeded for * from *'],
    ['neighbour bssid=00:00:5e:00:53:02 ssid="FRITZ!Box 7590 AB" signal=-63', 'neighbour bssid * ssid * signal *'],
    ['USER root pid 30103 cmd /usr/sbin/wifi-stats.sh --push', 'USER root pid * cmd * --push'],
    ['[91944.840478] ieee80211 phy0: Hardware restart was requested', '* Hardware restart was requested'],
    ['[    4.700000] init: Console is alive', '* init: Console is alive'],
    [' [<05998fd5>] (unwind_backtrace) from [<a8b22edb>] (show_stack+0x14/0x20)', '* unwind_backtrace from *'],
    ['Netz Küche ist da', 'Netz * ist da'],
    ['', ''],
    ['   ', ''],
  ] as const) {
    assert.equal(templateOf(message), template, message);
  }
});

test('the same message of another station, time, port or file has the same template', () => {
  for (const [one, other] of [
    [`wlan0: AP-STA-CONNECTED ${STATION} auth_alg=open`, 'phy1-ap2: AP-STA-CONNECTED aa:bb:cc:dd:ee:ff auth_alg=open'],
    ['Exit (root) from <192.168.1.2:3>: Disconnect received', 'Exit (root) from <10.0.0.1:65535>: Disconnect received'],
    ['adjusting local clock by +0.183932s', 'adjusting local clock by -12.5s'],
    ["unknown lease 'printer one'", 'unknown lease "the other printer"'],
  ] as const) {
    assert.equal(templateOf(one), templateOf(other));
  }
});

test('different messages have different templates', () => {
  const messages = ['AP-STA-CONNECTED x', 'AP-STA-DISCONNECTED x', 'AP-STA-POLL-OK x', 'init: Console is alive', ''];
  assert.equal(new Set(messages.map(templateOf)).size, messages.length);
});

test('only the first line counts, and of it the beginning: what is long is neither kept nor slow', () => {
  assert.equal(templateOf('first line\nsecond line'), 'first line');
  assert.equal(templateOf('\nsecond line'), '');
  const words = templateOf('word '.repeat(1_000)).split(' ');
  assert.ok(words.length <= 14, `${words.length} words`);
  for (const end of ['x', "'", '"', ' ', '=', '[', 'é', '\u{1f600}', '\n', '1']) {
    assert.ok(templateOf(end.repeat(100_000)).length <= 200, JSON.stringify(end));
  }
  const started = performance.now();
  for (let at = 0; at < 1_000; at += 1) templateOf(`'${'"'.repeat(at % 2)}${'a-b.'.repeat(20_000)}`);
  assert.ok(performance.now() - started < 2_000, 'time in proportion to the beginning, not to the whole');
});

test('of a template there is no address or number left, whatever the message', () => {
  for (const { events } of AGENT_PROFILES) {
    for (const { example } of events) {
      const template = templateOf(example);
      assert.doesNotMatch(template, /([0-9a-f]{2}:){5}[0-9a-f]{2}|\d+\.\d+\.\d+\.\d+|(^| )\d+( |$)/i, example);
    }
  }
});
