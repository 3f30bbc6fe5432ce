/**
 * What one step changes in a store, worked out before anything is written. The deciding functions write it; every store
 * carries it out as a whole or not at all.
 */
import type { AnalysedWindow, ChangeKind, StoredAnomaly } from './anomaly-store.ts';
import type { Incident } from './incident.ts';
import type { Review, ReviewState } from './review.ts';

/** An anomaly as a store keeps it. */
export interface AnomalyRecord extends StoredAnomaly {
  /** Late entries have explained it: it is none of its incident's anomalies any more. */
  readonly withdrawn: boolean;
}

/** A change as a store keeps it: the anomaly and the incident are looked up when it is told. */
export interface ChangeRecord {
  readonly seq: number;
  /** Unix milliseconds UTC. */
  readonly atMs: number;
  readonly kind: ChangeKind;
  readonly incidentId: number;
  /** Null for changes of an incident. */
  readonly anomalyId: number | null;
}

/** The numbers that come next. A number that was given is never given again, also after what had it was removed. */
export interface NextNumbers {
  readonly anomaly: number;
  readonly incident: number;
  readonly change: number;
}

/** A judgement of many anomalies at once. */
export interface MemberReview {
  readonly incidentId: number;
  readonly from: readonly ReviewState[];
  readonly review: Review;
}

/** What is to be written. */
export interface StoreWrites {
  /** To be inserted, or to replace what is stored of the same window. */
  readonly windows: readonly AnalysedWindow[];
  /** To be inserted, or to replace what is stored under the same number. */
  readonly anomalies: readonly AnomalyRecord[];
  readonly incidents: readonly Incident[];
  /** What becomes of an incident's anomalies that are in one of these states and not withdrawn. */
  readonly memberReview?: MemberReview | undefined;
  /** To be added, in this order. */
  readonly changes: readonly ChangeRecord[];
  readonly next: NextNumbers;
}

/** Collects what a step changes; what is put twice counts as it was put last. */
export class StoreDraft {
  readonly atMs: number;
  readonly #windows: AnalysedWindow[] = [];
  readonly #anomalies = new Map<number, AnomalyRecord>();
  readonly #incidents = new Map<number, Incident>();
  readonly #changes: ChangeRecord[] = [];
  readonly #next: { anomaly: number; incident: number; change: number };

  /** @param atMs when the step is done, Unix milliseconds UTC. */
  constructor(next: NextNumbers, atMs: number) {
    this.#next = { ...next };
    this.atMs = atMs;
  }

  newAnomalyId(): number {
    return this.#next.anomaly++;
  }

  newIncidentId(): number {
    return this.#next.incident++;
  }

  putWindow(window: AnalysedWindow): void {
    this.#windows.push(window);
  }

  putAnomaly(anomaly: AnomalyRecord): void {
    this.#anomalies.set(anomaly.id, anomaly);
  }

  putIncident(incident: Incident): void {
    this.#incidents.set(incident.id, incident);
  }

  /** The incidents that this step has put so far. */
  get incidents(): readonly Incident[] {
    return [...this.#incidents.values()];
  }

  tell(kind: ChangeKind, incidentId: number, anomalyId: number | null = null): void {
    this.#changes.push({ seq: this.#next.change++, atMs: this.atMs, kind, incidentId, anomalyId });
  }

  get writes(): StoreWrites {
    return {
      windows: this.#windows,
      anomalies: [...this.#anomalies.values()],
      incidents: this.incidents,
      changes: this.#changes,
      next: { ...this.#next },
    };
  }
}
