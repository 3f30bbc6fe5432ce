import { ServiceError } from '../errors.ts';
import type { ReviewRequest } from './anomaly-store.ts';
import type { Incident } from './incident.ts';
import { mayReview, nextStates, REVIEW_STATES, type Review } from './review.ts';
import { type AnomalyRecord, type NextNumbers, StoreDraft, type StoreWrites } from './store-draft.ts';

/** What is stored of what is judged: an incident, or an anomaly. */
export interface ReviewContext {
  readonly incident: Incident | undefined;
  readonly anomaly: AnomalyRecord | undefined;
  readonly next: NextNumbers;
}

/**
 * What a person's judgement changes; nothing if state and note are what they were. A judgement of an incident is told once,
 * and is one of those of its anomalies that may take that state.
 *
 * @throws {ServiceError} `NOT_FOUND`, `BAD_REVIEW`.
 */
export function reviewOutcome(request: ReviewRequest, context: ReviewContext): StoreWrites {
  const { of, id, state, note, atMs } = request;
  const draft = new StoreDraft(context.next, atMs);
  const review: Review = { state, note, by: 'person', atMs };
  const target = of === 'anomaly' ? context.anomaly : context.incident;
  if (target === undefined) throw new ServiceError('NOT_FOUND', `there is no ${of} ${id}`);
  if (!mayReview(target.review.state, state)) throw badReview(request, target.review);
  if (target.review.state === state && target.review.note === note) return draft.writes;

  if (of === 'anomaly' && context.anomaly !== undefined) {
    draft.putAnomaly({ ...context.anomaly, review });
    draft.tell('anomaly:reviewed', context.anomaly.incidentId, id);
    return draft.writes;
  }
  if (context.incident !== undefined) draft.putIncident({ ...context.incident, review, updatedAtMs: atMs });
  draft.tell('incident:reviewed', id);
  const from = REVIEW_STATES.filter((before) => mayReview(before, state));
  return { ...draft.writes, memberReview: { incidentId: id, from, review } };
}

function badReview({ of, id, state }: ReviewRequest, { state: from }: Review): ServiceError {
  const allowed = nextStates(from).join(', ');
  return new ServiceError('BAD_REVIEW', `${of} ${id} is ${from}: it can become ${allowed}, not ${state}`);
}
