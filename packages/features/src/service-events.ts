import { type EventPattern, eventPatterns } from './event-table.ts';

/** The own source text of OpenWrt's procd and netifd, as of 2026. */
const OPENWRT_SOURCE =
  'OpenWrt source: procd (service/instance.c, state.c, watchdog.c), netifd (interface.c, device.c)';
/** Logs that users of OpenWrt posted in its public issues. */
const OPENWRT = 'OpenWrt issues: openwrt/openwrt';
/** busybox's own source text. */
const BUSYBOX = 'busybox source: miscutils/crond.c, networking/ntpd.c, networking/udhcp/dhcpc.c, sysklogd/syslogd.c';
/** Logs of systemd and its companions that users posted in public issues. */
const SYSTEMD = 'systemd issues';
/** Logs of chrony that users posted in public issues. */
const CHRONY = 'chrony issues';
/** Logs of rsyslog that users posted in its public issues. */
const RSYSLOG = 'rsyslog issues';
/** Debian's cron as its logs are in public issues. */
const DEBIAN = 'Debian logs';
/** collectd's own source text. */
const COLLECTD = 'collectd source: src/daemon/plugin.c';

const PROCD_EVENTS = [
  ...eventPatterns(['procd'], OPENWRT_SOURCE, [
    [
      'crashed',
      'in a crash loop',
      'Instance uhttpd::instance1 s in a crash loop 6 crashes, 0 seconds since last crash',
    ],
    ['crashed', 'procd has crashed', 'Rebooting as procd has crashed'],
    [
      'fault',
      'not stopped on SIGTERM',
      'Instance dnsmasq::cfg01411c pid 4711 not stopped on SIGTERM, sending SIGKILL instead',
    ],
    ['fault', 'Watchdog has previously', 'Watchdog has previously reset the system'],
    ['fault', 'Not starting instance', 'Not starting instance uhttpd::instance1, an error was indicated'],
    ['fault', 'ailed to', 'Failed to execute script: No such file or directory'],
    [
      'fault',
      'non-whitelisted syscall',
      'ntpd[4711] tried to call non-whitelisted syscall: socket (see /etc/seccomp/ntpd.json)',
    ],
    ['shutdown', '- shutdown -', '- shutdown -'],
    ['shutdown', '- reboot -', '- reboot -'],
    ['shutdown', '- power down -', '- power down -'],
    ['boot_detail', '- ', '- init complete -'],
  ]),
  ...eventPatterns(['upgrade'], OPENWRT, [
    ['shutdown', 'Commencing upgrade', 'Commencing upgrade. Closing all shell sessions.'],
  ]),
];

