import { type EventPattern, eventPatterns } from './event-table.ts';

/** Kernel logs that users of OpenWrt and its radio drivers (ath10k-ct, mt76, mwlwifi) posted in public issues. */
const OPENWRT = 'OpenWrt issues: openwrt/openwrt, greearb/ath10k-ct, openwrt/mt76, kaloz/mwlwifi';
/** Kernel logs that users of the Raspberry Pi posted in public issues. */
const RASPBERRY_PI = 'Raspberry Pi issues';
/** Linux's own source text. */
const LINUX = 'Linux source: mm/, kernel/, fs/, net/, drivers/usb/';

const BOOT_EVENTS = eventPatterns(['kernel'], OPENWRT, [
  [
    'boot',
    'Linux version ',
    '[    0.000000] Linux version 6.6.73 (builder@buildhost) (aarch64-openwrt-linux-musl-gcc)',
  ],
  ['boot_detail', 'available (', '[    0.000000] Memory: 491772K/524288K available (8704K kernel code, 888K rwdata)'],
  ['boot_detail', 'init: ', '[    4.700000] init: Console is alive'],
  ['boot_detail', 'kmodloader: ', '[    5.400000] kmodloader: loading kernel modules from /etc/modules-boot.d/*'],
  ['boot_detail', 'procd: - ', '[    9.600000] procd: - early -'],
  ['boot_detail', 'crng init done', '[   13.000000] random: crng init done'],
  ['boot_detail', 'libphy: ', '[    1.100000] libphy: mdio: probed'],
  ['boot_detail', 'mediatek frame engine', '[    1.100000] mtk_soc_eth 15100000.ethernet eth0: mediatek frame engine'],
]);

/** One event for each fault: what the kernel adds to it, registers and calls, is a detail. */
const FAULT_EVENTS = eventPatterns(['kernel'], OPENWRT, [
  [
    'kernel_fault',
    'WARNING: CPU',
    '[  411.000001] WARNING: CPU: 1 PID: 4711 at net/mac80211/tx.c:1234 0x8f1e21e4 [mac80211]',
  ],
  ['kernel_fault', 'soft lockup', '[  411.000001] watchdog: BUG: soft lockup - CPU#1 stuck for 22s! [hostapd:4711]'],
  ['kernel_fault', 'self-detected stall', '[  411.000001] rcu: INFO: rcu_sched self-detected stall on CPU'],
  [
    'kernel_fault',
    'detected stalls',
    '[  411.000001] INFO: rcu_sched detected stalls on CPUs/tasks: { 3} (detected by 0)',
  ],
  [
    'kernel_fault',
    'blocked for more than',
    '[  411.000001] INFO: task kworker/u4:1:411 blocked for more than 120 seconds.',
  ],
  [
    'kernel_fault',
    'Unable to handle kernel',
    '[  411.000001] Unable to handle kernel NULL pointer dereference at 00000000',
  ],
  ['kernel_fault', 'kernel BUG at', '[  411.000001] kernel BUG at mm/slub.c:4711!'],
  ['kernel_fault', 'BUG: scheduling', '[  411.000001] BUG: scheduling while atomic: hostapd/4711/0x00000200'],
  ['kernel_fault', 'Kernel panic', '[  411.000001] Kernel panic - not syncing: Fatal exception in interrupt'],
  ['kernel_trace', 'Oops', '[  411.000001] Internal error: Oops: 17 [#1] SMP ARM'],
  ['kernel_trace', 'cut here', '[  411.000001] ------------[ cut here ]------------'],
  ['kernel_trace', 'end trace', '[  411.000009] ---[ end trace 61cbb96186ed92aa ]---'],
  ['kernel_trace', 'Call trace', '[  411.000002] Call trace:'],
  ['kernel_trace', 'Call Trace', '[  411.000002] Call Trace:'],
  ['kernel_trace', '] (', '[  411.000002] [<c030e3a8>] (unwind_backtrace) from [<c030a8a4>] (show_stack+0x10/0x14)'],
  ['kernel_trace', 'Modules linked in', '[  411.000002] Modules linked in: ath10k_pci ath10k_core ath mac80211'],
  ['kernel_trace', 'Comm: ', '[  411.000002] CPU: 0 PID: 76 Comm: kworker/0:1 Not tainted 5.4.188 #0'],
  ['kernel_trace', 'Hardware name: ', '[  411.000002] Hardware name: Generic DT based system'],
  [
    'crashed',
    'segfault at',
    '[  411.000001] uhttpd[4711]: segfault at 0 ip 00007fcdd7449f3e sp 00007fff06cb45e8 error 4',
  ],
  [
    'crashed',
    'sending SIGSEGV',
    '[  411.000001] do_page_fault(): sending SIGSEGV to odhcpd for invalid read access from 00000000',
  ],
]);

