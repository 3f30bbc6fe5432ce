import type { FeatureDefinition, FeatureTable } from './feature-table.ts';
import { eventCount, GENERAL_FEATURES, UNKNOWN_EVENTS, WARNING_COUNT } from './general-features.ts';
import { hardwareAddressOf } from './hardware-address.ts';
import type { SessionEndCause } from './session-end-cause.ts';
import { mostEndedTogether } from './station-sessions.ts';
import type { SubjectKind } from './subject-kind.ts';

/** Stations by the first hardware address of a message, and those that leave, whoever ended it. */
export const WIFI_SUBJECTS: readonly SubjectKind[] = [
  { name: 'station', of: hardwareAddressOf },
  { name: 'leaving_station', of: hardwareAddressOf, events: ['disassociated', 'disconnected', 'deauthenticated'] },
];

/** Sessions that end within so much of each other ended together. */
const TOGETHER_MS = 10_000;

/** Counts the sessions that ended for a cause. */
function sessionEnds(name: string, doc: string, cause: SessionEndCause): FeatureDefinition {
  const compute: FeatureDefinition['compute'] = (facts) =>
    facts.sessions().ends.reduce((sum, end) => sum + (end.cause === cause ? 1 : 0), 0);
  return { name, unit: 'sessions', doc, revision: 1, compute };
}

/** What became of sessions; `docs/detection.md` tells how causes are told apart. */
const SESSION_FEATURES: FeatureTable = [
  {
    name: 'started_sessions',
    unit: 'sessions',
    doc: 'Sessions that began: a station associated.',
    revision: 1,
    compute: (facts) => facts.sessions().starts.length,
  },
  sessionEnds('left_sessions', 'Sessions that the station ended, or somebody in its name.', 'client_left'),
  sessionEnds('inactive_sessions', 'Sessions that ended because the station did not answer any more.', 'inactivity'),
  sessionEnds(
    'restart_ended_sessions',
    'Sessions that ended because the radio stopped, started or had to change its channel.',
    'ap_restart',
  ),
  sessionEnds(
    'handshake_failed_sessions',
    'Sessions and attempts that ended because the station never got its keys.',
    'handshake_failure',
  ),
  sessionEnds('kicked_sessions', 'Sessions that the access point ended though the station had its keys.', 'kicked'),
  sessionEnds(
    'roamed_sessions',
    'Sessions that ended because the station went to another radio or access point.',
    'roam',
  ),
  sessionEnds(
    'unexplained_session_ends',
    'Sessions that ended, and no line says why: forged deauthentications look like this, and so do lines that were lost.',
    'unexplained',
  ),
  {
    name: 'sessions_ended_together',
    unit: 'sessions',
    doc: 'Most sessions of one device that ended within ten seconds, whatever the causes.',
    revision: 1,
    compute: (facts) => mostEndedTogether(facts.sessions().ends, TOGETHER_MS),
  },
];

/** All features of the wifi agent; `docs/features.md` is made from this table. */
export const WIFI_FEATURES: FeatureTable = [
  ...GENERAL_FEATURES,
  // The fourth of the specification.
  eventCount(
    'disassociation_events',
    'Entries that say that a station or link went away: `disassociated`, `AP-STA-DISCONNECTED`, `CTRL-EVENT-DISCONNECTED`.',
    'disassociated',
    'disconnected',
    'link_lost',
  ),
  WARNING_COUNT,
  eventCount(
    'authentication_events',
    'Open, FT or SAE authentications: the start of an attempt to join.',
    'authenticated',
  ),
  eventCount('association_events', 'Associations: the second step of joining.', 'associated'),
  eventCount('connection_events', 'Stations admitted to the network, or own links that came up.', 'connected'),
  eventCount('handshake_events', 'Completed pairwise key handshakes: the last step of joining.', 'handshake'),
  eventCount(
    'deauthentication_events',
    'Stations thrown out by the access point; the routine clean-up after a disassociation is not counted.',
    'deauthenticated',
  ),
  eventCount('group_rekey_events', 'Group keys renewed, the heartbeat of an idle network.', 'group_rekey'),
  eventCount(
    'psk_mismatch_events',
    'Handshakes that failed in the way a wrong password makes them fail.',
    'psk_mismatch',
  ),
  eventCount('eap_failure_events', 'Enterprise logins that failed.', 'eap_failed'),
  eventCount('radius_failure_events', 'RADIUS servers that did not answer.', 'radius_failed'),
  eventCount(
    'rejection_events',
    'Joins refused: access point full, station blocked, unknown network, link refused.',
    'rejected',
  ),
  eventCount(
    'missing_ack_events',
    'Frames to a station that it did not acknowledge.',
    'not_acknowledged',
    'group_rekey_failed',
  ),
  eventCount('radar_events', 'Radar detections, each of which closes a channel.', 'radar'),
  eventCount('channel_events', 'Channel changes and checks: DFS, automatic selection, announced switches.', 'channel'),
  eventCount('interface_events', 'Radio interfaces that started, stopped or changed state.', 'interface'),
  eventCount(
    'tamper_events',
    'Signs of forged or replayed frames: SA queries, Michael MIC failures, refused EAPOL keys, unprotected beacons.',
    'sa_query',
    'mic_failure',
    'eapol_refused',
    'forged_frame',
  ),
  eventCount('wps_failure_events', 'WPS attempts that failed, overlapped, or locked the access point.', 'wps_failed'),
  eventCount('driver_fault_events', 'Errors of the radio driver.', 'driver_fault'),
  UNKNOWN_EVENTS,
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
  ...SESSION_FEATURES,
];
