import { type EventPattern, eventPatterns } from './event-table.ts';

/** dropbear's own source text, as of 2026. */
const DROPBEAR =
  'dropbear source: src/svr-main.c, src/svr-session.c, src/svr-auth.c, src/svr-authpasswd.c, src/svr-authpubkey.c';
/** Logs of OpenSSH and PAM as its users' manuals explain them. */
const OPENSSH = 'OpenSSH logs';
/** Logs that users of OpenWrt posted in its public issues. */
const OPENWRT = 'OpenWrt issues: openwrt/openwrt';
/** busybox's own source text. */
const BUSYBOX = 'busybox source: loginutils/login.c';
/** FreeRADIUS's own source text. */
const FREERADIUS = 'FreeRADIUS source: src/main/auth.c, src/main/listen.c';

const DROPBEAR_EVENTS = eventPatterns(['dropbear'], DROPBEAR, [
  ['connection', 'Child connection from', 'Child connection from 192.168.1.100:50321'],
  ['login', 'auth succeeded', "Password auth succeeded for 'root' from 192.168.1.100:50321"],
  ['login', 'Auth succeeded', "Auth succeeded with blank password for 'root' from 192.168.1.100:50321"],
  ['login_failed', 'password attempt', "Bad password attempt for 'root' from 203.0.113.9:40000"],
  ['login_failed', 'Login attempt', 'Login attempt for nonexistent user from 203.0.113.9:40000'],
  ['login_failed', 'bad signature', "Pubkey auth bad signature for 'root' with key SHA256:x from 203.0.113.9:40000"],
  ['login_failed', 'root login rejected', 'root login rejected'],
  [
    'login_abandoned',
    'Exit before auth',
    "Exit before auth from <203.0.113.9:40000>: (user 'root', 3 fails): Max auth tries",
  ],
  ['session', 'Exit (', 'Exit (root) from <192.168.1.100:50321>: Disconnect received'],
  ['service_step', 'backgrounding', 'Not backgrounding'],
  ['service_step', 'Running in background', 'Running in background'],
  ['fault', 'Failed listening', "Failed listening on '22': Error listening: Address in use"],
]);

/** Of one failed login OpenSSH may write several lines; those that say it once more are details. */
const OPENSSH_EVENTS = eventPatterns(['sshd', 'sshd-session'], OPENSSH, [
  ['login', 'Accepted ', 'Accepted publickey for root from 192.168.1.100 port 50321 ssh2: ED25519 SHA256:x'],
  ['login_failed', 'Failed ', 'Failed password for invalid user admin from 203.0.113.9 port 40000 ssh2', ' for '],
  [
    'login_detail',
    'authentication failure',
    'pam_unix(sshd:auth): authentication failure; rhost=203.0.113.9 user=root',
  ],
  ['login_unknown', 'Invalid user ', 'Invalid user admin from 203.0.113.9 port 40000'],
  ['login_abandoned', '[preauth]', 'Connection closed by authenticating user root 203.0.113.9 port 40000 [preauth]'],
  ['login_abandoned', 'kex_exchange', 'error: kex_exchange_identification: Connection closed by remote host'],
  ['login_abandoned', 'banner exchange', 'banner exchange: Connection from 203.0.113.9 port 40000: invalid format'],
  ['login_abandoned', 'axstartups', 'drop connection #10 from [203.0.113.9]:40000 on [198.51.100.7]:22 Maxstartups'],
  ['login_abandoned', 'Connection closed by', 'Connection closed by 203.0.113.9 port 40000'],
  ['login_abandoned', 'Connection reset by', 'Connection reset by 203.0.113.9 port 40000'],
  ['connection', 'Connection from ', 'Connection from 203.0.113.9 port 40000 on 198.51.100.7 port 22 rdomain ""'],
  ['session', 'session opened', 'pam_unix(sshd:session): session opened for user root(uid=0) by (uid=0)'],
  ['session', 'session closed', 'pam_unix(sshd:session): session closed for user root'],
  ['session', 'isconnect', 'Disconnected from user root 192.168.1.100 port 50321'],
  ['service_step', 'Server listening on', 'Server listening on 0.0.0.0 port 22.'],
  ['fault', 'error: ', 'error: Bind to port 22 on 0.0.0.0 failed: Address already in use.'],
]);

const RADIUS_EVENTS = eventPatterns(['radiusd', 'freeradius'], FREERADIUS, [
  [
    'radius_login',
    'Login OK',
    '(3) Login OK: [user/<via Auth-Type = eap>] (from client ap1 port 0 cli 00-00-5E-00-53-01)',
  ],
  [
    'radius_failed',
    'Login incorrect',
    '(3) Login incorrect (mschap: MS-CHAP2-Response is incorrect): [user] (from client ap1)',
  ],
  [
    'radius_failed',
    'Ignoring request',
    'Ignoring request to auth address * port 1812 from unknown client 192.0.2.9 port 40000',
  ],
  ['service_step', 'Ready to process', 'Ready to process requests'],
  ['fault', 'rror: ', 'Error: rlm_sql (sql): Failed to open connection'],
]);

/** What programs log that let people in: over SSH, at the console, to OpenWrt's pages, into the network. */
export const LOGIN_EVENTS: readonly EventPattern[] = [
  ...DROPBEAR_EVENTS,
  ...OPENSSH_EVENTS,
  ...eventPatterns(['uhttpd'], OPENWRT, [
    ['login', 'accepted login', '[info] luci: accepted login on /admin/status/logs for root from 192.168.1.100'],
    ['login_failed', 'failed login', '[info] luci: failed login on / for root from 203.0.113.9'],
  ]),
  ...eventPatterns(['login'], BUSYBOX, [
    ['login', 'root login', "root login on 'ttyS0'"],
    ['login_failed', 'invalid password', "invalid password for 'root' on 'ttyS0'"],
  ]),
  ...eventPatterns(['sudo'], OPENSSH, [
    [
      'login_failed',
      'incorrect password',
      'pi : 3 incorrect password attempts ; TTY=pts/0 ; USER=root ; COMMAND=/bin/sh',
    ],
    ['login_detail', 'authentication failure', 'pam_unix(sudo:auth): authentication failure; ruser=pi rhost=  user=pi'],
    ['session', 'COMMAND=', 'pi : TTY=pts/0 ; PWD=/home/pi ; USER=root ; COMMAND=/usr/bin/apt update'],
    ['session', 'session ', 'pam_unix(sudo:session): session opened for user root(uid=0) by pi(uid=1000)'],
  ]),
  ...RADIUS_EVENTS,
];
