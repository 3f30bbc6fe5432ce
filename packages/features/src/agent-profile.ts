import { DHCP_EVENTS } from './dhcp-events.ts';
import { DNS_FEATURES, DNS_SUBJECTS } from './dns-features.ts';
import { FeatureError } from './errors.ts';
import type { EventPattern } from './event-table.ts';
import type { FeatureTable } from './feature-table.ts';
import { FIREWALL_EVENTS } from './firewall-events.ts';
import { FIREWALL_FEATURES, FIREWALL_SUBJECTS } from './firewall-features.ts';
import { NAME_EVENTS } from './name-events.ts';
import type { SubjectKind } from './subject-kind.ts';
import { WIFI_EVENTS } from './wifi-events.ts';
import { WIFI_FEATURES, WIFI_SUBJECTS } from './wifi-features.ts';

/** What an agent looks at: the programs whose entries it reads, how it understands them, what it computes. */
export interface AgentProfile {
  /** Lower-case word; the first part of its model files' names. */
  readonly name: string;
  /** Matched exactly. */
  readonly programs: readonly string[];
  readonly events: readonly EventPattern[];
  /**
   * Events of entries that another agent reads, where two share a program: they are passed over as if they were not in
   * the window.
   */
  readonly foreignEvents?: readonly string[] | undefined;
  /** What its messages name and its features count. */
  readonly subjects?: readonly SubjectKind[] | undefined;
  readonly features: FeatureTable;
  readonly defaultWindowMs: number;
}

const WIFI: AgentProfile = {
  name: 'wifi',
  programs: ['hostapd', 'wpa_supplicant'],
  events: WIFI_EVENTS,
  subjects: WIFI_SUBJECTS,
  features: WIFI_FEATURES,
  defaultWindowMs: 300_000,
};

const DNS: AgentProfile = {
  name: 'dns',
  programs: ['dnsmasq', 'dnsmasq-dhcp', 'unbound', 'named', 'AdGuardHome', 'systemd-resolved', 'odhcpd'],
  events: [...NAME_EVENTS, ...DHCP_EVENTS],
  subjects: DNS_SUBJECTS,
  features: DNS_FEATURES,
  defaultWindowMs: 300_000,
};

const FIREWALL: AgentProfile = {
  name: 'firewall',
  programs: ['kernel', 'firewall', 'miniupnpd'],
  events: FIREWALL_EVENTS,
  foreignEvents: ['foreign'],
  subjects: FIREWALL_SUBJECTS,
  features: FIREWALL_FEATURES,
  defaultWindowMs: 300_000,
};

/** The agents that ship with Edgewood. */
export const AGENT_PROFILES: readonly AgentProfile[] = [WIFI, DNS, FIREWALL];

/** @throws {FeatureError} `AGENT_UNKNOWN`, naming those that there are. */
export function agentProfile(name: string): AgentProfile {
  const profile = AGENT_PROFILES.find((candidate) => candidate.name === name);
  if (profile !== undefined) return profile;
  const known = AGENT_PROFILES.map((candidate) => candidate.name).join(', ');
  throw new FeatureError('AGENT_UNKNOWN', `no agent is called '${name}'; there are: ${known}`);
}
