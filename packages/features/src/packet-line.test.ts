import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  cameFromOutside,
  destinationOf,
  isPrivate,
  opensConnection,
  protocolOf,
  sourceOf,
  targetPortOf,
} from './packet-line.ts';

const HEAD = 'MAC=00:00:5e:00:53:01:00:00:5e:00:53:02:08:00 SRC=203.0.113.9 DST=198.51.100.7 LEN=44 TOS=0x00 PREC=0x00';
const PROBE = `[  411.000001] reject wan in: IN=eth1 OUT= ${HEAD} TTL=240 ID=1 PROTO=TCP SPT=40000 DPT=23 WINDOW=1024 RES=0x00 SYN URGP=0 `;
const ERROR = `DROP IN=eth1 OUT= ${HEAD} PROTO=ICMP TYPE=3 CODE=3 [SRC=198.51.100.7 DST=203.0.113.9 PROTO=UDP SPT=5 DPT=53 ]`;
const V6 =
  '[UFW BLOCK] IN=eth0 OUT= MAC= SRC=2001:db8::9 DST=2001:db8::7 LEN=72 HOPLIMIT=1 PROTO=UDP SPT=5353 DPT=5353';

test('the fields of a packet are read, at the end of the line as well', () => {
  for (const [line, fields] of [
    [PROBE, ['203.0.113.9', '198.51.100.7', 'TCP', '23']],
    [V6, ['2001:db8::9', '2001:db8::7', 'UDP', '5353']],
  ] as const) {
    assert.deepEqual([sourceOf(line), destinationOf(line), protocolOf(line), targetPortOf(line)], fields);
  }
});

test('the packet that an ICMP error quotes is not the packet', () => {
  assert.deepEqual([sourceOf(ERROR), protocolOf(ERROR), targetPortOf(ERROR)], ['203.0.113.9', 'ICMP', undefined]);
});

test('an empty or missing field is none', () => {
  assert.equal(destinationOf('IN=wan OUT= SRC=203.0.113.9 DST= LEN=40'), undefined);
  assert.equal(sourceOf('br-lan: port 1(eth0) entered forwarding state'), undefined);
});

test('a connection opens with SYN alone', () => {
  assert.equal(opensConnection(PROBE), true);
  assert.equal(opensConnection('PROTO=TCP SPT=80 DPT=40000 RES=0x00 ACK SYN URGP=0'), false);
  assert.equal(opensConnection(V6), false);
});

test("a packet comes from outside if the rule's words or the interface say so", () => {
  const outside = [PROBE, 'DROP IN=pppoe-wan OUT= ', 'DROP IN=ppp0 OUT= ', 'drop wan in: IN=eth0.2 OUT='];
  const inside = ['REJECT wan out: IN=br-lan OUT=eth1 ', 'DROP IN=eth0 OUT= ', 'DROP IN= OUT=wan ', 'nothing'];
  for (const line of outside) assert.equal(cameFromOutside(line), true, line);
  for (const line of inside) assert.equal(cameFromOutside(line), false, line);
});

test('private addresses', () => {
  for (const address of [
    '10.1.2.3',
    '172.16.0.1',
    '172.31.9.9',
    '192.168.0.1',
    '127.0.0.1',
    '169.254.1.1',
    'fd00::1',
  ]) {
    assert.equal(isPrivate(address), true, address);
  }
  for (const address of ['172.15.0.1', '172.32.0.1', '100.64.0.1', '203.0.113.9', '2001:db8::1', 'fe80::1', '']) {
    assert.equal(isPrivate(address), false, address);
  }
});
