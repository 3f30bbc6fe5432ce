import { type EventPattern, eventPatterns } from './event-table.ts';

/**
 * Messages of hostapd and wpa_supplicant that are known and are no event, because they are details of one: the single steps of
 * joining, of handshakes and of renewing keys, most of them at level debug only.
 */
export const WIFI_DETAILS: readonly EventPattern[] = [
  ...eventPatterns(['hostapd'], 'hostapd source: src/ap/ieee802_11.c', [
    [
      'joining_detail',
      'authentication OK',
      'wlan0: STA 00:00:5e:00:53:01 IEEE 802.11: authentication OK (open system)',
    ],
    ['joining_detail', 'association OK', 'wlan0: STA 00:00:5e:00:53:01 IEEE 802.11: association OK (aid 1)'],
    [
      'joining_detail',
      'SAE authentication (',
      'wlan0: STA 00:00:5e:00:53:01 IEEE 802.11: start SAE authentication (RX commit, status=0 (SUCCESS))',
    ],
    [
      'joining_detail',
      'Drop repeated',
      'wlan0: STA 00:00:5e:00:53:01 IEEE 802.11: Drop repeated authentication frame seq_ctrl=0x10',
    ],
  ]),
  ...eventPatterns(['hostapd'], 'hostapd source: src/ap/sta_info.c', [
    [
      'joining_detail',
      'binding station to interface',
      "wlan0: STA 00:00:5e:00:53:01 IEEE 802.11: binding station to interface 'wlan0'",
    ],
    [
      'joining_detail',
      'setting session timeout',
      'wlan0: STA 00:00:5e:00:53:01 IEEE 802.11: setting session timeout to 3600 seconds',
    ],
  ]),
  ...eventPatterns(['hostapd'], 'hostapd source: src/ap/ap_mlme.c', [
    ['frame_detail', 'MLME: MLME-', 'wlan0: STA 00:00:5e:00:53:01 MLME: MLME-ASSOCIATE.indication(00:00:5e:00:53:01)'],
  ]),
  ...eventPatterns(['hostapd'], 'hostapd source: src/ap/ieee802_1x.c', [
    ['login_detail', 'authorizing port', 'wlan0: STA 00:00:5e:00:53:01 IEEE 802.1X: unauthorizing port'],
    ['login_detail', 'EAPOL-Start from STA', 'wlan0: STA 00:00:5e:00:53:01 IEEE 802.1X: received EAPOL-Start from STA'],
    [
      'login_detail',
      'EAPOL-Logoff from STA',
      'wlan0: STA 00:00:5e:00:53:01 IEEE 802.1X: received EAPOL-Logoff from STA',
    ],
    [
      'login_detail',
      'received EAP packet',
      'wlan0: STA 00:00:5e:00:53:01 IEEE 802.1X: received EAP packet (code=2 id=1 len=9) from STA: EAP Response-Identity (1)',
    ],
    [
      'login_detail',
      'decapsulated EAP packet',
      'wlan0: STA 00:00:5e:00:53:01 IEEE 802.1X: decapsulated EAP packet (code=1 id=2 len=6) from RADIUS server: EAP-Request-PEAP (25)',
    ],
    ['login_detail', 'STA identity', "wlan0: STA 00:00:5e:00:53:01 IEEE 802.1X: STA identity 'someone'"],
    ['login_detail', 'aborting authentication', 'wlan0: STA 00:00:5e:00:53:01 IEEE 802.1X: aborting authentication'],
    [
      'login_detail',
      'from PMKSA cache',
      'wlan0: STA 00:00:5e:00:53:01 IEEE 802.1X: PMK from PMKSA cache - skip IEEE 802.1X/EAP',
    ],
  ]),
  ...eventPatterns(['hostapd'], 'hostapd source: src/ap/accounting.c', [
    [
      'login_detail',
      'updated TX/RX stats',
      'wlan0: STA 00:00:5e:00:53:01 RADIUS: updated TX/RX stats: rx_bytes=4711 [0:4711] tx_bytes=815 [0:815] bytes_64bit=1',
    ],
  ]),
  ...eventPatterns(['hostapd'], 'hostapd source: src/ap/wpa_auth.c', [
    ['handshake_detail', 'start authentication', 'wlan0: STA 00:00:5e:00:53:01 WPA: start authentication'],
    ['handshake_detail', ' notification', 'wlan0: STA 00:00:5e:00:53:01 WPA: event 1 notification', 'WPA: event '],
    [
      'handshake_detail',
      'msg of 4-Way Handshake',
      'wlan0: STA 00:00:5e:00:53:01 WPA: sending 1/4 msg of 4-Way Handshake',
      'sending ',
    ],
    [
      'handshake_detail',
      'invalid MIC in msg 2/4',
      'wlan0: STA 00:00:5e:00:53:01 WPA: invalid MIC in msg 2/4 of 4-Way Handshake',
    ],
    ['handshake_detail', 'EAPOL-Key timeout', 'wlan0: STA 00:00:5e:00:53:01 WPA: EAPOL-Key timeout'],
    ['handshake_detail', 'Retry limit', 'wlan0: STA 00:00:5e:00:53:01 WPA: PTKSTART: Retry limit 4 reached'],
    ['handshake_detail', 'sm->Disconnect', 'wlan0: STA 00:00:5e:00:53:01 WPA: WPA_PTK: sm->Disconnect'],
    ['rekey_detail', 'rekeying GTK', 'wlan0: WPA rekeying GTK'],
    ['rekey_detail', 'GMK rekeyd', 'wlan0: WPA GMK rekeyd'],
    [
      'rekey_detail',
      'msg of Group Key Handshake',
      'wlan0: STA 00:00:5e:00:53:01 WPA: sending 1/2 msg of Group Key Handshake',
    ],
  ]),
  ...eventPatterns(['wpa_supplicant'], 'wpa_supplicant source: wpa_supplicant/events.c', [
    ['joining_detail', 'Associated with', 'wlan0: Associated with 00:00:5e:00:53:10'],
    ['scan_detail', 'CTRL-EVENT-SCAN-STARTED', 'wlan0: CTRL-EVENT-SCAN-STARTED id=3'],
    ['scan_detail', 'CTRL-EVENT-REGDOM-CHANGE', 'wlan0: CTRL-EVENT-REGDOM-CHANGE init=DRIVER type=COUNTRY alpha2=DE'],
  ]),
];
