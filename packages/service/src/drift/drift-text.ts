/** What is said of drift in the log and in the health. */
import type { AgentDrift } from './agent-drift.ts';
import type { FeatureMovement } from './model-drift.ts';

/** How many features a sentence names. */
const NAMED_FEATURES = 3;

/**
 * `the last week of wifi against its training (20250607_230000): scores moved by 0.03; largest drift of 54 features:
 * log_count 0.31 (median 12, was 5)`.
 */
export function weekText({ agent, week }: AgentDrift): string {
  const scores = week.score === undefined ? '' : `scores moved by ${week.score.index.toFixed(2)}; `;
  const largest = week.features.slice(0, NAMED_FEATURES).map(featureText).join(', ');
  const features = `largest drift of ${week.features.length} features: ${largest === '' ? 'none' : largest}`;
  return `the last week of ${agent} against its training (${week.version}): ${scores}${features}`;
}

/** `wifi: what it sees has moved far from the training of 20250607_230000 since 2025-06-20: train it anew; …`. */
export function adviceText(drift: AgentDrift): string {
  const { agent, week, sinceMs = drift.atMs } = drift;
  const since = new Date(sinceMs).toISOString().slice(0, 10);
  const far = `what it sees has moved far from the training of ${week.version} since ${since}`;
  return `${agent}: ${far}: training is advised; ${weekText(drift)}`;
}

function featureText({ feature, index, before, now }: FeatureMovement): string {
  return `${feature} ${index.toFixed(2)} (median ${short(now.p50)}, was ${short(before.p50)})`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}