const MEMORY_EVENTS = eventPatterns(['kernel'], OPENWRT, [
  ['out_of_memory', 'Out of memory', '[  411.000003] Out of memory: Killed process 4711 (dnsmasq) total-vm:3726576kB'],
  ['memory_detail', 'invoked oom-killer', '[  411.000001] dnsmasq invoked oom-killer: gfp_mask=0x100cca, order=0'],
  ['memory_detail', 'oom-kill:', '[  411.000002] oom-kill:constraint=CONSTRAINT_NONE,task=dnsmasq,pid=4711,uid=453'],
  [
    'out_of_memory',
    'page allocation failure',
    '[  411.000001] kworker/u4:1: page allocation failure: order:0, mode:0x120',
  ],
]);

const STORAGE_EVENTS = eventPatterns(['kernel'], OPENWRT, [
  ['storage_fault', 'EXT4-fs error', '[  411.000001] EXT4-fs error (device mmcblk0p65): ext4_lookup:1234: inode #4711'],
  ['storage_fault', 'I/O error', '[  411.000001] I/O error, dev mmcblk0, sector 1085376 op 0x0:(READ) flags 0x800'],
  ['storage_fault', 'SQUASHFS error', '[  411.000001] SQUASHFS error: Unable to read metadata cache entry [8021fdf]'],
  [
    'storage_fault',
    'UBIFS error',
    '[  411.000001] UBIFS error (ubi0:2 pid 2438): ubifs_iget: failed to read inode 1988',
  ],
  ['storage_fault', 'read-only', '[  411.000001] EXT4-fs (mmcblk0p2): Remounting filesystem read-only', 'emounting'],
  [
    'storage_fault',
    'read-only mode',
    '[  411.000001] UBIFS warning (ubi0:2): ubifs_ro_mode.part.1: switched to read-only mode',
  ],
  ['storage_fault', 'Aborting journal', '[  411.000001] Aborting journal on device mmcblk1p5-8.'],
  [
    'storage_fault',
    '): error',
    '[  411.000001] FAT-fs (sda1): error, fat_get_cluster: invalid cluster chain',
    'FAT-fs (',
  ],
  ['storage_fault', 'Timeout waiting for hardware', '[  411.000001] mmc0: Timeout waiting for hardware interrupt.'],
  ['storage', 'mounted', '[    8.900000] UBIFS (ubi0:1): UBIFS: mounted UBI device 0, volume 1, name "rootfs_data"'],
  ['storage', 'EXT4-fs (', '[    8.900000] EXT4-fs (mmcblk0p2): recovery complete'],
]);

const RADIO_EVENTS = eventPatterns(['kernel'], OPENWRT, [
  ['suppressed', 'callbacks suppressed', '[  411.000001] ath10k_warn: 94 callbacks suppressed'],
  [
    'radio_trouble',
    'SWBA overrun',
    '[  411.000001] ath10k_pci 0000:01:00.0: SWBA overrun on vdev 0, skipped old beacon',
  ],
  ['radio_trouble', ') timeout', '[  411.000001] mt7915e 0000:02:00.0: Message 000025ed (seq 12) timeout', '(seq '],
  ['radio_trouble', 'Retry message', '[  411.000001] mt7915e 0000:02:00.0: Retry message 000025ed (seq 12)'],
  ['radio_crash', 'firmware crashed', '[  411.000001] ath10k_pci 0000:01:00.0: firmware crashed! (guid n/a)'],
  ['radio_crash', 'SER recovery start', '[  411.000001] mt7915e 0000:02:00.0: phy0 L1 SER recovery start.'],
  ['radio_crash', 'chip full reset', '[  411.000001] mt7915e 0000:01:00.0: chip full reset'],
  [
    'radio_crash',
    'halted or crashed',
    '[  411.000001] ieee80211 phy0: brcmf_fw_crashed: Firmware has halted or crashed',
  ],
  ['radio_restart', 'Hardware restart was', '[  411.000001] ieee80211 phy0: Hardware restart was requested'],
  ['radio_detail', 'SER recovery', '[  411.000009] mt7915e 0000:02:00.0: phy0 L1 SER recovery completed.'],
  ['radio_detail', 'ath10k_', '[  411.000009] ath10k_pci 0000:01:00.0: device successfully recovered'],
  [
    'radio_detail',
    'mt7',
    '[   12.400000] mt7915e 0000:01:00.0: HW/SW Version: 0x8a108a10, Build Time: 20221012174648a',
    ' Version: ',
  ],
  ['radio_detail', 'ieee80211 phy', '[  411.000001] ieee80211 phy0: change: 0x100'],
]);

