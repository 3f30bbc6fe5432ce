/** An alarm: a detector found a device odd at a moment, and how odd. What turns judgements into alarms is here. */
import { surpriseOf } from '@edgewood/detection';
import type { ForestJudgement, SurpriseJudgement } from './replay-log.ts';

export interface Alarm {
  readonly deviceId: string;
  /** The end of the window, when the alarm could be raised. */
  readonly atMs: number;
  /** How long a span of the log it judges, ending at `atMs`. */
  readonly windowMs: number;
  /** Higher is worse; what it means, and where it is an anomaly, depends on the detector. */
  readonly score: number;
}

/** Windows of a score above these are worth a line in a list of alarms, by detector. */
export const ALARM_FLOORS = { forest: 0.4, surprise: 0.5 } as const;
/** Above it a forest's severity is that of an anomaly: a decision below 0. */
export const FOREST_THRESHOLD = 0.5;

const MINUTE_MS = 60_000;
/** Scores have four decimals, so that what is compared is what is written. */
const UNITS = 10_000;

/**
 * How odd a forest finds a window, in [0, 1], so that forests of different offsets can be compared: 0.5 is the offset, 1 is
 * the worst score there is. Above 0.5 if and only if the decision is below 0.
 *
 * @param score scikit-learn's, in `[-1, 0)`.
 */
export function forestSeverity(score: number, offset: number): number {
  const isAnomaly = score - offset < 0;
  if (isAnomaly) return Math.ceil((0.5 + (0.5 * (offset - score)) / (offset + 1)) * UNITS) / UNITS;
  return Math.floor(((0.5 * score) / offset) * UNITS) / UNITS;
}

/** @returns undefined where the windows hold all devices: an alarm is of one. */
export function forestAlarm({ deviceId, fromMs, toMs, score }: ForestJudgement, offset: number): Alarm | undefined {
  if (deviceId === null) return undefined;
  return { deviceId, atMs: toMs, windowMs: toMs - fromMs, score: forestSeverity(score, offset) };
}

/** Its window is the span over which the largest surprise was counted. */
export function surpriseAlarm({ deviceId, fromMs, toMs, reasons }: SurpriseJudgement): Alarm {
  const windowMs = Math.max(toMs - fromMs, (reasons[0]?.minutes ?? 0) * MINUTE_MS);
  return { deviceId, atMs: toMs, windowMs, score: surpriseOf(reasons) };
}