/** Interfaces, and the address that the uplink gets for a time. */
const NETIFD_EVENTS = [
  ...eventPatterns(['netifd'], BUSYBOX, [
    ['lease', 'udhcpc: lease of', 'wan (2702): udhcpc: lease of 100.64.0.77 obtained from 100.64.0.1, lease time 3600'],
    ['lease_step', 'udhcpc: sending renew', 'wan (2702): udhcpc: sending renew to server 100.64.0.1'],
    ['lease_trouble', 'broadcasting renew', 'wan (2702): udhcpc: broadcasting renew'],
    ['lease_trouble', 'broadcasting discover', 'wan (2702): udhcpc: broadcasting discover'],
    ['lease_trouble', 'no lease', 'wan (2702): udhcpc: no lease, failing'],
    ['lease_trouble', 'lease lost', 'wan (2702): udhcpc: lease lost, entering init state'],
    ['lease_trouble', 'DHCP NAK', 'wan (2702): udhcpc: received DHCP NAK'],
    ['lease_step', 'udhcpc: ', 'wan (2702): udhcpc: started, v1.36.1'],
  ]),
  ...eventPatterns(['netifd'], OPENWRT_SOURCE, [
    ['link_down', 'link is down', "Network device 'lan1' link is down"],
    ['link_up', 'link is up', "Network device 'lan1' link is up"],
    ['interface_down', 'is now down', "Interface 'wan' is now down"],
    ['interface_down', 'has lost the connection', "Interface 'wan' has lost the connection"],
    ['interface_down', 'connectivity loss', "Interface 'wan' has link connectivity loss"],
    ['interface_step', "Interface '", "Interface 'wan' is now up"],
    ['script', '): ', "radio0 (1242): WARNING: Variable 'data' does not exist or is not an array/object"],
    ['fault', 'ailed to', "Failed to create bridge 'br-lan'"],
  ]),
  ...eventPatterns(['pppd'], OPENWRT, [
    ['lease', 'local  IP address', 'local  IP address 198.51.100.7'],
    ['interface_down', 'No response to', 'No response to 5 echo-requests'],
    ['interface_down', 'appears to be disconnected', 'Serial link appears to be disconnected.'],
    ['interface_down', 'Connection terminated', 'Connection terminated.'],
    ['interface_down', 'Modem hangup', 'Modem hangup'],
    ['lease_trouble', 'Timeout waiting for', 'Timeout waiting for PADO packets'],
    ['lease_trouble', 'Unable to complete', 'Unable to complete PPPoE Discovery'],
    ['lease_trouble', 'authentication failed', 'PAP authentication failed'],
    ['interface_step', 'Connect: ', 'Connect: pppoe-wan <--> eth1'],
    ['interface_step', 'started by', 'pppd 2.4.9 started by root, uid 0'],
    ['interface_step', 'Exit.', 'Exit.'],
  ]),
];

const CLOCK_EVENTS = [
  ...eventPatterns(['crond', 'cron'], BUSYBOX, [
    ['cron', ' cmd ', 'USER root pid 4711 cmd /usr/sbin/wifi-stats.sh --push'],
    ['clock_step', 'time disparity', 'time disparity of 142 minutes detected'],
    ['service_step', ' started', 'crond (busybox 1.36.1) started, log level 5'],
  ]),
  ...eventPatterns(['CRON', 'cron'], DEBIAN, [
    ['cron', ' CMD (', '(root) CMD (run-parts /etc/cron.hourly)'],
    ['session', 'cron:session', 'pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)'],
  ]),
  ...eventPatterns(['ntpd'], BUSYBOX, [
    ['clock_step', 'setting time to', 'setting time to 2025-05-01 00:00:11.000000 (offset +85.213000s)'],
    ['clock', 'adjusting local clock', 'adjusting local clock by +0.412345s'],
    ['clock_lost', 'timed out waiting', 'timed out waiting for 192.0.2.123, reach 0x00, next query in 33s'],
    ['clock_lost', 'bad address', "bad address '0.openwrt.pool.ntp.org'"],
    ['clock_lost', 'unsynced', 'reply from 192.0.2.123: peer is unsynced'],
  ]),
  ...eventPatterns(['chronyd'], CHRONY, [
    ['clock_step', 'was stepped', 'System clock was stepped by 85.213000 seconds'],
    ['clock_step', 'wrong by', 'System clock wrong by 1721.913772 seconds'],
    ['clock_lost', "Can't synchronise", "Can't synchronise: no selectable sources"],
    ['clock', 'ource ', 'Selected source 192.0.2.123'],
    ['service_step', ' starting', 'chronyd version 4.3 starting (+CMDMON +NTP +REFCLOCK +RTC +PRIVDROP)'],
  ]),
  ...eventPatterns(['systemd-timesyncd'], SYSTEMD, [
    ['clock_lost', 'Timed out waiting', 'Timed out waiting for reply from 192.0.2.123:123 (0.debian.pool.ntp.org).'],
    ['clock', 'time server', 'Contacted time server 192.0.2.123:123 (0.debian.pool.ntp.org).'],
  ]),
];