const LINK_EVENTS = eventPatterns(['kernel'], OPENWRT, [
  ['bridge', ' state', '[  411.000001] br-lan: port 2(wlan0) entered forwarding state', 'entered '],
  ['bridge', ' mode', '[  411.000001] device lan1 entered promiscuous mode', 'entered '],
  ['bridge', ' mode', '[  411.000001] device eth0 left promiscuous mode', 'left '],
  ['link_down', 'Link is Down', '[  411.000001] mt7530 mdio-bus:1f lan1: Link is Down'],
  ['link_down', 'link down', '[  411.000001] mtk_soc_eth 1e100000.ethernet eth0: port 2 link down'],
  ['link_up', 'Link is Up', '[  411.000001] mt7530 mdio-bus:1f lan1: Link is Up - 1Gbps/Full - flow control off'],
  ['link_up', 'link up', '[  411.000001] mtk_soc_eth 1e100000.ethernet eth0: port 2 link up'],
  ['link_up', 'link becomes ready', '[  411.000001] IPv6: ADDRCONF(NETDEV_CHANGE): eth0: link becomes ready'],
  [
    'loop',
    'own address as source',
    '[  411.000001] br-lan: received packet on eth1 with own address as source address',
  ],
  [
    'loop',
    'duplicate address',
    '[  411.000001] IPv6: br-lan: IPv6 duplicate address fe80::200:5eff:fe00:5301 detected!',
  ],
  ['loop', 'NETDEV WATCHDOG', '[  411.000001] NETDEV WATCHDOG: eth0 (mtk_soc_eth): transmit queue 0 timed out'],
]);

const HARDWARE_EVENTS = [
  ...eventPatterns(['kernel'], RASPBERRY_PI, [
    ['power', 'Undervoltage detected', '[  411.000001] hwmon hwmon1: Undervoltage detected!'],
    ['power', 'Under-voltage detected', '[  411.000001] Under-voltage detected! (0x00050005)'],
    ['power_detail', 'Voltage normalised', '[  419.000001] hwmon hwmon1: Voltage normalised'],
  ]),
  ...eventPatterns(['kernel'], LINUX, [
    [
      'heat',
      'temperature reached',
      '[  411.000001] thermal thermal_zone0: critical temperature reached, shutting down',
    ],
    [
      'heat',
      'temperature above threshold',
      '[  411.000001] CPU0: Core temperature above threshold, cpu clock throttled',
    ],
    ['usb_fault', 'device descriptor read', '[  411.000001] usb 1-1: device descriptor read/64, error -71'],
    ['usb_fault', 'over-current', '[  411.000001] usb usb1-port2: over-current change #1'],
    ['usb', 'USB disconnect', '[  411.000001] usb 1-1: USB disconnect, device number 3'],
    ['usb', 'USB device', '[  411.000001] usb 1-1: new high-speed USB device number 3 using xhci_hcd'],
  ]),
];

/** What the kernel logs of itself and its machine; packets are the firewall's. */
export const KERNEL_EVENTS: readonly EventPattern[] = [
  ...BOOT_EVENTS,
  ...FAULT_EVENTS,
  ...MEMORY_EVENTS,
  ...STORAGE_EVENTS,
  ...RADIO_EVENTS,
  ...LINK_EVENTS,
  ...HARDWARE_EVENTS,
];
