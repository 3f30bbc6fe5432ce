import type { FeatureTable } from './feature-table.ts';
import { eventCount, GENERAL_FEATURES, UNKNOWN_EVENTS, WARNING_COUNT } from './general-features.ts';

const MACHINE_FEATURES: FeatureTable = [
  eventCount('boot_events', 'Starts of the kernel.', 'boot'),
  eventCount('shutdown_events', 'Orderly shutdowns, restarts and upgrades.', 'shutdown'),
  eventCount('kernel_fault_events', 'Warnings, panics, stalls and lockups of the kernel, each once.', 'kernel_fault'),
  eventCount('memory_events', 'Programs killed and requests refused for want of memory.', 'out_of_memory'),
  eventCount('storage_fault_events', 'Errors of file systems and of what they are on.', 'storage_fault'),
  eventCount(
    'hardware_fault_events',
    'Too little voltage, too much heat, USB devices that do not answer.',
    'power',
    'heat',
    'usb_fault',
  ),
  eventCount(
    'radio_crash_events',
    "Crashes of a radio's firmware, and restarts after them.",
    'radio_crash',
    'radio_restart',
  ),
  eventCount(
    'radio_trouble_events',
    'Signs of a radio in trouble: missed beacons, orders not answered.',
    'radio_trouble',
  ),
];

const NETWORK_FEATURES: FeatureTable = [
  eventCount('link_down_events', 'Cables and links that went down.', 'link_down'),
  eventCount('network_loop_events', 'Own packets that came back, addresses used twice, stuck queues.', 'loop'),
  eventCount('uplink_lease_events', 'Addresses that the uplink got or kept, the heartbeat of many uplinks.', 'lease'),
  eventCount(
    'uplink_trouble_events',
    'Interfaces that went down, and addresses that the uplink did not get at once.',
    'interface_down',
    'lease_trouble',
  ),
];

const SERVICE_FEATURES: FeatureTable = [
  eventCount('crash_events', 'Programs that crashed, or that keep crashing.', 'crashed'),
  {
    name: 'crashed_service_count',
    unit: 'services',
    doc: 'Different programs that crashed.',
    revision: 1,
    compute: (facts) => facts.distinct('crashed_service'),
  },
  eventCount('fault_events', 'Other errors of programs.', 'fault'),
  eventCount('cron_events', 'Jobs started by the clock.', 'cron'),
  eventCount('clock_step_events', 'Times that the clock jumped or was found to be wrong.', 'clock_step'),
  eventCount('clock_lost_events', 'Times that no time server could be used.', 'clock_lost'),
  eventCount('log_fault_events', 'Log lines dropped, or not delivered.', 'log_fault'),
];

const LOGIN_FEATURES: FeatureTable = [
  eventCount('login_events', 'People let in.', 'login'),
  eventCount('login_failure_events', 'Wrong passwords, keys and names.', 'login_failed'),
  eventCount(
    'abandoned_login_events',
    'Connections that ended before anybody was let in, unknown users among them.',
    'login_abandoned',
    'login_unknown',
  ),
  {
    name: 'failed_login_source_count',
    unit: 'sources',
    doc: 'Different addresses of logins that failed or were abandoned.',
    revision: 1,
    compute: (facts) => facts.distinct('intruder'),
  },
  {
    name: 'failed_login_user_count',
    unit: 'names',
    doc: 'Different user names of logins that failed.',
    revision: 1,
    compute: (facts) => facts.distinct('victim'),
  },
  eventCount(
    'radius_failure_events',
    'Logins to the network that the RADIUS server refused or ignored.',
    'radius_failed',
  ),
];

/** All features of the system agent; `docs/features.md` is made from this table. */
export const SYSTEM_FEATURES: FeatureTable = [
  ...GENERAL_FEATURES,
  WARNING_COUNT,
  ...MACHINE_FEATURES,
  ...NETWORK_FEATURES,
  ...SERVICE_FEATURES,
  ...LOGIN_FEATURES,
  UNKNOWN_EVENTS,
];
