import type { LogEntry } from '@edgewood/logs';
import { agentProfile } from './agent-profile.ts';
import { createEventClassifier } from './event-table.ts';

/** hostapd's own source text (October 2025) and OpenWrt's wifi-scripts, whose `log_level` is 2 unless it is set. */
const HOSTAPD = 'hostapd source; OpenWrt wifi-scripts, hostapd.sh';
/** dnsmasq's manual page, and the options of OpenWrt's `dhcp` configuration. */
const DNSMASQ = 'dnsmasq manual; OpenWrt manual, DHCP and DNS configuration';
/** The options of OpenWrt's `firewall` configuration. */
const FIREWALL = 'OpenWrt manual, firewall configuration';
/** OpenWrt's pages on its log, rsyslog's on filters. */
const SYSLOG = 'OpenWrt manual, log essentials; rsyslog manual, filters';

const MONITOR = 'no level of hostapd shows it: let a radio in monitor mode listen, such as one of Kismet or nzyme';

/** One kind of incident that a device's log may be unable to show. */
export interface SightRule {
  /** In the field's terms. */
  readonly incident: string;
  /** A device is asked about it once it has logged enough by one of these. */
  readonly askedOf: readonly string[];
  /** Programs of which one line, if it `shows`, proves that the device would log the incident; none if nothing does. */
  readonly shownBy: readonly string[];
  /** Of a line of `shownBy`. */
  readonly shows: (entry: LogEntry) => boolean;
  /** Whether `shows` looks at levels: a device whose lines have none cannot be judged by it. */
  readonly needsLevels: boolean;
  /** What such a line would be, as in "no … of hostapd". */
  readonly wanted: string;
  /** How to make it visible. */
  readonly remedy: string;
  /** Where level and remedy are documented. */
  readonly source: string;
}

const isDebug = (entry: LogEntry) => /^(?:debug|7)$/i.test(entry.level);
const isInfoOrLess = (entry: LogEntry) => /^(?:info|informational|6)$/i.test(entry.level) || isDebug(entry);

function eventOf(agent: string, ...wanted: string[]): (entry: LogEntry) => boolean {
  const { events, classify } = createEventClassifier(agentProfile(agent).events);
  return (entry) => wanted.includes(events[classify(entry)] ?? '');
}

/**
 * hostapd's logger filters by level and by module (OpenWrt: `log_80211`, `log_wpa`, …), so that a debug line of one module
 * proves nothing of another.
 */
function hostapdDebug(incident: string, module: 'IEEE 802.11' | 'WPA', option: string): SightRule {
  return {
    incident,
    askedOf: ['hostapd'],
    shownBy: ['hostapd'],
    shows: (entry) => isDebug(entry) && entry.message.includes(` ${module}: `),
    needsLevels: true,
    wanted: `line of hostapd's module ${module} at level debug`,
    remedy: `set \`option log_level '1'\` in the wifi-device, and leave \`${option}\` on (hostapd: logger_syslog_level=1)`,
    source: HOSTAPD,
  };
}

function unseenByHostapd(incident: string): SightRule {
  const [wanted, remedy] = ['message of hostapd for it', MONITOR];
  const askedOf = ['hostapd'];
  return { incident, askedOf, shownBy: [], shows: () => false, needsLevels: false, wanted, remedy, source: HOSTAPD };
}

const WIFI_RULES: readonly SightRule[] = [
  hostapdDebug('SA query storms: forged joins against protected stations', 'IEEE 802.11', 'log_80211'),
  hostapdDebug('EAPOL time-outs: handshakes that a station does not finish', 'WPA', 'log_wpa'),
  hostapdDebug('deauthentication by the station, or forged in its name', 'IEEE 802.11', 'log_80211'),
  {
    incident: 'joins, and why stations leave',
    askedOf: ['hostapd'],
    shownBy: ['hostapd'],
    shows: isInfoOrLess,
    needsLevels: true,
    wanted: 'line of hostapd at level info',
    remedy: "set `option log_level '2'` in the wifi-device, OpenWrt's default (hostapd: logger_syslog_level=2)",
    source: HOSTAPD,
  },
  unseenByHostapd('probe request floods'),
  unseenByHostapd('beacon floods and evil twins'),
  unseenByHostapd("deauthentication forged in the access point's name"),
];

const NAME_SERVERS = ['dnsmasq', 'unbound', 'named', 'AdGuardHome'];

const NETWORK_RULES: readonly SightRule[] = [
  {
    incident: 'DNS query floods, tunnels and generated names',
    askedOf: NAME_SERVERS,
    shownBy: NAME_SERVERS,
    shows: eventOf('dns', 'query'),
    needsLevels: false,
    wanted: 'query of a name',
    remedy: "set `option logqueries '1'` in the dnsmasq section of /etc/config/dhcp (dnsmasq: log-queries)",
    source: DNSMASQ,
  },
  {
    incident: 'DHCP starvation and rogue DHCP clients',
    askedOf: ['dnsmasq', 'dnsmasq-dhcp'],
    shownBy: ['dnsmasq-dhcp', 'odhcpd'],
    shows: eventOf('dns', 'dhcp_request', 'dhcp_ack', 'dhcp_discover', 'dhcp_offer'),
    needsLevels: false,
    wanted: 'line of a DHCP lease',
    remedy:
      'if it serves DHCP: remove `option quietdhcp` from the dnsmasq section of /etc/config/dhcp (dnsmasq: quiet-dhcp)',
    source: DNSMASQ,
  },
  {
    incident: 'port scans and refused connections',
    askedOf: ['firewall', 'miniupnpd', 'pppd', 'dnsmasq', 'dnsmasq-dhcp', 'odhcpd'],
    shownBy: ['kernel'],
    shows: eventOf('firewall', 'dropped', 'rejected', 'logged'),
    needsLevels: false,
    wanted: 'packet that the firewall refused',
    remedy: "if it has an uplink: set `option log '1'` in the zone wan of /etc/config/firewall, and `log_limit`",
    source: FIREWALL,
  },
  {
    incident: 'radio firmware crashes, lack of memory, failing storage',
    askedOf: agentProfile('system').programs.filter((program) => program !== 'kernel'),
    shownBy: ['kernel'],
    shows: () => true,
    needsLevels: false,
    wanted: 'line of the kernel',
    remedy:
      'let the facility kern through: a filter of rsyslog or syslog-ng may drop it, or the log reader was told to',
    source: SYSLOG,
  },
];

/**
 * What is asked of every device. Incidents that any log of a program shows at its default level (radar, RADIUS outages,
 * wrong passwords) are not in it: there is nothing to switch on.
 */
export const SIGHT_RULES: readonly SightRule[] = [...WIFI_RULES, ...NETWORK_RULES];
