import type { SurpriseReason } from '@edgewood/surprise';

/** Where alarms begin. */
export interface Thresholds {
  /** A scikit-learn score, in `(-1, 0)`: below it is an alarm. */
  readonly forest: number;
  /** From it on is an alarm. */
  readonly surprise: number;
}

/** What somebody wants of them; what is left out or undefined is left as it is. */
export type ThresholdChoice = { readonly [Detector in keyof Thresholds]?: Thresholds[Detector] | undefined };

/** Surprises from here on are alarms, unless a version or a person says something else. */
export const SURPRISE_THRESHOLD = 4.3;

/** Surprises have four decimals, so that what is compared is what is written. */
const UNITS = 10_000;

/**
 * The thresholds to judge by: what was asked for, else what training chose, else the forest's own, which scikit-learn has,
 * and {@link SURPRISE_THRESHOLD}.
 *
 * @param offset the forest's.
 */
export function thresholdsOf(offset: number, ...choices: readonly (ThresholdChoice | undefined)[]): Thresholds {
  const chosen = (detector: keyof Thresholds) =>
    choices.map((choice) => choice?.[detector]).find((threshold) => threshold !== undefined);
  return { forest: chosen('forest') ?? offset, surprise: chosen('surprise') ?? SURPRISE_THRESHOLD };
}

/**
 * How surprising something is.
 *
 * @param reasons the most surprising first.
 * @returns 0 without reasons; four decimals.
 */
export function surpriseOf([first]: readonly SurpriseReason[]): number {
  return Math.round((first?.score ?? 0) * UNITS) / UNITS;
}
