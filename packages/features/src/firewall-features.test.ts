import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agentProfile } from './agent-profile.ts';
import { createFeatureExtractor } from './feature-extractor.ts';

const extractor = createFeatureExtractor({ agent: agentProfile('firewall') });

/** The features of a window by name; every line is the kernel's. */
function featuresOf(...messages: string[]): Record<string, number> {
  const entries = messages.map((message) => ({ timeMs: 0, deviceId: '1', program: 'kernel', level: 'err', message }));
  const vector = extractor.extract({ fromMs: 0, toMs: 300_000, deviceId: '1', entries });
  return Object.fromEntries(extractor.names.map((name, position) => [name, vector[position] ?? Number.NaN]));
}

/** A packet that the firewall stopped. */
function packet(fields: { from?: string; to?: string; port?: number; by?: string; rest?: string } = {}): string {
  const { from = '203.0.113.9', to = '198.51.100.7', port = 23, by = 'DROP wan in: IN=eth1 OUT=' } = fields;
  const { rest = 'PROTO=TCP SPT=40000' } = fields;
  return `[  411.000001] ${by} MAC=00:00:5e:00:53:01 SRC=${from} DST=${to} LEN=44 ID=1 ${rest} DPT=${port} SYN URGP=0 `;
}

const ports = Array.from({ length: 8 }, (_, n) => n + 20);

test('what the kernel says of other things is not in any number', () => {
  const found = featuresOf('[  411.000001] br-lan: port 1(eth0) entered forwarding state', 'Call trace: DROP', '');
  assert.deepEqual(new Set(Object.values(found)), new Set([0]));
});

test('one address that tries many ports is a scan; many addresses that try one port are not', () => {
  const scan = featuresOf(...ports.map((port) => packet({ port })));
  const crowd = featuresOf(...ports.map((n) => packet({ from: `203.0.113.${n}` })));
  assert.deepEqual([scan.widest_source_ports, scan.source_count, scan.busiest_source_ratio], [8, 1, 1]);
  assert.deepEqual([crowd.widest_source_ports, crowd.source_count, crowd.busiest_source_ratio], [1, 8, 1 / 8]);
  assert.deepEqual([scan.widest_port_sources, crowd.widest_port_sources], [1, 8]);
});

test('one address that tries many others sweeps', () => {
  const found = featuresOf(...ports.map((n) => packet({ to: `198.51.100.${n}` })));
  assert.deepEqual([found.widest_source_destinations, found.destination_count, found.widest_source_ports], [8, 8, 1]);
});

test('packets are told by protocol', () => {
  const udp = packet({ rest: 'PROTO=UDP SPT=5' }).replace(' SYN', '');
  const ping = packet({ rest: 'PROTO=ICMPv6 TYPE=128' }).replace(' SYN', '');
  const found = featuresOf(packet(), udp, udp, ping);
  assert.deepEqual([found.tcp_events, found.udp_events, found.icmp_events, found.syn_events], [1, 2, 1, 1]);
});

test('a private source is forged if it comes from outside, and a device of ours if it does not', () => {
  const forged = packet({ from: '10.9.9.9' });
  const ours = packet({ from: '192.168.1.20', by: 'REJECT wan out: IN=br-lan OUT=eth1' });
  const found = featuresOf(forged, forged, ours, packet());
  assert.equal(found.private_source_events, 2);
  assert.equal(found.inside_source_count, 1);
});

test('the fate of a packet is in the words of the rule', () => {
  const found = featuresOf(
    packet({ by: 'reject wan in: IN=eth1 OUT=' }),
    packet({ by: '[UFW BLOCK] IN=eth0 OUT=' }),
    packet({ by: '[UFW ALLOW] IN=eth0 OUT=' }),
    packet({ by: '[UFW AUDIT] IN=eth0 OUT=' }),
  );
  assert.deepEqual([found.rejected_events, found.dropped_events, found.accepted_events], [1, 1, 1]);
  assert.deepEqual([found.log_count, found.unknown_events], [4, 0]);
});
