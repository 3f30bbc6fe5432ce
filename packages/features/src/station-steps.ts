import type { LogEntry } from '@edgewood/logs';
import { createEventClassifier, type EventPattern, eventPatterns } from './event-table.ts';
import { hardwareAddressOf } from './hardware-address.ts';

/** What a line of hostapd says of a station's session, or of the radio that carries it. */
export type SessionStep =
  // Joining, in its order.
  | 'authenticated'
  | 'associated'
  | 'admitted'
  | 'keyed'
  // A sign of life.
  | 'alive'
  // A login that went wrong.
  | 'failed'
  // Going away.
  | 'disconnected'
  | 'left'
  | 'inactive'
  | 'unreachable'
  | 'removed'
  | 'cleaned_up'
  // On the way to another radio or access point.
  | 'moved'
  // The radio itself: stopped, started, or made to change its channel.
  | 'restarted';

/** One step of a station at one interface; of a radio, if no station is named. */
export interface StationStep {
  readonly timeMs: number;
  readonly deviceId: string;
  /** `wlan0`, `phy1-ap0`: what hostapd's line begins with. */
  readonly interfaceName: string;
  /** Hardware address in lower case; empty for `restarted`. */
  readonly station: string;
  readonly step: SessionStep;
}

/**
 * The lines of hostapd that tell of sessions; the first row that fits decides. "deauthenticated due to inactivity (timer
 * DEAUTH/REMOVE)" is the clean-up that follows one second after *any* disassociation.
 */
export const SESSION_STEPS: readonly (EventPattern & { readonly event: SessionStep })[] = [
  ...rows('hostapd source: src/ap/sta_info.c', [
    [
      'inactive',
      'disassociated due to inactivity',
      'wlan0: STA 00:00:5e:00:53:01 IEEE 802.11: disassociated due to inactivity',
    ],
    [
      'cleaned_up',
      'deauthenticated due to inactivity',
      'wlan0: STA 00:00:5e:00:53:01 IEEE 802.11: deauthenticated due to inactivity (timer DEAUTH/REMOVE)',
    ],
    [
      'removed',
      'deauthenticated due to',
      'wlan0: STA 00:00:5e:00:53:01 IEEE 802.11: deauthenticated due to local deauth request',
    ],
    ['disconnected', 'AP-STA-DISCONNECTED', 'wlan0: AP-STA-DISCONNECTED 00:00:5e:00:53:01'],
    ['admitted', 'AP-STA-CONNECTED', 'wlan0: AP-STA-CONNECTED 00:00:5e:00:53:01 auth_alg=open'],
  ]),
  ...rows('hostapd source: src/ap/ieee802_11.c', [
    ['alive', 'AP-STA-POLL-OK', 'wlan0: AP-STA-POLL-OK 00:00:5e:00:53:01'],
    ['left', 'IEEE 802.11: disassociated', 'wlan0: STA 00:00:5e:00:53:01 IEEE 802.11: disassociated'],
    ['left', 'IEEE 802.11: deauthenticated', 'wlan0: STA 00:00:5e:00:53:01 IEEE 802.11: deauthenticated'],
    ['authenticated', 'IEEE 802.11: authenticated', 'wlan0: STA 00:00:5e:00:53:01 IEEE 802.11: authenticated'],
    ['associated', 'IEEE 802.11: associated', 'wlan0: STA 00:00:5e:00:53:01 IEEE 802.11: associated (aid 1)'],
  ]),
  // The reasons that a station gives when it leaves; hostapd also notes what it does itself, with reason 2.
  ...rows('hostapd source: src/ap/ap_mlme.c', [
    [
      'left',
      'MLME-DEAUTHENTICATE.indication',
      'wlan0: STA 00:00:5e:00:53:01 MLME: MLME-DEAUTHENTICATE.indication(00:00:5e:00:53:01, 3)',
      ', 3)',
    ],
    [
      'left',
      'MLME-DEAUTHENTICATE.indication',
      'wlan0: STA 00:00:5e:00:53:01 MLME: MLME-DEAUTHENTICATE.indication(00:00:5e:00:53:01, 8)',
      ', 8)',
    ],
  ]),
  ...rows('hostapd source: src/ap/drv_callbacks.c', [
    [
      'unreachable',
      'excessive missing ACKs',
      'wlan0: STA 00:00:5e:00:53:01 IEEE 802.11: disconnected due to excessive missing ACKs',
    ],
    ['restarted', 'INTERFACE-DISABLED', 'phy0-ap0: INTERFACE-DISABLED '],
    ['restarted', 'CHANNEL-SWITCH', 'wlan0: CTRL-EVENT-STARTED-CHANNEL-SWITCH freq=5180 ht_enabled=1 ch_offset=1'],
  ]),
  ...rows('hostapd source: src/ap/wpa_auth.c, src/ap/wpa_auth_glue.c', [
    [
      'keyed',
      'pairwise key handshake completed',
      'wlan0: STA 00:00:5e:00:53:01 WPA: pairwise key handshake completed (RSN)',
    ],
    ['keyed', 'EAPOL-4WAY-HS-COMPLETED', 'wlan0: EAPOL-4WAY-HS-COMPLETED 00:00:5e:00:53:01'],
    ['alive', 'group key handshake completed', 'wlan0: STA 00:00:5e:00:53:01 WPA: group key handshake completed (RSN)'],
    ['failed', 'AP-STA-POSSIBLE-PSK-MISMATCH', 'wlan0: AP-STA-POSSIBLE-PSK-MISMATCH 00:00:5e:00:53:01'],
  ]),
  ...rows('hostapd source: src/eapol_auth/eapol_auth_sm.c, src/eap_server/eap_server.c', [
    [
      'failed',
      'IEEE 802.1X: authentication failed',
      'wlan0: STA 00:00:5e:00:53:01 IEEE 802.1X: authentication failed - EAP type: 0 ((null))',
    ],
    ['failed', 'CTRL-EVENT-EAP-FAILURE', 'wlan0: CTRL-EVENT-EAP-FAILURE 00:00:5e:00:53:01'],
    ['failed', 'CTRL-EVENT-EAP-TIMEOUT-FAILURE', 'wlan0: CTRL-EVENT-EAP-TIMEOUT-FAILURE 00:00:5e:00:53:01'],
  ]),
  ...rows('hostapd source: src/ap/utils.c, src/ap/wnm_ap.c', [
    ['moved', 'Prune association for', 'wlan0: Prune association for 00:00:5e:00:53:01'],
    [
      'moved',
      'BSS-TM-RESP',
      'wlan0: BSS-TM-RESP 00:00:5e:00:53:01 status_code=0 bss_termination_delay=0',
      'status_code=0',
    ],
  ]),
  ...rows('hostapd source: src/ap/hostapd.c, src/ap/dfs.c', [
    ['restarted', 'interface state', 'phy0-ap0: interface state UNINITIALIZED->COUNTRY_UPDATE'],
    ['restarted', 'AP-DISABLED', 'phy0-ap0: AP-DISABLED '],
    ['restarted', 'AP-ENABLED', 'phy0-ap0: AP-ENABLED '],
    ['restarted', 'CTRL-EVENT-TERMINATING', 'phy0-ap0: CTRL-EVENT-TERMINATING '],
    ['restarted', 'DFS-RADAR-DETECTED', 'wlan1: DFS-RADAR-DETECTED freq=5500 ht_enabled=1 chan_offset=0 chan_width=3'],
    ['restarted', 'DFS-NEW-CHANNEL', 'wlan1: DFS-NEW-CHANNEL freq=5180 chan=36 sec_chan=1'],
  ]),
];

