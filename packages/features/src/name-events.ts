import { type EventPattern, eventPatterns } from './event-table.ts';

/** dnsmasq's own source text, as of January 2026. */
const DNSMASQ = 'dnsmasq source: src/cache.c, src/forward.c, src/network.c, src/dnsmasq.c';
/** unbound's own source text, as of 2026. */
const UNBOUND = 'unbound source: util/data/msgreply.c, util/module.c, services/, respip/, daemon/';
/** Logs of BIND that users posted in public issues, and its manual's logging chapter. */
const BIND = 'BIND issues';
/** Logs of AdGuard Home that users posted in public issues. */
const ADGUARD = 'AdGuard Home issues';
/** Logs of systemd-resolved that users posted in public issues. */
const RESOLVED = 'systemd issues';

/**
 * dnsmasq's name service. Answers are told by what they say, then by where they come from; what blocklists answer stands
 * before the answers that it looks like.
 */
const DNSMASQ_EVENTS = eventPatterns(['dnsmasq'], DNSMASQ, [
  ['validation', 'dnssec-query[', 'dnssec-query[DS] example.org to 192.0.2.53'],
  ['query', 'query[', 'query[A] www.example.org from 192.168.1.20'],
  ['blocked', ' is 0.0.0.0', '/tmp/adb_list.overall ads.example.net is 0.0.0.0'],
  ['blocked', 'config ', 'config ads.example.net is NXDOMAIN', ' is NXDOMAIN'],
  ['blocked', 'config ', 'config ads.example.net is NODATA', ' is NODATA'],
  ['nxdomain', ' is NXDOMAIN', 'reply nothing.example.org is NXDOMAIN'],
  ['nodata', ' is NODATA', 'reply www.example.org is NODATA-IPv6'],
  ['servfail', ' is SERVFAIL', 'reply error is SERVFAIL (EDE: network error)'],
  ['refused', ' is REFUSED', 'reply error is REFUSED'],
  ['dnssec_failed', ' is BOGUS', 'validation www.example.org is BOGUS'],
  ['duplicate', 'query is duplicate', 'reply query is duplicate'],
  ['forged_reply', 'Case mismatch in DNS reply', 'Case mismatch in DNS reply - check bit 0x20 encoding.'],
  ['forged_reply', 'discarding DNS reply', 'discarding DNS reply: subnet option mismatch'],
  ['overload', 'resource limit exceeded', 'validation of www.example.org failed: resource limit exceeded.'],
  ['forwarded', 'forwarded ', 'forwarded www.example.org to 192.0.2.53', ' to '],
  ['cached', 'cached ', 'cached www.example.org is 198.51.100.7', ' is '],
  ['cached', 'cached-stale ', 'cached-stale www.example.org is 198.51.100.7', ' is '],
  ['reply', 'reply ', 'reply www.example.org is 198.51.100.7', ' is '],
  ['validation', 'validation ', 'validation result is SECURE'],
  ['local_answer', 'config ', 'config router.lan is 192.168.1.1', ' is '],
  ['local_answer', 'DHCP ', 'DHCP laptop.lan is 192.168.1.20', ' is '],
  ['local_answer', '/hosts', '/etc/hosts router.lan is 192.168.1.1', ' is '],
  ['set_entry', 'set add ', 'nftset add 4 inet fw4 vpn 198.51.100.7 www.example.org'],
  [
    'overload',
    'Maximum number of concurrent DNS queries',
    'Maximum number of concurrent DNS queries reached (max: 150)',
  ],
  ['overload', 'limit exceeded', 'limit exceeded: per-query subqueries'],
  ['rebind', 'possible DNS-rebind attack', 'possible DNS-rebind attack detected: cdn.example.net'],
  ['dnssec_failed', 'Insecure DS reply', 'Insecure DS reply received for example.org, check domain configuration'],
  ['upstream_failed', 'refused to do a recursive query', 'nameserver 192.0.2.53 refused to do a recursive query'],
  ['upstream_failed', 'failed to send packet', 'failed to send packet: Network unreachable'],
  ['upstream_failed', 'TCP connection failed to', 'TCP connection failed to 192.0.2.53#53'],
  ['upstream_failed', 'no servers found in', 'no servers found in /tmp/resolv.conf.d/resolv.conf.auto, will retry'],
  ['upstream_failed', 'query loop detected', 'NOT using nameserver 192.0.2.53#53 - query loop detected'],
  ['upstream_failed', 'no upstream servers configured', 'warning: no upstream servers configured'],
  ['upstream_changed', 'using nameserver', 'using nameserver 192.0.2.53#53'],
  ['upstream_changed', 'more nameservers', 'using 2 more nameservers'],
  ['upstream_changed', 'using only locally-known', 'using only locally-known addresses for lan'],
  ['upstream_changed', 'using standard nameservers', 'using standard nameservers for example.org'],
  ['upstream_changed', 'ignoring nameserver', 'ignoring nameserver 192.168.1.1 - local interface'],
  ['upstream_changed', 'reading /', 'reading /tmp/resolv.conf.d/resolv.conf.auto'],
  ['refused_client', 'non-local network', 'ignoring query from non-local network 203.0.113.9 (logged only once)'],
  ['refused_client', 'zone transfer request', 'ignoring zone transfer request from 203.0.113.9'],
  ['started', 'started, version', 'started, version 2.90 cachesize 1000'],
  ['stopped', 'exiting on receipt of', 'exiting on receipt of SIGTERM'],
  ['stopped', 'FAILED to start up', 'FAILED to start up'],
  ['start_detail', 'compile time options', 'compile time options: IPv6 GNU-getopt no-DBus UBus no-i18n no-IDN DHCP'],
  ['start_detail', 'DNS service limited', 'DNS service limited to local subnets'],
  ['start_detail', 'UBus support', 'UBus support enabled: connected to system bus'],
  ['start_detail', 'connected to system', 'connected to system UBus'],
  [
    'start_detail',
    'DNS rebinding protection',
    'DNS rebinding protection is active, will discard upstream RFC1918 responses!',
  ],
  ['fault', 'cannot ', 'cannot read /etc/dnsmasq.servers: Permission denied'],
  ['reloaded', 'read /', 'read /etc/hosts - 12 names'],
  ['reloaded', 'cleared cache', 'cleared cache'],
  ['reloaded', 'inotify: ', 'inotify: /tmp/hosts/dhcp.cfg01411c new or modified'],
  ['statistics', 'cache size ', 'cache size 1000, 0/4711 cache insertions re-used unexpired cache entries.'],
  ['statistics', 'queries ', 'queries forwarded 1024, queries answered locally 512'],
  ['fault', 'died unexpectedly', 'TCP helper process 4711 died unexpectedly'],
  ['fault', 'failed to ', 'failed to load names from /tmp/hosts/extra: No such file or directory'],
]);

