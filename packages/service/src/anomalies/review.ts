/** What people, or the service, have made of an anomaly or an incident. */
export const REVIEW_STATES = ['open', 'acknowledged', 'resolved', 'false_positive'] as const;
export type ReviewState = (typeof REVIEW_STATES)[number];

/** The newest judgement; each one replaces the one before. */
export interface Review {
  readonly state: ReviewState;
  /** What whoever judged wrote down. */
  readonly note: string | null;
  /** The service resolves incidents that are over, and withdraws what late entries have explained. */
  readonly by: 'service' | 'person';
  /** Unix milliseconds UTC. */
  readonly atMs: number;
}

/** Where a person may go from where; a false positive can only be opened again. */
const NEXT: Readonly<Record<ReviewState, readonly ReviewState[]>> = {
  open: ['acknowledged', 'resolved', 'false_positive'],
  acknowledged: ['open', 'resolved', 'false_positive'],
  resolved: ['open', 'false_positive'],
  false_positive: ['open'],
};

/** Whether a person may take something from one state to another; to stay and change the note is allowed. */
export function mayReview(from: ReviewState, to: ReviewState): boolean {
  return from === to || NEXT[from].includes(to);
}

/** The states that a person may choose from a state, for messages. */
export function nextStates(from: ReviewState): readonly ReviewState[] {
  return NEXT[from];
}
