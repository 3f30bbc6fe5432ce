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
/** The severity of a score that is the forest's offset. */
const AT_OFFSET = 0.5;

const MINUTE_MS = 60_000;
/** Scores have four decimals, so that what is compared is what is written. */
const UNITS = 10_000;

/** By what scores of different forests are compared. */
export interface ForestScale {
  /** The forest's own threshold, which scikit-learn has. */
  readonly offset: number;
  /** The median score of training; left out where the version does not tell it. */
  readonly usual?: number | undefined;
}

/**
 * How odd a forest finds a window, in [0, 1), so that forests of different offsets and spreads can be compared: 0 is what
 * is usual, 0.5 the offset, and twice as far from what is usual is two thirds. Above 0.5 if and only if the score is below
 * the offset.
 *
 * @param score in `[-1, 0)`.
 */
export function forestSeverity(score: number, { offset, usual = 0 }: ForestScale): number {
  const from = usual > offset ? usual : 0; // half of all windows may be below the offset
  const distance = Math.max(0, (from - score) / (from - offset));
  const severity = distance / (1 + distance);
  if (score - offset < 0) return Math.max(AT_OFFSET + 1 / UNITS, Math.ceil(severity * UNITS) / UNITS);
  return Math.min(AT_OFFSET, Math.floor(severity * UNITS) / UNITS);
}

/** @returns undefined where the windows hold all devices: an alarm is of one. */
export function forestAlarm(
  { deviceId, fromMs, toMs, score }: Omit<ForestJudgement, 'vector'>,
  scale: ForestScale,
): Alarm | undefined {
  if (deviceId === null) return undefined;
  return { deviceId, atMs: toMs, windowMs: toMs - fromMs, score: forestSeverity(score, scale) };
}

/** Its window is the span over which the largest surprise was counted. */
export function surpriseAlarm({ deviceId, fromMs, toMs, reasons }: SurpriseJudgement): Alarm {
  const windowMs = Math.max(toMs - fromMs, (reasons[0]?.minutes ?? 0) * MINUTE_MS);
  return { deviceId, atMs: toMs, windowMs, score: surpriseOf(reasons) };
}
