/**
 * Spans of time over which counts are judged, all ending with the slot that is judged: an attack is loud for a minute, a
 * slow one shows only over hours.
 */
export interface Scale {
  readonly minutes: number;
  /** Slots that are added up; 0: the busiest minute of the last slot. */
  readonly slots: number;
  /** The scale within which there must be some of it still: what is over is not told for hours. Its place in the list. */
  readonly goesOn: number;
}

export const SCALES: readonly Scale[] = [
  { minutes: 1, slots: 0, goesOn: 0 },
  { minutes: 5, slots: 1, goesOn: 1 },
  { minutes: 15, slots: 3, goesOn: 2 },
  { minutes: 60, slots: 12, goesOn: 2 },
  { minutes: 360, slots: 72, goesOn: 3 },
];

/** Slots of the longest scale. */
export const LONGEST_SLOTS = 72;
