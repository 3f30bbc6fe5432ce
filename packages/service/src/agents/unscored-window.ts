import type { AnalysedWindow } from '../anomalies/anomaly-store.ts';

/** A window of which no model said anything. */
export function unscoredWindow(deviceId: string | null, entries: number, anomalous: boolean): AnalysedWindow {
  return { deviceId, entries, score: null, decision: null, surprise: null, anomalous, modelVersion: null };
}
