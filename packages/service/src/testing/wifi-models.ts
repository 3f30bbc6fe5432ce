import { DeviceSlots } from '@edgewood/detection';
import { agentProfile, createFeatureExtractor, tumblingWindows, type WindowGrouping } from '@edgewood/features';
import { IsolationForest } from '@edgewood/isolation-forest';
import type { LogEntry } from '@edgewood/logs';
import {
  activate,
  type ModelFiles,
  type ModelToSave,
  type ModelVersion,
  parseAgentName,
  saveModel,
} from '@edgewood/models';
import { BaselineLearner, createKindFinder, formatBaseline } from '@edgewood/surprise';

export const WINDOW_MS = 300_000;
/** Midnight, the beginning of all logs here. */
export const START_MS = Date.parse('2025-05-01T00:00:00Z');

/** Models are trained on so many: two days. */
export const TRAINED_WINDOWS = 576;

const wifi = agentProfile('wifi');
export const FEATURES = ['log_count', 'disassociation_events', 'station_count'] as const;

/** An ordinary access point: one or two stations come in every window; in the windows named, forty leave at once. */
export function quietLog(
  windows: number,
  options: { devices?: readonly string[]; storms?: readonly number[] } = {},
): LogEntry[] {
  const { devices = ['1', '2'], storms = [] } = options;
  return Array.from({ length: windows }, (_, n) =>
    devices.flatMap((deviceId, index) => {
      const storm = storms.includes(n) && index === 0;
      const count = storm ? 40 : 1 + ((n + index) % 2);
      return Array.from({ length: count }, (_entry, at): LogEntry => {
        const station = `00:00:5e:00:53:${at.toString(16).padStart(2, '0')}`;
        return {
          timeMs: START_MS + n * WINDOW_MS + 1_000 * (at + 1) + index,
          deviceId,
          program: 'hostapd',
          level: 'notice',
          message: `wlan0: ${storm ? 'AP-STA-DISCONNECTED' : 'AP-STA-CONNECTED'} ${station}`,
        };
      });
    }),
  )
    .flat()
    .sort((a, b) => a.timeMs - b.timeMs);
}

/** What is usual in the windows that {@link addModel} trains on. */
function learnBaseline() {
  const learner = new BaselineLearner(createKindFinder([wifi]));
  const slots = new DeviceSlots((slot, device, entries) => learner.add(slot, device, entries));
  slots.add(quietLog(TRAINED_WINDOWS, { storms: [100, 300] }));
  slots.finish();
  return learner.finish();
}

/** Trains on two days of the quiet log with two storms in them, saves, and makes the version live unless told otherwise. */
export async function addModel(
  files: ModelFiles,
  options: {
    trainedAtMs?: number;
    activated?: boolean;
    randomState?: number;
    /** Whether it is saved with what is usual. */
    baseline?: boolean;
    groupBy?: WindowGrouping;
    metadata?: Partial<ModelToSave['metadata']>;
  } = {},
): Promise<ModelVersion> {
  const {
    trainedAtMs = START_MS,
    activated = true,
    randomState = 42,
    baseline = false,
    groupBy = 'device',
    metadata,
  } = options;
  const extractor = createFeatureExtractor({ agent: wifi, features: FEATURES, windowMs: WINDOW_MS, groupBy });
  const vectors: Float64Array[] = [];
  const chunks = (async function* () {
    yield quietLog(TRAINED_WINDOWS, { storms: [100, 300] });
  })();
  for await (const slot of tumblingWindows(chunks, undefined, extractor))
    vectors.push(...slot.map((w) => extractor.extract(w)));
  const forest = new IsolationForest({ nEstimators: 20, contamination: 0.01, randomState }).fit(
    vectors.map((v) => Array.from(v)),
  );
  const agent = parseAgentName('wifi');
  const version = await saveModel(files, agent, {
    forest: forest.state,
    trainedAtMs,
    probeVectors: vectors.slice(0, 4),
    extraFiles: baseline ? [{ what: 'baseline', extension: 'json', bytes: formatBaseline(learnBaseline()) }] : [],
    metadata: {
      training_data_source: 'quiet.csv',
      training_log_count: 1_000,
      hyperparameters: { n_estimators: 20, contamination: 0.01, max_samples: 'auto', random_state: randomState },
      features_used: [...FEATURES],
      window_seconds: WINDOW_MS / 1000,
      group_by: groupBy,
      feature_fingerprint: extractor.fingerprint,
      devices: ['1', '2'],
      ...metadata,
    },
  });
  if (activated) await activate(files, agent, version);
  return version;
}
