import type { AgentProfile, LogWindow } from '@edgewood/features';
import type { Anomaly } from '../anomalies/anomaly.ts';
import type { AnalysedWindow } from '../anomalies/anomaly-store.ts';
import type { AgentConfig } from '../config.ts';
import { inferWith, type LiveModel, type ModelManager, type Samples } from '../models/model-manager.ts';
import type { Agent, SlotVerdict } from './agent.ts';
import { type Explaining, explainAnomaly } from './explain-anomaly.ts';

/** Where a forest agent finds its model; a `ModelManager` is one. */
export type LiveModels = Pick<ModelManager, 'live' | 'problem'>;

/** What of the configuration a forest agent heeds. */
export type ForestAgentSettings = Pick<AgentConfig, 'name' | 'severity'>;

/**
 * An agent that judges by an isolation forest: a window whose decision is below 0 is an anomaly. The model brings its own
 * windows and features. The WiFi agent is `createForestAgent(agentProfile('wifi'), models, settings)`.
 */
export function createForestAgent(profile: AgentProfile, models: LiveModels, settings: ForestAgentSettings): Agent {
  return {
    name: settings.name,
    programs: profile.programs,
    get problem() {
      return models.live === undefined ? (models.problem ?? 'no model was looked for yet') : undefined;
    },
    takeUp() {
      const { live } = models;
      if (live === undefined) return undefined;
      const { windowMs, groupBy, names } = live.extractor;
      const devices = live.model.metadata.devices ?? [];
      const inspect = (slot: readonly LogWindow[], { nowMs }: { nowMs: number }) => {
        return inspectSlot(live, slot, { profile, settings, detectedAtMs: nowMs });
      };
      return { windowMs, groupBy, devices, features: names, inspect };
    },
    stop: async () => {},
  };
}

function inspectSlot(live: LiveModel, slot: readonly LogWindow[], explaining: Explaining): SlotVerdict {
  const vectors = slot.map((window) => live.extractor.extract(window));
  const { scores, decisions, version } = inferWith(live, samplesOf(vectors, live.extractor.names.length));
  const windows = slot.map(({ deviceId, entries }, row): AnalysedWindow => {
    const [score = 0, decision = 0, vector] = [scores[row], decisions[row], vectors[row]];
    const judged = { score, decision, surprise: null, anomalous: decision < 0, modelVersion: version };
    return { deviceId, entries: entries.length, ...judged, vector };
  });
  const anomalies = slot.flatMap((window, row): Anomaly[] => {
    const { score, decision, vector } = windows[row] ?? {};
    if (vector === undefined || score == null || decision == null || decision >= 0) return [];
    const { forest, metadata } = live.model;
    const contributions = forest.contributions(vector);
    return [
      explainAnomaly({ window, vector, score, decision, offset: forest.offset, contributions }, metadata, explaining),
    ];
  });
  return { windows, anomalies };
}

function samplesOf(vectors: readonly Float64Array[], nFeatures: number): Samples {
  const data = new Float64Array(vectors.length * nFeatures);
  vectors.forEach((vector, row) => {
    data.set(vector, row * nFeatures);
  });
  return { data, nSamples: vectors.length, nFeatures };
}
