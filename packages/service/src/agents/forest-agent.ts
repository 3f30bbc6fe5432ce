import type { AgentProfile, LogWindow } from '@edgewood/features';
import type { Anomaly } from '../anomalies/anomaly.ts';
import { inferWith, type LiveModel, type ModelManager, type Samples } from '../models/model-manager.ts';
import type { Agent } from './agent.ts';
import { explainAnomaly } from './explain-anomaly.ts';

/** Where a forest agent finds its model; a `ModelManager` is one. */
export type LiveModels = Pick<ModelManager, 'live' | 'problem'>;

/**
 * An agent that judges by an isolation forest: a window whose decision is below 0 is an anomaly. The model brings its own
 * windows and features. The WiFi agent is `createForestAgent(agentProfile('wifi'), models)`.
 */
export function createForestAgent(profile: AgentProfile, models: LiveModels): Agent {
  return {
    name: profile.name,
    programs: profile.programs,
    get problem() {
      return models.live === undefined ? (models.problem ?? 'no model was looked for yet') : undefined;
    },
    takeUp() {
      const { live } = models;
      if (live === undefined) return undefined;
      const { windowMs, groupBy } = live.extractor;
      const devices = live.model.metadata.devices ?? [];
      const inspect = (slot: readonly LogWindow[], atMs: number) => inspectSlot(live, profile, slot, atMs);
      return { windowMs, groupBy, devices, inspect };
    },
  };
}

function inspectSlot(
  live: LiveModel,
  profile: AgentProfile,
  slot: readonly LogWindow[],
  detectedAtMs: number,
): readonly Anomaly[] {
  const { forest, metadata } = live.model;
  const vectors = slot.map((window) => live.extractor.extract(window));
  const { scores, decisions } = inferWith(live, samplesOf(vectors, live.extractor.names.length));
  return slot.flatMap((window, row) => {
    const [score = 0, decision = 0, vector] = [scores[row], decisions[row], vectors[row]];
    if (decision >= 0 || vector === undefined) return [];
    const contributions = forest.contributions(vector);
    const verdict = { window, vector, score, decision, offset: forest.offset, contributions };
    return [explainAnomaly(verdict, profile, metadata, detectedAtMs)];
  });
}

function samplesOf(vectors: readonly Float64Array[], nFeatures: number): Samples {
  const data = new Float64Array(vectors.length * nFeatures);
  vectors.forEach((vector, row) => {
    data.set(vector, row * nFeatures);
  });
  return { data, nSamples: vectors.length, nFeatures };
}
