import type { FeatureDefinition, FeatureTable } from './feature-table.ts';
import { hardwareAddressOf } from './hardware-address.ts';
import type { SubjectKind } from './subject-kind.ts';

/** Stations by the first hardware address of a message, and those that leave, whoever ended it. */
export const WIFI_SUBJECTS: readonly SubjectKind[] = [
  { name: 'station', of: hardwareAddressOf },
  { name: 'leaving_station', of: hardwareAddressOf, events: ['disassociated', 'disconnected', 'deauthenticated'] },
];

/** The four features of the specification, with their exact meaning. They come first in every table of an agent. */
const SPECIFIED: FeatureTable = [
  {
    name: 'log_count',
    unit: 'entries',
    doc: "Entries of the agent's programs in the window.",
    revision: 1,
    compute: (facts) => facts.logCount,
  },
  {
    name: 'error_log_ratio',
    unit: 'ratio',
    doc: 'Share of the entries whose level is error or worse (syslog severity 0 to 3); 0 if there are none.',
    revision: 1,
    compute: (facts) => (facts.logCount === 0 ? 0 : facts.errorCount / facts.logCount),
  },
  {
    name: 'unique_program_count',
    unit: 'programs',
    doc: 'Different programs among the entries.',
    revision: 1,
    compute: (facts) => facts.programCount,
  },
  {
    name: 'disassociation_events',
    unit: 'entries',
    doc: 'Entries that say that a station or link went away: `disassociated`, `AP-STA-DISCONNECTED`, `CTRL-EVENT-DISCONNECTED`.',
    revision: 1,
    compute: (facts) => facts.count('disassociated', 'disconnected', 'link_lost'),
  },
];

/** Counts entries of some events of the table. */
function events(name: string, doc: string, ...counted: string[]): FeatureDefinition {
  return { name, unit: 'entries', doc, revision: 1, compute: (facts) => facts.count(...counted) };
}

/** All features of the wifi agent; `docs/features.md` is made from this table. */
export const WIFI_FEATURES: FeatureTable = [
  ...SPECIFIED,
  {
    name: 'warning_count',
    unit: 'entries',
    doc: 'Entries of level warning.',
    revision: 1,
    compute: (facts) => facts.warningCount,
  },
  events('authentication_events', 'Open, FT or SAE authentications: the start of an attempt to join.', 'authenticated'),
  events('association_events', 'Associations: the second step of joining.', 'associated'),
  events('connection_events', 'Stations admitted to the network, or own links that came up.', 'connected'),
  events('handshake_events', 'Completed pairwise key handshakes: the last step of joining.', 'handshake'),
  events(
    'deauthentication_events',
    'Stations thrown out by the access point; the routine clean-up after a disassociation is not counted.',
    'deauthenticated',
  ),
  events('group_rekey_events', 'Group keys renewed, the heartbeat of an idle network.', 'group_rekey'),
  events('psk_mismatch_events', 'Handshakes that failed in the way a wrong password makes them fail.', 'psk_mismatch'),
  events('eap_failure_events', 'Enterprise logins that failed.', 'eap_failed'),
  events('radius_failure_events', 'RADIUS servers that did not answer.', 'radius_failed'),
  events(
    'rejection_events',
    'Joins refused: access point full, station blocked, unknown network, link refused.',
    'rejected',
  ),
  events(
    'missing_ack_events',
    'Frames to a station that it did not acknowledge.',
    'not_acknowledged',
    'group_rekey_failed',
  ),
  events('radar_events', 'Radar detections, each of which closes a channel.', 'radar'),
  events('channel_events', 'Channel changes and checks: DFS, automatic selection, announced switches.', 'channel'),
  events('interface_events', 'Radio interfaces that started, stopped or changed state.', 'interface'),
  events(
    'tamper_events',
    'Signs of forged or replayed frames: SA queries, Michael MIC failures, refused EAPOL keys, unprotected beacons.',
    'sa_query',
    'mic_failure',
    'eapol_refused',
    'forged_frame',
  ),
  events('wps_failure_events', 'WPS attempts that failed, overlapped, or locked the access point.', 'wps_failed'),
  events('driver_fault_events', 'Errors of the radio driver.', 'driver_fault'),
  {
    name: 'unknown_events',
    unit: 'entries',
    doc: 'Entries that no pattern of the event table knows.',
    revision: 1,
    compute: (facts) => facts.unknownCount,
  },
  {
    name: 'station_count',
    unit: 'stations',
    doc: 'Different hardware addresses in the messages.',
    revision: 1,
    compute: (facts) => facts.distinct('station'),
  },
  {
    name: 'leaving_station_count',
    unit: 'stations',
    doc: 'Different stations that left or were thrown out.',
    revision: 1,
    compute: (facts) => facts.distinct('leaving_station'),
  },
  {
    name: 'busiest_station_events',
    unit: 'entries',
    doc: 'Entries of the station that is named most often.',
    revision: 1,
    compute: (facts) => facts.busiest('station'),
  },
];
