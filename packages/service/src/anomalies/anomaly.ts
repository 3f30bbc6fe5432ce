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

/** One window that an agent found odd. */
export interface Anomaly {
  readonly agent: string;
  /** `null` if the window holds all devices. */
  readonly deviceId: string | null;
  readonly fromMs: number;
  readonly toMs: number;
  /** scikit-learn's `score_samples`, in `[-1, 0)`: lower is more abnormal. */
  readonly score: number;
  /** `score - offset`, below 0. */
  readonly decision: number;
  /** 0 to 1, higher is worse. */
  readonly severity: number;
  /** One sentence: the features that made it odd, their values, and what is usual. */
  readonly why: string;
  readonly modelVersion: string;
  /** All features, those that made it most abnormal first. */
  readonly features: readonly FeatureFinding[];
  /** Up to five lines of the window, `program: message`. */
  readonly exampleLines: readonly string[];
  /** When it was found, Unix milliseconds UTC. */
  readonly detectedAtMs: number;
}
