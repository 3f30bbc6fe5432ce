import { type EventPattern, eventPatterns, type PatternRow } from './event-table.ts';

/** Lines of netfilter that users of OpenWrt, ufw, fail2ban and banIP posted in public issues, and the kernel's own text. */
const NETFILTER = 'netfilter issues: of users of OpenWrt, ufw, fail2ban and banIP';
/** Linux's own source text. */
const LINUX = 'Linux source: net/netfilter/nf_conntrack_core.c, net/ipv4/tcp_input.c, net/ipv4/route.c';
/** OpenWrt's own scripts and logs that its users posted. */
const OPENWRT = 'OpenWrt issues: openwrt/openwrt';
/** miniupnpd's own source text. */
const MINIUPNPD = 'miniupnpd source: upnpredirect.c';

/** What every line of netfilter's log has, with whatever words a rule puts before it. */
const PACKET = ' DST=';
const PROBE = 'SRC=203.0.113.9 DST=198.51.100.7 LEN=44 TTL=240 ID=1 PROTO=TCP SPT=40000 DPT=23 WINDOW=1024 SYN URGP=0';

/** A logged packet by its fate, which nothing but the words of the rule tell. */
function packet(fate: string, words: string, by: string): PatternRow {
  return [fate, PACKET, `[  411.000001] ${by}IN=eth1 OUT= MAC=00:00:5e:00:53:01 ${PROBE}`, words];
}

const PACKET_ROWS: readonly PatternRow[] = [
  packet('rejected', 'reject', 'reject wan in: '),
  packet('rejected', 'REJECT', 'REJECT(dst banIP) '),
  packet('dropped', 'drop', 'banIP/inbound/drop/firehol1.v4: '),
  packet('dropped', 'DROP', 'DROP wan in: '),
  packet('dropped', 'Drop', 'Drop Incoming: '),
  packet('dropped', 'BLOCK', '[UFW BLOCK] '),
  packet('dropped', 'DENY', 'DENY '),
  packet('accepted', 'accept', 'accept wan in: '),
  packet('accepted', 'ACCEPT', 'ACCEPT '),
  packet('accepted', 'ALLOW', '[UFW ALLOW] '),
  ['logged', PACKET, `[  411.000001] [UFW AUDIT] IN=eth1 OUT= MAC=00:00:5e:00:53:01 ${PROBE}`],
];

const FLOOD_EVENTS = eventPatterns(['kernel'], LINUX, [
  [
    'table_full',
    'table full, dropping packet',
    '[  411.000001] nf_conntrack: nf_conntrack: table full, dropping packet',
  ],
  [
    'syn_flood',
    'Possible SYN flooding',
    '[  411.000001] TCP: request_sock_TCP: Possible SYN flooding on port 443. Sending cookies.',
  ],
  ['martian', 'martian ', '[  411.000001] IPv4: martian source 192.168.1.20 from 10.0.0.1, on dev eth1'],
  ['martian_detail', 'll header:', '[  411.000002] ll header: 00000000: ff ff ff ff ff ff 00 00 5e 00 53 01 08 06'],
]);

/** What the firewall logs: the kernel's lines of packets, and the programs that change its rules. */
export const FIREWALL_EVENTS: readonly EventPattern[] = [
  ...eventPatterns(['kernel'], NETFILTER, PACKET_ROWS),
  ...FLOOD_EVENTS,
  ...eventPatterns(['kernel'], LINUX, [
    ['foreign', '', '[  411.000001] br-lan: port 2(wlan0) entered forwarding state'],
  ]),
  ...eventPatterns(['firewall'], OPENWRT, [
    ['reloaded', 'Reloading firewall', 'Reloading firewall due to ifup of wan (eth1)'],
  ]),
  ...eventPatterns(['miniupnpd'], MINIUPNPD, [
    ['port_opened', 'redirecting port', 'redirecting port 51413 to 192.168.1.20:51413 protocol UDP for: backup'],
    ['port_refused', 'already redirected', 'port 51413 protocol UDP already redirected to 192.168.1.21:51413'],
    ['port_refused', 'already in use', 'port 443 protocol TCP already in use'],
    ['port_closed', 'removing redirect rule', 'removing redirect rule port 51413 UDP'],
  ]),
];

/** The kernel's lines that are the firewall's, as one event: the agent that reads the kernel's others passes them over. */
export const FIREWALL_LINES: readonly EventPattern[] = [
  ...eventPatterns(['kernel'], NETFILTER, PACKET_ROWS.slice(-1)),
  ...FLOOD_EVENTS,
].map((row) => ({ ...row, event: 'foreign' }));
