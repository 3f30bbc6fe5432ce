import { domainOf, missingNameOf, questionOf } from './dns-question.ts';
import type { FeatureTable } from './feature-table.ts';
import { eventCount, GENERAL_FEATURES, share, UNKNOWN_EVENTS, WARNING_COUNT } from './general-features.ts';
import { hardwareAddressOf } from './hardware-address.ts';
import type { SubjectKind } from './subject-kind.ts';
import type { WindowFacts } from './window-facts.ts';

const nameOf = (message: string) => questionOf(message)?.name;
const DHCP_MESSAGES = ['dhcp_discover', 'dhcp_request', 'dhcp_ack', 'dhcp_nak', 'dhcp_decline', 'dhcp_exhausted'];
const ANSWERS = ['reply', 'cached', 'local_answer', 'blocked', 'nxdomain', 'nodata', 'servfail', 'refused'];

/** Who asks for names, for which, under which domains; who asks for an address and who gets one. */
export const DNS_SUBJECTS: readonly SubjectKind[] = [
  { name: 'client', events: ['query'], of: (message) => questionOf(message)?.client },
  { name: 'name', events: ['query'], of: nameOf },
  { name: 'domain', events: ['query'], of: domainOfQuestion, partnerOf: nameOf },
  { name: 'missing_name', events: ['nxdomain'], of: missingNameOf },
  { name: 'dhcp_client', events: DHCP_MESSAGES, of: hardwareAddressOf },
  { name: 'dhcp_seeker', events: ['dhcp_discover', 'dhcp_exhausted'], of: hardwareAddressOf },
  { name: 'dhcp_holder', events: ['dhcp_ack'], of: hardwareAddressOf },
];

function domainOfQuestion(message: string): string | undefined {
  const name = nameOf(message);
  return name === undefined ? undefined : domainOf(name);
}

function missingShare(facts: WindowFacts): number {
  return share(facts.count('nxdomain'), facts.count(...ANSWERS));
}

const NAME_FEATURES: FeatureTable = [
  eventCount('query_events', 'Questions of clients, if the resolver logs them.', 'query'),
  {
    name: 'query_client_count',
    unit: 'clients',
    doc: 'Different addresses that asked.',
    revision: 1,
    compute: (facts) => facts.distinct('client'),
  },
  {
    name: 'busiest_client_queries',
    unit: 'entries',
    doc: 'Questions of the client that asked most.',
    revision: 1,
    compute: (facts) => facts.busiest('client'),
  },
  {
    name: 'query_name_count',
    unit: 'names',
    doc: 'Different names that were asked for.',
    revision: 1,
    compute: (facts) => facts.distinct('name'),
  },
  {
    name: 'widest_domain_names',
    unit: 'names',
    doc: 'Different names under the domain that has most of them: data smuggled out in names, random names against a server.',
    revision: 1,
    compute: (facts) => facts.widest('domain'),
  },
  {
    name: 'nxdomain_ratio',
    unit: 'ratio',
    doc: 'Share of the answers that say that there is no such name (NXDOMAIN); 0 if there are no answers.',
    revision: 1,
    compute: missingShare,
  },
  {
    name: 'nxdomain_name_count',
    unit: 'names',
    doc: 'Different names that do not exist: software that guesses the names of its master asks for many.',
    revision: 1,
    compute: (facts) => facts.distinct('missing_name'),
  },
  eventCount('blocked_events', 'Questions that a blocklist answered.', 'blocked'),
  eventCount(
    'answer_failure_events',
    'Answers without an answer: SERVFAIL, REFUSED, signatures (DNSSEC) that do not hold.',
    'servfail',
    'refused',
    'dnssec_failed',
  ),
  eventCount(
    'upstream_failure_events',
    'Servers further up that refused, timed out or could not be reached.',
    'upstream_failed',
  ),
  eventCount('upstream_change_events', 'Servers further up that were set or changed.', 'upstream_changed'),
  eventCount(
    'overload_events',
    'More questions at once than the resolver takes, or limits of work reached.',
    'overload',
  ),
  eventCount(
    'suspicious_answer_events',
    'Answers that look forged: outside names with inside addresses (DNS rebinding), answers to other questions.',
    'rebind',
    'forged_reply',
  ),
  eventCount('foreign_client_events', 'Questions from where nobody should ask.', 'refused_client'),
];

const DHCP_FEATURES: FeatureTable = [
  eventCount('dhcp_discover_events', 'Searches for a DHCP server: the first step to an address.', 'dhcp_discover'),
  eventCount('dhcp_lease_events', 'Addresses given or renewed (DHCPACK).', 'dhcp_ack'),
  eventCount(
    'dhcp_refusal_events',
    'Addresses refused by the server (DHCPNAK), or by a client since another one uses it (DHCPDECLINE).',
    'dhcp_nak',
    'dhcp_decline',
  ),
  eventCount('dhcp_exhausted_events', 'Requests that found no free address.', 'dhcp_exhausted'),
  {
    name: 'dhcp_client_count',
    unit: 'clients',
    doc: 'Different hardware addresses in the messages of DHCP.',
    revision: 1,
    compute: (facts) => facts.distinct('dhcp_client'),
  },
  {
    name: 'unserved_client_count',
    unit: 'clients',
    doc: 'Different hardware addresses that searched for a DHCP server and got no address in the window.',
    revision: 1,
    compute: (facts) => facts.missing('dhcp_seeker', 'dhcp_holder'),
  },
];

/** All features of the dns agent; `docs/features.md` is made from this table. */
export const DNS_FEATURES: FeatureTable = [
  ...GENERAL_FEATURES,
  WARNING_COUNT,
  ...NAME_FEATURES,
  ...DHCP_FEATURES,
  eventCount('restart_events', 'Servers of names that started or stopped.', 'started', 'stopped'),
  eventCount('fault_events', "Errors of the servers' own: files, sockets, networks.", 'fault'),
  UNKNOWN_EVENTS,
];
