/**
 * A log without an end, made as it is read: what a window holds follows from its number alone, so that nothing of it has to
 * be kept. Access points with stations that come, a storm now and then, one that is silent for an hour a day, and entries
 * that arrive long after their time.
 */
import type { LogEntry } from '@edgewood/logs';

/** Of the windows that the log is made in, and that the agents of the soak look at. */
export const WINDOW_MS = 300_000;
/** Midnight, the beginning of the log. */
export const START_MS = Date.parse('2025-05-01T00:00:00Z');
export const DEVICES = ['1', '2', '3', '4'] as const;

const WINDOWS_PER_HOUR = 12;
const WINDOWS_PER_DAY = 288;
/** In every so many windows, one has a storm of stations that leave. */
const STORM_EVERY = 23;
const STATIONS_IN_A_STORM = 40;
/** Device 4 says nothing in this hour of each day. */
const SILENT_HOUR = 3;
/** In every so many windows, what device 2 wrote arrives late. */
const LATE_EVERY = 41;
const LATE_MS = 25 * 60_000;
/** Lines that only the silence agent reads, of each device and window. */
const KERNEL_LINES = 20;

/** An entry, and when the table has it, Unix milliseconds. */
export interface ArrivingEntry {
  readonly entry: LogEntry;
  readonly arrivesMs: number;
}

/** How many windows have begun since the beginning of the log. */
export function windowOf(timeMs: number): number {
  return Math.floor((timeMs - START_MS) / WINDOW_MS);
}

/** The entries of the `n`-th window in order of time; none before the first. */
export function entriesOf(n: number): readonly ArrivingEntry[] {
  if (n < 0) return [];
  return DEVICES.flatMap((deviceId, index) => (isSilent(deviceId, n) ? [] : entriesOfDevice(n, deviceId, index))).sort(
    (a, b) => a.entry.timeMs - b.entry.timeMs,
  );
}

function isSilent(deviceId: string, n: number): boolean {
  return deviceId === '4' && Math.floor((n % WINDOWS_PER_DAY) / WINDOWS_PER_HOUR) === SILENT_HOUR;
}

function entriesOfDevice(n: number, deviceId: string, index: number): ArrivingEntry[] {
  const isStorm = index === 0 && n % STORM_EVERY === STORM_EVERY - 1;
  const stations = isStorm ? STATIONS_IN_A_STORM : 1 + ((n + index) % 2);
  const isLate = deviceId === '2' && n % LATE_EVERY === LATE_EVERY - 1;
  const at = (second: number) => START_MS + n * WINDOW_MS + 1_000 * second + index;
  const entry = (second: number, program: string, message: string): ArrivingEntry => ({
    entry: { timeMs: at(second), deviceId, program, level: 'notice', message },
    arrivesMs: at(second) + (isLate ? LATE_MS : 0),
  });
  const what = isStorm ? 'AP-STA-DISCONNECTED' : 'AP-STA-CONNECTED';
  return [
    ...Array.from({ length: stations }, (_, station) =>
      entry(station + 1, 'hostapd', `wlan0: ${what} 00:00:5e:00:53:${station.toString(16).padStart(2, '0')}`),
    ),
    ...Array.from({ length: KERNEL_LINES }, (_, line) => entry(60 + 10 * line, 'kernel', `eth0: line ${n}.${line}`)),
  ];
}
