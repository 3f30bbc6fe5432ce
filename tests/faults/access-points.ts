/**
 * The traffic of access points in windows of one second, and a model of it. What is logged in a window follows from its
 * time and the seed alone, so that it can be written while the service runs and looked at again afterwards.
 */
import { agentProfile, createFeatureExtractor, tumblingWindows } from '@edgewood/features';
import { IsolationForest } from '@edgewood/isolation-forest';
import type { LogEntry } from '@edgewood/logs';
import { activate, type ModelFiles, type ModelVersion, parseAgentName, saveModel } from '@edgewood/models';
import { seededRandom } from '../../packages/surprise/src/testing/seeded-random.ts';

/** Length of a window, in milliseconds: the shortest that there is. */
export const WINDOW_MS = 1_000;
export const DEVICES: readonly string[] = Array.from({ length: 12 }, (_, n) => String(n + 1));
/** The device whose storms are written late; between two of them its incident ends. */
const LATE_DEVICE = '12';
const LATE_STORM_EVERY = 11;
/** Devices with a cron of their own, and the one whose cron is silent for the second half of every minute. */
const CRON_DEVICES: readonly string[] = ['1', '2', '3'];
const SILENT_DEVICE = '3';
const STORM_SHARE = 0.05;
/** Stations that leave at once in a storm. */
const STORM_STATIONS = 40;

const FEATURES = ['log_count', 'disassociation_events', 'station_count'] as const;
const TRAINING_WINDOWS = 400;
const TRAINED_AT_MS = Date.parse('2025-05-01T00:00:00Z');

export interface WindowTraffic {
  /** Written before the window is due. */
  readonly inTime: readonly LogEntry[];
  /** Written when it has been analysed. */
  readonly late: readonly LogEntry[];
}

/**
 * What is logged in the window that begins at `fromMs`.
 *
 * @param calm without storms and silences: incidents end.
 */
export function trafficOf(fromMs: number, seed: number, calm = false): WindowTraffic {
  const n = fromMs / WINDOW_MS;
  const random = seededRandom(seed ^ n);
  const inTime: LogEntry[] = [];
  for (const deviceId of DEVICES) {
    const storms = random() < STORM_SHARE && deviceId !== LATE_DEVICE && !calm;
    const stations = Math.floor(random() * 3);
    inTime.push(...stationEvents(fromMs, deviceId, storms ? STORM_STATIONS : stations, storms));
  }
  const isSilent = !calm && n % 60 >= 30 && n % 60 < 50;
  for (const deviceId of CRON_DEVICES) {
    if (deviceId === SILENT_DEVICE && isSilent) continue;
    inTime.push({ timeMs: fromMs + 500, deviceId, program: 'crond', level: 'info', message: `USER root pid ${n}` });
  }
  const late = !calm && n % LATE_STORM_EVERY === 0 ? stationEvents(fromMs, LATE_DEVICE, STORM_STATIONS, true) : [];
  return { inTime, late };
}

function stationEvents(fromMs: number, deviceId: string, count: number, leave: boolean): LogEntry[] {
  return Array.from({ length: count }, (_, at): LogEntry => {
    const station = `00:00:5e:00:53:${at.toString(16).padStart(2, '0')}`;
    const message = `wlan0: ${leave ? 'AP-STA-DISCONNECTED' : 'AP-STA-CONNECTED'} ${station}`;
    return { timeMs: fromMs + 10 * (at + 1), deviceId, program: 'hostapd', level: 'notice', message };
  });
}

/** One forest, saved as so many versions: whichever is live finds the same. The first one is made live. */
export async function addVersions(files: ModelFiles, versions: number): Promise<ModelVersion[]> {
  const agent = parseAgentName('wifi');
  const extractor = createFeatureExtractor({ agent: agentProfile('wifi'), features: FEATURES, windowMs: WINDOW_MS });
  const cut = { windowMs: WINDOW_MS, groupBy: 'device', devices: DEVICES } as const;
  const vectors: Float64Array[] = [];
  for await (const slot of tumblingWindows(trainingEntries(), undefined, cut)) {
    vectors.push(...slot.map((window) => extractor.extract(window)));
  }
  const settings = { nEstimators: 20, contamination: STORM_SHARE, randomState: 42 };
  const forest = new IsolationForest(settings).fit(vectors.map((vector) => Array.from(vector)));
  const saved: ModelVersion[] = [];
  for (let n = 0; n < versions; n += 1) {
    const version = await saveModel(files, agent, {
      forest: forest.state,
      trainedAtMs: TRAINED_AT_MS + n * 60_000,
      probeVectors: vectors.slice(0, 4),
      metadata: {
        training_data_source: 'access-points.ts',
        training_log_count: vectors.length,
        hyperparameters: { n_estimators: 20, contamination: STORM_SHARE, max_samples: 'auto', random_state: 42 },
        features_used: [...FEATURES],
        window_seconds: WINDOW_MS / 1000,
        group_by: 'device',
        feature_fingerprint: extractor.fingerprint,
        devices: [...DEVICES],
      },
    });
    saved.push(version);
  }
  const [first] = saved;
  if (first !== undefined) await activate(files, agent, first);
  return saved;
}

async function* trainingEntries(): AsyncGenerator<LogEntry[]> {
  for (let n = 0; n < TRAINING_WINDOWS; n += 1) {
    const { inTime } = trafficOf(TRAINED_AT_MS + n * WINDOW_MS, 1);
    yield inTime.filter(({ program }) => program === 'hostapd').sort((a, b) => a.timeMs - b.timeMs);
  }
}
