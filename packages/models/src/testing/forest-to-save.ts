import { IsolationForest } from '@edgewood/isolation-forest';
import type { ModelToSave } from '../save-model.ts';

/** Two odd rows among sixty that lie on a small grid. */
const SAMPLES: readonly (readonly number[])[] = [
  ...Array.from({ length: 60 }, (_, row) => [row % 6, (row % 10) / 10, row % 4]),
  [90, 1, 40],
  [0, 9, 77],
];

/** A small forest of three features with what is saved beside it, trained at 2025-06-07T23:00:00.250Z. */
export function forestToSave(changes: Partial<ModelToSave> = {}): ModelToSave {
  const forest = new IsolationForest({ nEstimators: 10, contamination: 0.05, randomState: 42 }).fit(SAMPLES);
  return {
    forest: forest.state,
    trainedAtMs: Date.parse('2025-06-07T23:00:00.250Z'),
    probeVectors: [SAMPLES[0] ?? [], SAMPLES[60] ?? [], SAMPLES[61] ?? []],
    metadata: {
      training_data_source: 'wifi_logs_may.csv',
      training_log_count: 43_200,
      hyperparameters: { n_estimators: 10, contamination: 0.05, max_samples: 'auto', random_state: 42 },
      features_used: ['log_count', 'error_ratio', 'distinct_devices'],
      window_seconds: 300,
      group_by: 'device',
      feature_fingerprint: 'a'.repeat(64),
    },
    ...changes,
  };
}
