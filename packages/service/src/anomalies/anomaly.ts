import type { Detector } from '@edgewood/detection';
import type { SurpriseReason } from '@edgewood/surprise';

/** One feature of an anomalous window, and what it had to do with it. */
export interface FeatureFinding {
  readonly feature: string;
  readonly value: number;
  /** Where the feature lay in 98 % of the training windows; undefined if the model's metadata does not say. */
  readonly expected: { readonly low: number; readonly high: number } | undefined;
  /**
   * By how much the feature lengthened the window's mean path through the trees, in splits; negative made it more
   * abnormal. All of a window's contributions add up to the difference of its path from the expected one.
   */
  readonly contribution: number;
}

/** How surprising an anomalous window was. */
export interface SurpriseFinding {
  /** -log10 of episodes per device and day, 0 or more. */
  readonly score: number;
  /** From here on it is an alarm. */
  readonly threshold: number;
  /** The most surprising first; none if nothing was surprising. */
  readonly reasons: readonly SurpriseReason[];
}

/** How bad, in a word: what alerts are chosen by. In this order. */
export const SEVERITY_LEVELS = ['low', 'medium', 'high'] as const;
export type SeverityLevel = (typeof SEVERITY_LEVELS)[number];

/** One window that an agent found odd. */
export interface Anomaly {
  readonly agent: string;
  /** `null` if the window holds all devices. */
  readonly deviceId: string | null;
  readonly fromMs: number;
  readonly toMs: number;
  /** What sort of finding, in snake_case: `unusual` by a forest, `device_silent`, or an agent's own word. */
  readonly kind: string;
  /** scikit-learn's `score_samples`, in `[-1, 0)`: lower is more abnormal; null where no forest judged. */
  readonly score: number | null;
  /** The score minus the forest's threshold, below 0 where the forest alarmed; null where no forest judged. */
  readonly decision: number | null;
  /** Which detectors alarmed; none for agents that judge by other means. */
  readonly detectors: readonly Detector[];
  /** What the surprise detector said, alarm or not; null where it did not judge. */
  readonly surprise: SurpriseFinding | null;
  /** 0 to 1, higher is worse. */
  readonly severity: number;
  /** What the agent's severity rules make of it. */
  readonly level: SeverityLevel;
  /** One sentence: what made it odd, and what is usual. */
  readonly why: string;
  /** Null where no model judged. */
  readonly modelVersion: string | null;
  /** All features, those that made it most abnormal first; none where no forest judged. */
  readonly features: readonly FeatureFinding[];
  /** Up to five lines of the window, `program: message`. */
  readonly exampleLines: readonly string[];
  /** When it was found, Unix milliseconds UTC. */
  readonly detectedAtMs: number;
}
