import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseLogCsv } from './log-csv.ts';
import { withoutSyslogHeader } from './syslog-header.ts';

const JOINED = 'wlan0: AP-STA-CONNECTED 00:00:5e:00:53:01';

/** Line, program, what is left. */
const LINES: readonly [string, string, string][] = [
  [`Thu May  1 00:04:01 2025 daemon.notice hostapd: ${JOINED}`, 'hostapd', JOINED],
  [`<29>May  1 00:04:01 ap-1 hostapd[1422]: ${JOINED}`, 'hostapd', JOINED],
  [`<29>May 11 00:04:01 hostapd: ${JOINED}`, 'hostapd', JOINED],
  [`May  1 00:04:01 192.0.2.1 hostapd: ${JOINED}`, 'hostapd', JOINED],
  [`<29>1 2025-05-01T00:04:01.123Z ap-1 hostapd 1422 - - ${JOINED}`, 'hostapd', JOINED],
  [`<29>1 2025-05-01T00:04:01Z ap-1 hostapd - ID47 [x@1 a="b"] \uFEFF${JOINED}`, 'hostapd', JOINED],
  [
    'Thu May  1 00:04:01 2025 kern.warn kernel: [  123.456789] ath10k_pci: firmware crashed!',
    'kernel',
    'ath10k_pci: firmware crashed!',
  ],
  ['Thu May  1 00:04:01 2025 cron.info crond[12]: USER root pid 3 cmd true', 'crond', 'USER root pid 3 cmd true'],
];

test('the header that syslog wrote is taken off, in each of its forms', () => {
  for (const [line, program, message] of LINES) assert.equal(withoutSyslogHeader(line, program), message, line);
});

test('a message without a header stays as it is, and so does one with the header of another program', () => {
  const texts = [
    JOINED,
    '',
    '<',
    '<29>',
    'May',
    'May flower: hostapd: x',
    `<29>May  1 00:04:01 ap-1 dnsmasq: ${JOINED}`,
  ];
  for (const text of [...texts, `Thu May  1 00:04:01 2025 daemon.notice hostapd ${JOINED}`])
    assert.equal(withoutSyslogHeader(text, 'hostapd'), text, text);
});

test('a hostile header takes no time', (t) => {
  const long = 'a'.repeat(1_000_000);
  const startMs = performance.now();
  for (const text of [`<29>May  1 00:04:01 ${long}`, `<29>1 ${long} `, `<29>1 x y hostapd - - [${long}`, `Thu ${long}`])
    assert.equal(withoutSyslogHeader(text, 'hostapd'), text);
  t.diagnostic(`${performance.now() - startMs} ms`);
});

test('entries are read without the header', async () => {
  const rows = LINES.map(
    ([line, program]) => `2025-05-01 00:04:01+00,1,${program},info,"${line.replaceAll('"', '""')}"\n`,
  );
  const csv = ['timestamp,device_id,program,log_level,message\n', ...rows].join('');
  const chunks = (async function* () {
    yield Buffer.from(csv);
  })();
  const entries = (await Array.fromAsync(parseLogCsv(chunks))).flat();
  assert.deepEqual(
    entries.map(({ message }) => message),
    LINES.map(([, , message]) => message),
  );
});
