/** Access points whose stations come and go by seeded chance, by day more than by night. */
import type { LogEntry } from '@edgewood/logs';

/** A Monday, 00:00 UTC. */
export const START_MS = Date.UTC(2025, 4, 5);
export const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const STATIONS = 12;
const MESSAGES = [
  'wlan0: AP-STA-CONNECTED STATION auth_alg=open',
  'wlan0: STA STATION WPA: pairwise key handshake completed (RSN)',
  'wlan0: AP-STA-DISCONNECTED STATION',
];

/** @returns the entries of some days from {@link START_MS} on, in order of time. */
export function accessPointDays(devices: readonly string[], days: number, seed = 1): readonly LogEntry[] {
  const random = seededRandom(seed);
  const entries: LogEntry[] = [];
  for (let fromMs = START_MS; fromMs < START_MS + days * DAY_MS; fromMs += MINUTE_MS) {
    const hour = Math.floor((fromMs % DAY_MS) / 3_600_000);
    for (const deviceId of devices) {
      for (let left = random() * (hour >= 7 && hour < 22 ? 2 : 0.6); left > 0.3; left -= 0.5) {
        const station = `00:00:5e:00:53:${(16 + Math.floor(random() * STATIONS)).toString(16)}`;
        const message = MESSAGES[Math.floor(random() * MESSAGES.length)]?.replace('STATION', station) ?? '';
        const timeMs = fromMs + Math.floor(random() * MINUTE_MS);
        entries.push({ timeMs, deviceId, program: 'hostapd', level: 'notice', message });
      }
    }
  }
  return entries.sort((a, b) => a.timeMs - b.timeMs);
}

/** Marsaglia's xorshift of 32 bits; numbers in [0, 1). */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