type StepRow = readonly [step: SessionStep, text: string, example: string, ...also: string[]];

function rows(source: string, steps: readonly StepRow[]): readonly (EventPattern & { readonly event: SessionStep })[] {
  return eventPatterns(['hostapd'], source, steps) as readonly (EventPattern & { readonly event: SessionStep })[];
}

const CLASSIFIER = createEventClassifier(SESSION_STEPS);
const INTERFACE = /^([^\s:]+): /;

/** The steps in entries of any programs, in order of time; entries of one moment keep theirs. Those that name no interface are passed over. */
export function findSteps(entries: readonly LogEntry[]): readonly StationStep[] {
  const steps: StationStep[] = [];
  for (const entry of entries) {
    const step = CLASSIFIER.events[CLASSIFIER.classify(entry)] as SessionStep | undefined;
    const interfaceName = step && INTERFACE.exec(entry.message)?.[1];
    if (step === undefined || interfaceName === undefined) continue;
    const station = step === 'restarted' ? '' : hardwareAddressOf(entry.message);
    if (station === undefined) continue;
    steps.push({ timeMs: entry.timeMs, deviceId: entry.deviceId, interfaceName, station, step });
  }
  return steps.sort((one, other) => one.timeMs - other.timeMs);
}

/** The radio of an interface: `wlan0` of `wlan0-1`, `phy1` of `phy1-ap0`; one with a name of its own is its own radio. */
export function radioOf(interfaceName: string): string {
  return interfaceName.replace(/[-.](?:ap|sta)?\d+$/, '');
}
