import type { FeatureDefinition, FeatureTable } from './feature-table.ts';
import { eventCount, GENERAL_FEATURES, share, UNKNOWN_EVENTS } from './general-features.ts';
import {
  cameFromOutside,
  destinationOf,
  isPrivate,
  opensConnection,
  protocolOf,
  sourceOf,
  targetPortOf,
} from './packet-line.ts';
import type { SubjectKind } from './subject-kind.ts';

const STOPPED = ['rejected', 'dropped'];
const PACKETS = [...STOPPED, 'accepted', 'logged'];

/** Subjects of which there is one only, to count the entries that name it. */
const OPENING = 'opening';
const SPOOFED = 'spoofed';

/** Packets by where they come from, where they go to, and what they are. */
export const FIREWALL_SUBJECTS: readonly SubjectKind[] = [
  { name: 'source', events: PACKETS, of: sourceOf, partnerOf: targetPortOf },
  { name: 'sweeper', events: PACKETS, of: sourceOf, partnerOf: destinationOf },
  { name: 'destination', events: PACKETS, of: destinationOf },
  { name: 'port', events: PACKETS, of: targetPortOf, partnerOf: sourceOf },
  { name: 'protocol', events: PACKETS, of: protocolOf },
  { name: 'kind', events: PACKETS, of: (message) => (opensConnection(message) ? OPENING : undefined) },
  { name: 'spoof', events: PACKETS, of: (message) => (privateSourceOf(message, true) ? SPOOFED : undefined) },
  { name: 'inside_source', events: STOPPED, of: (message) => privateSourceOf(message, false) },
];

function privateSourceOf(message: string, fromOutside: boolean): string | undefined {
  const source = sourceOf(message);
  if (source === undefined || !isPrivate(source)) return undefined;
  return cameFromOutside(message) === fromOutside ? source : undefined;
}

/** Counts the packets of some protocols. */
function protocolCount(name: string, doc: string, ...protocols: string[]): FeatureDefinition {
  return {
    name,
    unit: 'entries',
    doc,
    revision: 1,
    compute: (facts) => protocols.reduce((sum, protocol) => sum + facts.naming('protocol', protocol), 0),
  };
}

const SOURCE_FEATURES: FeatureTable = [
  {
    name: 'source_count',
    unit: 'sources',
    doc: 'Different addresses that packets came from.',
    revision: 1,
    compute: (facts) => facts.distinct('source'),
  },
  {
    name: 'busiest_source_ratio',
    unit: 'ratio',
    doc: 'Share of the packets that came from the address with most of them; 0 if there are no packets.',
    revision: 1,
    compute: (facts) => share(facts.busiest('source'), facts.count(...PACKETS)),
  },
  {
    name: 'busiest_source_events',
    unit: 'entries',
    doc: 'Packets from the address with most of them.',
    revision: 1,
    compute: (facts) => facts.busiest('source'),
  },
  {
    name: 'widest_source_ports',
    unit: 'ports',
    doc: 'Different ports that one address tried, of the address that tried most: a port scan.',
    revision: 1,
    compute: (facts) => facts.widest('source'),
  },
  {
    name: 'widest_source_destinations',
    unit: 'destinations',
    doc: 'Different addresses that one address tried, of the one that tried most: a sweep through a network.',
    revision: 1,
    compute: (facts) => facts.widest('sweeper'),
  },
  {
    name: 'inside_source_count',
    unit: 'sources',
    doc: 'Different private addresses, not from outside, whose packets were stopped: devices that try what they may not.',
    revision: 1,
    compute: (facts) => facts.distinct('inside_source'),
  },
  {
    name: 'private_source_events',
    unit: 'entries',
    doc: 'Packets from outside with a private address as their source: forged, or a provider that leaks them.',
    revision: 1,
    compute: (facts) => facts.naming('spoof', SPOOFED),
  },
];

const TARGET_FEATURES: FeatureTable = [
  {
    name: 'destination_count',
    unit: 'destinations',
    doc: 'Different addresses that packets went to.',
    revision: 1,
    compute: (facts) => facts.distinct('destination'),
  },
  {
    name: 'port_count',
    unit: 'ports',
    doc: 'Different ports that packets were for.',
    revision: 1,
    compute: (facts) => facts.distinct('port'),
  },
  {
    name: 'widest_port_sources',
    unit: 'sources',
    doc: 'Different addresses that tried the port which most tried: a new worm, an attack by many.',
    revision: 1,
    compute: (facts) => facts.widest('port'),
  },
  protocolCount('tcp_events', 'Packets of TCP.', 'TCP'),
  protocolCount('udp_events', 'Packets of UDP.', 'UDP'),
  protocolCount('icmp_events', 'Packets of ICMP, either version.', 'ICMP', 'ICMPv6'),
  {
    name: 'syn_events',
    unit: 'entries',
    doc: 'Packets that open a TCP connection.',
    revision: 1,
    compute: (facts) => facts.naming('kind', OPENING),
  },
];

/** All features of the firewall agent; `docs/features.md` is made from this table. */
export const FIREWALL_FEATURES: FeatureTable = [
  ...GENERAL_FEATURES,
  eventCount('rejected_events', 'Packets refused with an answer.', 'rejected'),
  eventCount('dropped_events', 'Packets dropped without an answer.', 'dropped'),
  eventCount('accepted_events', 'Packets let through by rules that log.', 'accepted'),
  ...SOURCE_FEATURES,
  ...TARGET_FEATURES,
  eventCount(
    'flood_events',
    "Signs of a flood: the kernel's table of connections is full, a server's queue of new ones is.",
    'table_full',
    'syn_flood',
  ),
  eventCount('martian_events', 'Packets with addresses that cannot be on that interface.', 'martian'),
  eventCount('opened_port_events', 'Ports opened to the outside on request of a device (UPnP).', 'port_opened'),
  eventCount('reload_events', 'Times that the rules were loaded again.', 'reloaded'),
  UNKNOWN_EVENTS,
];