/** With `log-queries` and `log-replies`; a reply is an entry of its own, told by its code. */
const UNBOUND_EVENTS = eventPatterns(['unbound'], UNBOUND, [
  ['nxdomain', ' IN NXDOMAIN ', '[4711:0] info: 192.168.1.20 nothing.example.org. A IN NXDOMAIN 0.021000 0 115'],
  ['servfail', ' IN SERVFAIL ', '[4711:0] info: 192.168.1.20 www.example.org. A IN SERVFAIL 2.500000 0 33'],
  ['refused', ' IN REFUSED ', '[4711:0] info: 203.0.113.9 www.example.org. A IN REFUSED 0.000000 1 33'],
  ['reply', ' IN NOERROR ', '[4711:0] info: 192.168.1.20 www.example.org. A IN NOERROR 0.035000 0 49'],
  [
    'servfail',
    'SERVFAIL <',
    '[4711:0] error: SERVFAIL <www.example.org. A IN>: all the configured stub servers failed',
  ],
  ['dnssec_failed', 'validation failure <', '[4711:0] info: validation failure <www.example.org. A IN>: no signatures'],
  ['blocked', 'always_n', '[4711:0] info: example.net. always_nxdomain 192.168.1.20@53044 ads.example.net. A IN'],
  ['blocked', 'rpz: applied', '[4711:0] info: rpz: applied [ads] nxdomain 192.168.1.20@53044 ads.example.net. A IN'],
  ['progress', 'info: resolving', '[4711:0] info: resolving www.example.org. A IN'],
  ['progress', 'info: response for', '[4711:0] info: response for www.example.org. A IN'],
  ['query', ' IN', '[4711:0] query: 192.168.1.20 www.example.org. A IN', 'query: '],
  ['query', ' IN', '[4711:0] info: 192.168.1.20 www.example.org. A IN', 'info: '],
  ['upstream_failed', 'udp connect failed', '[4711:0] error: udp connect failed: Network unreachable for 192.0.2.53'],
  ['statistics', 'server stats', '[4711:0] info: server stats for thread 0: 4711 queries, 3000 answers from cache'],
  ['started', 'start of service', '[4711:0] info: start of service (unbound 1.19.2).'],
  ['stopped', 'service stopped', '[4711:0] info: service stopped (unbound 1.19.2).'],
  ['fault', ' error: ', "[4711:0] error: can't bind socket: Address not available for 192.168.1.1 port 53"],
]);