/** A service that fails has one event; what systemd says of the same failure after that is a detail. */
const SYSTEMD_EVENTS = [
  ...eventPatterns(['systemd'], SYSTEMD, [
    ['crashed', 'ain process exited', 'collectd.service: Main process exited, code=killed, status=11/SEGV'],
    ['crash_detail', 'Failed with result', "collectd.service: Failed with result 'signal'."],
    ['crash_detail', 'estart', 'collectd.service: Scheduled restart job, restart counter is at 5.', 'Schedul'],
    ['crashed', 'repeated too quickly', 'collectd.service: Start request repeated too quickly.'],
    ['crash_detail', 'Failed to start', 'Failed to start collectd.service - Statistics collection.'],
    ['shutdown', 'System Reboot', 'Reached target reboot.target - System Reboot.'],
    ['shutdown', 'System Power Off', 'Reached target poweroff.target - System Power Off.'],
    ['clock_step', 'Time has been changed', 'Time has been changed'],
    ['service_step', 'Start', 'Started cron.service - Regular background program processing daemon.'],
    ['service_step', 'Stopp', 'Stopped cron.service - Regular background program processing daemon.'],
    ['service_step', 'Finished ', 'Finished logrotate.service - Rotate log files.'],
    ['service_step', 'Reached target', 'Reached target multi-user.target - Multi-User System.'],
    ['service_step', '.service: ', 'logrotate.service: Deactivated successfully.'],
  ]),
  ...eventPatterns(['systemd-logind'], SYSTEMD, [
    ['session', 'ession ', 'New session 4 of user pi.'],
    ['shutdown', 'Power key pressed', 'Power key pressed short.'],
    ['shutdown', 'System is', 'System is rebooting.'],
  ]),
];

const LOG_EVENTS = [
  ...eventPatterns(['logread'], OPENWRT, [
    ['service_step', 'connected to', 'Logread connected to 192.168.1.11:514 via tcp'],
    ['log_fault', 'failed to ', 'failed to send log data to 192.168.1.11:514 via udp'],
  ]),
  ...eventPatterns(['syslogd'], BUSYBOX, [
    ['service_step', 'syslogd ', 'syslogd started: BusyBox v1.36.1'],
    ['service_step', 'MARK', '-- MARK --'],
  ]),
  ...eventPatterns(['rsyslogd'], RSYSLOG, [
    ['log_fault', 'suspended', "action 'action-0-builtin:omfwd' suspended (module 'builtin:omfwd'), retry 0."],
    ['log_fault', 'cannot connect to', 'cannot connect to 192.168.1.11:514: No route to host'],
    ['log_fault', 'rate-limiting', 'imjournal from <localhost:audit>: begin to drop messages due to rate-limiting'],
    ['log_fault', 'No space left', "file '/var/log/syslog'[7] write error - No space left on device"],
    ['service_step', 'origin software', '[origin software="rsyslogd" swVersion="8.2302.0" x-pid="415"] start'],
    ['service_step', 'resumed', "action 'action-0-builtin:omfwd' resumed (module 'builtin:omfwd')"],
  ]),
  ...eventPatterns(['systemd-journald'], SYSTEMD, [
    ['log_fault', 'Suppressed ', 'Suppressed 4711 messages from collectd.service'],
    [
      'log_fault',
      'corrupted or uncleanly',
      'File /var/log/journal/x/system.journal corrupted or uncleanly shut down, renaming',
    ],
    ['service_step', 'ournal ', 'Journal started'],
  ]),
  ...eventPatterns(['collectd'], COLLECTD, [
    [
      'fault',
      'read-function of plugin',
      "plugin_read: read-function of plugin `iwinfo' failed. Will suspend it for 120.000 seconds.",
    ],
  ]),
];

/** What the programs log that keep a system going: services, interfaces, the clock, jobs, the log itself. */
export const SERVICE_EVENTS: readonly EventPattern[] = [
  ...PROCD_EVENTS,
  ...NETIFD_EVENTS,
  ...CLOCK_EVENTS,
  ...SYSTEMD_EVENTS,
  ...LOG_EVENTS,
];
