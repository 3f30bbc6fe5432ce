/** The two detectors that a version may bring: its forest, and surprise if it has a baseline. In this order. */
export const DETECTORS = ['forest', 'surprise'] as const;
export type Detector = (typeof DETECTORS)[number];
