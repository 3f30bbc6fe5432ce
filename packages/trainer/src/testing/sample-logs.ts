import type { LogEntry } from '@edgewood/logs';

/** Deterministic pseudo-random numbers in [0, 1). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return state / 2 ** 32;
  };
}

/**
 * An access point's ordinary day, from midnight of 2025-05-01 UTC on: stations come and go, in order of time, in chunks.
 *
 * @param stormAtMs a window's worth of disassociations begins here, if given.
 */
export async function* accessPointLog(options: {
  readonly hours: number;
  readonly devices?: readonly string[];
  readonly stormAtMs?: number;
  readonly seed?: number;
}): AsyncGenerator<readonly LogEntry[]> {
  const { hours, devices = ['1', '2'], stormAtMs, seed = 1 } = options;
  const random = generator(seed);
  const startMs = Date.parse('2025-05-01T00:00:00Z');
  for (let minute = 0; minute < hours * 60; minute += 1) {
    const fromMs = startMs + minute * 60_000;
    const entries = devices.flatMap((deviceId) => {
      const storm = stormAtMs !== undefined && fromMs >= stormAtMs && fromMs < stormAtMs + 300_000;
      const count = storm ? 60 : Math.floor(random() * 4);
      return Array.from({ length: count }, (): LogEntry => {
        const station = `00:00:5e:00:53:${Math.floor(random() * 20)
          .toString(16)
          .padStart(2, '0')}`;
        const message =
          storm || random() < 0.3 ? `wlan0: AP-STA-DISCONNECTED ${station}` : `wlan0: AP-STA-CONNECTED ${station}`;
        return {
          timeMs: fromMs + Math.floor(random() * 60_000),
          deviceId,
          program: 'hostapd',
          level: 'notice',
          message,
        };
      });
    });
    entries.sort((a, b) => a.timeMs - b.timeMs);
    if (entries.length > 0) yield entries;
  }
}
