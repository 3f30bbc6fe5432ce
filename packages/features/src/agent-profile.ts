import { DHCP_EVENTS } from './dhcp-events.ts';
import { DNS_FEATURES, DNS_SUBJECTS } from './dns-features.ts';
import { FeatureError } from './errors.ts';
import type { EventPattern } from './event-table.ts';
import type { FeatureTable } from './feature-table.ts';
import { FIREWALL_EVENTS, FIREWALL_LINES } from './firewall-events.ts';
import { FIREWALL_FEATURES, FIREWALL_SUBJECTS } from './firewall-features.ts';
import { KERNEL_EVENTS } from './kernel-events.ts';
import { LOGIN_EVENTS } from './login-events.ts';
import { NAME_EVENTS } from './name-events.ts';
import { SERVICE_EVENTS } from './service-events.ts';
import type { SubjectKind } from './subject-kind.ts';
import { SYSTEM_FEATURES } from './system-features.ts';
import { SYSTEM_SUBJECTS } from './system-subjects.ts';
import { WIFI_DETAILS } from './wifi-details.ts';
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
  /**
   * Messages that are known, but are no events: details of one. No number of a window is made of them; they are only not
   * listed among the messages that no pattern knows.
   */
  readonly details?: readonly EventPattern[] | undefined;
  /** What its messages name and its features count. */
  readonly subjects?: readonly SubjectKind[] | undefined;
  readonly features: FeatureTable;
  readonly defaultWindowMs: number;
}

const WIFI: AgentProfile = {
  name: 'wifi',
  programs: ['hostapd', 'wpa_supplicant'],
  events: WIFI_EVENTS,
  details: WIFI_DETAILS,
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

const SYSTEM_EVENTS = [...FIREWALL_LINES, ...KERNEL_EVENTS, ...SERVICE_EVENTS, ...LOGIN_EVENTS];

const SYSTEM: AgentProfile = {
  name: 'system',
  programs: [...new Set(SYSTEM_EVENTS.map((row) => row.program))],
  events: SYSTEM_EVENTS,
  foreignEvents: ['foreign'],
  subjects: SYSTEM_SUBJECTS,
  features: SYSTEM_FEATURES,
  defaultWindowMs: 300_000,
};

/** The agents that ship with Edgewood. */
export const AGENT_PROFILES: readonly AgentProfile[] = [WIFI, DNS, FIREWALL, SYSTEM];

/** @throws {FeatureError} `AGENT_UNKNOWN`, naming those that there are. */
export function agentProfile(name: string): AgentProfile {
  const profile = AGENT_PROFILES.find((candidate) => candidate.name === name);
  if (profile !== undefined) return profile;
  const known = AGENT_PROFILES.map((candidate) => candidate.name).join(', ');
  throw new FeatureError('AGENT_UNKNOWN', `no agent is called '${name}'; there are: ${known}`);
}
