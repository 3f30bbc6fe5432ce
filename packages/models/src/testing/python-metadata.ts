import type { ModelMetadata } from '../model-metadata.ts';
import { type AgentName, type ModelVersion, modelFile } from '../model-version.ts';

/** Metadata with the specification's nine fields and no others, as somebody's Python script writes it. */
export function metadataOf(agent: AgentName, version: ModelVersion): ModelMetadata {
  return {
    model_version: version,
    model_file: modelFile(agent, version),
    agent_name: agent,
    training_date: '2025-06-07T23:00:00.123456',
    training_data_source: 'wifi_logs_may.csv',
    training_log_count: 43_200,
    hyperparameters: { n_estimators: 100, contamination: 0.01, max_samples: 'auto', random_state: 42 },
    features_used: ['log_count', 'error_ratio', 'distinct_devices'],
  };
}
