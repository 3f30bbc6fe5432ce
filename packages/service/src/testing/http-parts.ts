import type { LogEntry } from '@edgewood/logs';
import type { Anomaly } from '../anomalies/anomaly.ts';
import type { AnalysedSlot, AnomalyStore } from '../anomalies/anomaly-store.ts';
import type { ServiceConfig } from '../config.ts';
import { createServiceEvents } from '../events.ts';
import type { HttpParts } from '../http/http-parts.ts';
import { PrometheusMetrics } from '../metrics/prometheus-metrics.ts';
import { FakeServiceControl } from './fake-service-control.ts';
import { ManualClock } from './manual-clock.ts';
import { MemoryAnomalyStore } from './memory-anomaly-store.ts';
import { RecordingLog } from './recording-log.ts';

const WINDOW_MS = 300_000;
const FEATURES = ['log_count', 'station_count'] as const;

/** Devices of the stores that are filled here. */
export const DEVICES = ['1', 'ap "süd"'] as const;

function anomalyIn(n: number, deviceId: string): Anomaly {
  return {
    agent: 'wifi',
    deviceId,
    fromMs: n * WINDOW_MS,
    toMs: (n + 1) * WINDOW_MS,
    kind: 'unusual',
    score: -0.7,
    decision: -0.1,
    detectors: ['forest'],
    surprise: null,
    severity: 0.3,
    level: 'low',
    why: 'log_count 40 (usually 0–9)',
    modelVersion: '20250607_230000',
    features: [
      { feature: 'log_count', value: 40, expected: { low: 0, high: 9 }, contribution: -1.5 },
      { feature: 'station_count', value: Number.NaN, expected: undefined, contribution: 0 },
    ],
    exampleLines: ['hostapd: wlan0: AP-STA-DISCONNECTED 00:00:5e:00:53:01'],
    detectedAtMs: (n + 2) * WINDOW_MS,
  };
}

/** The `n`-th window of five minutes since 1970; those of the devices named are odd. */
export function slotAt(n: number, odd: readonly string[] = []): AnalysedSlot {
  const windows = DEVICES.map((deviceId, index) => {
    const score = odd.includes(deviceId) ? -0.7 : -0.4 - index / 9;
    return {
      deviceId,
      entries: n + index,
      score,
      decision: score + 0.6,
      surprise: n / 4,
      anomalous: odd.includes(deviceId),
      modelVersion: '20250607_230000',
      vector: Float64Array.of(n, Number.NaN),
    };
  });
  return {
    agent: 'wifi',
    fromMs: n * WINDOW_MS,
    toMs: (n + 1) * WINDOW_MS,
    windows,
    features: [...FEATURES],
    anomalies: odd.map((deviceId) => anomalyIn(n, deviceId)),
    quietMs: 2 * WINDOW_MS,
    analysedAtMs: (n + 2) * WINDOW_MS,
  };
}

/** Lines of both devices, one a minute, in the first `windows` windows. */
export function linesOf(windows: number): LogEntry[] {
  return Array.from({ length: windows * 5 * DEVICES.length }, (_, n) => ({
    timeMs: Math.floor(n / DEVICES.length) * 60_000,
    deviceId: DEVICES[n % DEVICES.length] as string,
    program: 'hostapd',
    level: 'info',
    message: `line ${n}`,
  }));
}

/** Settings as nobody would need to write them, on a port that is free. */
export const OPEN_SETTINGS: ServiceConfig['http'] = {
  host: '127.0.0.1',
  port: 0,
  tokens: [],
  readWithoutToken: true,
  requestsPerMinute: 1_000_000,
};

/** Everything that an HTTP server is made of, as fakes that a test can reach; the store may be a real one. */
export function createHttpParts(
  settings: Partial<HttpParts['settings']> = {},
  store: AnomalyStore & { failing: boolean } = new MemoryAnomalyStore(),
) {
  const events = createServiceEvents();
  return {
    store,
    events,
    control: new FakeServiceControl(store, events),
    metrics: new PrometheusMetrics(),
    log: new RecordingLog(),
    clock: new ManualClock(900_000),
    settings: { ...OPEN_SETTINGS, ...settings },
  } satisfies HttpParts;
}

/** Stores some windows, the first three of them odd on both devices, and tells of them. */
export async function fill({ store, events, control }: ReturnType<typeof createHttpParts>, windows = 3): Promise<void> {
  for (let n = 0; n < windows; n += 1) {
    const changes = await store.append(slotAt(n, n < 3 ? DEVICES : []));
    for (const change of changes) events.emit(change.kind, change);
    await store.markAnnounced(changes.at(-1)?.seq ?? 0);
  }
  control.log.push(...linesOf(windows));
}
