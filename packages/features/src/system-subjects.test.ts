import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressOf, serviceOf, userOf } from './system-subjects.ts';

test('the address and the user of a login that failed', () => {
  const cases: [message: string, address: string, user: string][] = [
    ["Bad password attempt for 'root' from 203.0.113.9:40000", '203.0.113.9', 'root'],
    ["Bad password attempt for 'root' from [2001:db8::9]:40000", '2001:db8::9', 'root'],
    ['Failed password for invalid user admin from 203.0.113.9 port 40000 ssh2', '203.0.113.9', 'admin'],
    ['Failed password for root from 2001:db8::9 port 40000 ssh2', '2001:db8::9', 'root'],
    ['Invalid user admin from 203.0.113.9 port 40000', '203.0.113.9', 'admin'],
    ['[info] luci: failed login on / for root from 203.0.113.9', '203.0.113.9', 'root'],
  ];
  for (const [message, address, user] of cases) {
    assert.deepEqual([addressOf(message), userOf(message)], [address, user], message);
  }
});

test('an abandoned connection has an address', () => {
  const closed = 'Connection closed by authenticating user root 203.0.113.9 port 40000 [preauth]';
  assert.equal(addressOf(closed), '203.0.113.9');
  assert.equal(addressOf('Exit before auth from <203.0.113.9:40000>: Exited normally'), '203.0.113.9');
  assert.equal(addressOf('Exit before auth from <[2001:db8::9]:40000>: Exited normally'), '2001:db8::9');
});

test('a message without address or user has none', () => {
  for (const message of ['', 'root login rejected', "invalid password for 'root' on 'ttyS0'", 'from ', ' from ']) {
    assert.deepEqual([addressOf(message), userOf(message)], [undefined, undefined], message);
  }
});

test('the service that crashed is told by procd, systemd and the kernel', () => {
  const cases: [message: string, service: string | undefined][] = [
    ['Instance uhttpd::instance1 s in a crash loop 6 crashes, 0 seconds since last crash', 'uhttpd'],
    ['collectd.service: Main process exited, code=killed, status=11/SEGV', 'collectd'],
    ['[  411.000001] uhttpd[4711]: segfault at 0 ip 00007fcd sp 00007fff error 4 in libc.so[7fcd+198000]', 'uhttpd'],
    ['uhttpd[4711]: segfault at 0 ip 00007fcd sp 00007fff error 4', 'uhttpd'],
    ['[  411.000001] do_page_fault(): sending SIGSEGV to odhcpd for invalid read access from 00000000', 'odhcpd'],
    ['Rebooting as procd has crashed', undefined],
    ['', undefined],
  ];
  for (const [message, service] of cases) assert.equal(serviceOf(message), service, message);
});

test('a long message is read in no time', () => {
  const startMs = performance.now();
  for (const text of ['Instance ', ' from ', '1.2.3.', '.service:', '[']) {
    const message = text.repeat(20_000);
    addressOf(message);
    userOf(message);
    serviceOf(message);
  }
  assert.ok(performance.now() - startMs < 1_000);
});
