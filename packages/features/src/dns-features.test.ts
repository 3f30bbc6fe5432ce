import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agentProfile } from './agent-profile.ts';
import { createFeatureExtractor } from './feature-extractor.ts';

const extractor = createFeatureExtractor({ agent: agentProfile('dns') });

/** The features of a window by name; each line is `program: message`. */
function featuresOf(...lines: string[]): Record<string, number> {
  const entries = lines.map((line) => {
    const colon = line.indexOf(': ');
    return { timeMs: 0, deviceId: '1', program: line.slice(0, colon), level: 'info', message: line.slice(colon + 2) };
  });
  const vector = extractor.extract({ fromMs: 0, toMs: 300_000, deviceId: '1', entries });
  return Object.fromEntries(extractor.names.map((name, position) => [name, vector[position] ?? Number.NaN]));
}

test('clients and names are counted among questions only', () => {
  const found = featuresOf(
    'dnsmasq: query[A] www.example.org from 192.168.1.20',
    'dnsmasq: query[AAAA] WWW.example.org from 192.168.1.20',
    'dnsmasq: query[A] mail.example.org from 192.168.1.21',
    'dnsmasq: forwarded other.example.net to 192.0.2.53',
  );
  assert.equal(found.query_events, 3);
  assert.equal(found.query_client_count, 2);
  assert.equal(found.busiest_client_queries, 2);
  assert.equal(found.query_name_count, 2);
});

test('many names under one domain stand out, many domains do not', () => {
  const random = Array.from({ length: 9 }, (_, n) => `dnsmasq: query[TXT] x${n}a7.t.example.net from 192.168.1.20`);
  const surfing = Array.from({ length: 9 }, (_, n) => `dnsmasq: query[A] www.site${n}.org from 192.168.1.20`);
  assert.equal(featuresOf(...random).widest_domain_names, 9);
  assert.equal(featuresOf(...surfing).widest_domain_names, 1);
});

test('the share of names that do not exist is one of the answers, whoever gave them', () => {
  const found = featuresOf(
    'dnsmasq: query[A] a.example.org from 192.168.1.20',
    'dnsmasq: reply a.example.org is NXDOMAIN',
    'dnsmasq: cached a.example.org is NXDOMAIN',
    'dnsmasq: reply b.example.org is 198.51.100.7',
    'unbound: [4711:0] info: 192.168.1.20 c.example.org. A IN NOERROR 0.035000 0 49',
  );
  assert.equal(found.nxdomain_ratio, 0.5);
  assert.equal(found.nxdomain_name_count, 1);
});

test('what a blocklist answers is not a name that does not exist', () => {
  const found = featuresOf(
    'dnsmasq: config ads.example.net is NXDOMAIN',
    'dnsmasq: /tmp/adb ads.example.net is 0.0.0.0',
  );
  assert.equal(found.blocked_events, 2);
  assert.equal(found.nxdomain_ratio, 0);
});

test('a client that searches and gets no address is unserved, one that gets one is not', () => {
  const found = featuresOf(
    'dnsmasq-dhcp: DHCPDISCOVER(br-lan) 00:00:5e:00:53:01 ',
    'dnsmasq-dhcp: DHCPOFFER(br-lan) 192.168.1.20 00:00:5e:00:53:01 ',
    'dnsmasq-dhcp: DHCPREQUEST(br-lan) 192.168.1.20 00:00:5e:00:53:01 ',
    'dnsmasq-dhcp: DHCPACK(br-lan) 192.168.1.20 00:00:5e:00:53:01 laptop',
    'dnsmasq-dhcp: DHCPDISCOVER(br-lan) 00:00:5e:00:53:02 no address available',
    'dnsmasq-dhcp: DHCPDISCOVER(br-lan) 00:00:5e:00:53:02 no address available',
    'dnsmasq-dhcp: DHCPDISCOVER(br-lan) 00:00:5e:00:53:03 ',
  );
  assert.equal(found.unserved_client_count, 2);
  assert.equal(found.dhcp_client_count, 3);
  assert.equal(found.dhcp_exhausted_events, 2);
  assert.equal(found.dhcp_lease_events, 1);
});
