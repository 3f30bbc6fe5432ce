/** Two access points that do every day what access points do, by seeded chance: enough to learn from, small enough to do so in a test. */
import type { LogEntry } from '@edgewood/logs';
import { SLOT_MS, slotOf } from '../slot-time.ts';
import { poisson, seededRandom } from './seeded-random.ts';

export const DEVICES = ['attic', 'cellar'] as const;
/** A Monday, 00:00 UTC. */
export const FIRST_SLOT = slotOf(Date.UTC(2025, 4, 5));
export const SLOTS_PER_DAY = 288;

/** Entries of a device by slot; slots without any are not in it. */
export type SlotEntries = ReadonlyMap<number, readonly LogEntry[]>;

/** What comes so often in a slot by day; by night a fourth of it. */
const ORDINARY: readonly { readonly perSlot: number; readonly program: string; readonly message: string }[] = [
  { perSlot: 3, program: 'hostapd', message: 'wlan0: AP-STA-CONNECTED STATION auth_alg=open' },
  { perSlot: 3, program: 'hostapd', message: 'wlan0: STA STATION WPA: pairwise key handshake completed (RSN)' },
  { perSlot: 2, program: 'hostapd', message: 'wlan0: AP-STA-DISCONNECTED STATION' },
  { perSlot: 6, program: 'dnsmasq', message: 'query[A] host.example.net from 192.168.1.20' },
  { perSlot: 0.02, program: 'hostapd', message: 'wlan0: AP-STA-POSSIBLE-PSK-MISMATCH STATION' },
];
const STATIONS = 12;
/** Comes every five minutes, whatever the hour: so that a silence is one. */
const HEARTBEAT = 'USER root pid 1234 cmd /usr/sbin/report';

/** @param level how much more there is than usual. */
export function ordinaryEntries(device: string, slot: number, random: () => number, level = 1): LogEntry[] {
  const entries: LogEntry[] = [entryOf(device, slot, 0, 'crond', HEARTBEAT)];
  const hour = Math.floor(slot / 12) % 24;
  const ofHour = (hour >= 7 && hour < 22 ? 1 : 0.25) * level;
  for (const { perSlot, program, message } of ORDINARY) {
    for (let count = poisson(random, perSlot * ofHour); count > 0; count -= 1) {
      const text = message.replace('STATION', stationOf(device, Math.floor(random() * STATIONS)));
      entries.push(entryOf(device, slot, Math.floor(random() * SLOT_MS), program, text));
    }
  }
  return inOrder(entries);
}

export function entryOf(deviceId: string, slot: number, offsetMs: number, program: string, message: string): LogEntry {
  return { timeMs: slot * SLOT_MS + offsetMs, deviceId, program, level: 'info', message };
}

export function stationOf(device: string, at: number): string {
  return `00:00:5e:00:5${device.length % 10}:${(at + 16).toString(16)}`;
}

export function inOrder(entries: readonly LogEntry[]): LogEntry[] {
  return entries.toSorted((a, b) => a.timeMs - b.timeMs);
}

/** Days of a device that are like all others. */
export function ordinaryDays(device: string, fromDay: number, days: number, seed: number): Map<number, LogEntry[]> {
  const random = seededRandom(seed);
  const slots = new Map<number, LogEntry[]>();
  const first = FIRST_SLOT + fromDay * SLOTS_PER_DAY;
  for (let slot = first; slot < first + days * SLOTS_PER_DAY; slot += 1) {
    slots.set(slot, ordinaryEntries(device, slot, random));
  }
  return slots;
}