const BIND_EVENTS = eventPatterns(['named'], BIND, [
  [
    'query',
    '): query: ',
    'client @0x7f2a 192.168.1.20#53412 (www.example.org): query: www.example.org IN A + (192.0.2.1)',
  ],
  [
    'blocked',
    '): rpz ',
    'client @0x7f2a 192.168.1.20#53412 (ads.example.net): rpz QNAME NXDOMAIN rewrite ads.example.net',
  ],
  ['servfail', 'failed (SERVFAIL)', 'client @0x7f2a 192.168.1.20#53412 (www.example.org): query failed (SERVFAIL)'],
  ['refused', 'failed (REFUSED)', 'client @0x7f2a 203.0.113.9#53412 (www.example.org): query failed (REFUSED)'],
  ['servfail', 'RCODE (SERVFAIL)', "unexpected RCODE (SERVFAIL) resolving 'www.example.org/A/IN': 192.0.2.53#53"],
  ['refused', 'RCODE (REFUSED)', "unexpected RCODE (REFUSED) resolving 'www.example.org/A/IN': 192.0.2.53#53"],
  ['upstream_failed', 'timed out resolving', "timed out resolving 'www.example.org/A/IN': 192.0.2.53#53"],
  ['upstream_failed', 'unreachable resolving', "network unreachable resolving 'www.example.org/A/IN': 2001:db8::53#53"],
  ['upstream_failed', 'refused resolving', "connection refused resolving 'www.example.org/A/IN': 192.0.2.53#53"],
  ['upstream_failed', 'denied resolving', "permission denied resolving 'www.example.org/A/IN': 2001:db8::53#53"],
  [
    'upstream_failed',
    'lame server resolving',
    "lame server resolving 'www.example.org' (in 'example.org'?): 192.0.2.53#53",
  ],
  ['dnssec_failed', 'broken trust chain', "broken trust chain resolving 'www.example.org/A/IN': 192.0.2.53#53"],
  ['dnssec_failed', 'no valid signature', 'validating www.example.org/A: no valid signature found'],
  ['overload', 'no more recursive clients', 'no more recursive clients (1000/900/1000): quota reached'],
  ['overload', 'rate limit', 'client @0x7f2a 203.0.113.9#53 (example.org): rate limit drop response to 203.0.113.0/24'],
  [
    'refused_client',
    ' denied',
    "client @0x7f2a 203.0.113.9#4711 (example.org): query (cache) 'example.org/A/IN' denied",
  ],
  ['started', 'starting BIND', 'starting BIND 9.18.24 (Extended Support Version) <id:>'],
  ['start_detail', 'zones loaded', 'all zones loaded'],
  ['start_detail', 'running', 'running'],
  ['stopped', 'exiting', 'exiting'],
  ['reloaded', 'reloading ', 'reloading configuration succeeded'],
]);

const OTHER_RESOLVER_EVENTS = [
  ...eventPatterns(['AdGuardHome'], ADGUARD, [
    [
      'upstream_failed',
      'exchange failed',
      '2025/07/11 21:12:01.394689 [error] dnsproxy: exchange failed upstream=tls://dns.example.net:853 err="i/o timeout"',
    ],
    [
      'upstream_failed',
      'exchanging with',
      '2025/09/15 14:08:17.324874 [error] dnsproxy: response received status="exchanging with 192.0.2.53:53 over udp"',
    ],
    [
      'upstream_failed',
      'failed to exchange',
      '2024/02/08 03:44:11.483017 [error] dnsproxy: upstream 192.0.2.53:53 failed to exchange ;www.example.org. IN A',
    ],
    ['started', 'AdGuard Home, version', '2024/02/08 03:44:11.483017 [info] AdGuard Home, version v0.107.44'],
    ['fault', '[error]', '2024/02/08 03:44:11.483017 [error] filtering: updating filter: connection reset'],
    ['fault', '[fatal]', '2024/02/08 03:44:11.483017 [fatal] listen udp 0.0.0.0:53: bind: address already in use'],
  ]),
  ...eventPatterns(['systemd-resolved'], RESOLVED, [
    [
      'upstream_failed',
      'degraded feature set',
      'Using degraded feature set TCP instead of UDP for DNS server 192.0.2.53.',
    ],
    ['upstream_changed', 'Switching to', 'Switching to DNS server 192.0.2.53 for interface eth0.'],
    [
      'dnssec_failed',
      'DNSSEC validation failed',
      'DNSSEC validation failed for question example.org IN A: no-signature',
    ],
    ['nxdomain', 'error NXDOMAIN', 'Server returned error NXDOMAIN, mitigating potential DNS violation DVE-2018-0001'],
  ]),
];

/** What the servers of names log; those of addresses are in `dhcp-events.ts`. */
export const NAME_EVENTS: readonly EventPattern[] = [
  ...DNSMASQ_EVENTS,
  ...UNBOUND_EVENTS,
  ...BIND_EVENTS,
  ...OTHER_RESOLVER_EVENTS,
];
