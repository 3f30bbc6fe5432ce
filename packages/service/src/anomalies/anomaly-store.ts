import type { Anomaly } from './anomaly.ts';
import type { Incident } from './incident.ts';
import type { Review, ReviewState } from './review.ts';

/** How many rows a query gives unless told otherwise, and at most. */
export const QUERY_LIMIT = { usual: 100, most: 1_000 };
/** As {@link QUERY_LIMIT}, for series of windows: a month of minutes fits. */
export const WINDOW_LIMIT = { usual: 1_000, most: 50_000 };

/** How many rows are given if so many are asked for: none for less than one. */
export function rowsGiven(asked: number | undefined, { usual, most }: typeof QUERY_LIMIT): number {
  return Math.max(0, Math.trunc(Math.min(asked ?? usual, most)));
}

/** Anything that JSON can say. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** An anomaly with what the store and people added to it. */
export interface StoredAnomaly extends Anomaly {
  readonly id: number;
  readonly incidentId: number;
  /** 1 at first; raised by one each time late entries changed it. */
  readonly revision: number;
  readonly review: Review;
}

/** What became of one window: that it was looked at, how odd it was, and whether that failed. */
export interface AnalysedWindow {
  /** `null` if the window holds all devices. */
  readonly deviceId: string | null;
  /** How many entries of the agent's programs it had. */
  readonly entries: number;
  /** As in {@link Anomaly}; null where no forest judged. */
  readonly score: number | null;
  readonly decision: number | null;
  /** -log10 of episodes per device and day, 0 or more; null where nothing was compared with a baseline. */
  readonly surprise: number | null;
  /** Whether its agent found it odd; then it has an anomaly, unless the agent alerts nobody. */
  readonly anomalous: boolean;
  readonly modelVersion: string | null;
  /** Shape `(slot.features.length,)`; undefined where there are no features. */
  readonly vector?: Float64Array | undefined;
  /** Why the agent gave it up; undefined if it did not. */
  readonly failure?: string | undefined;
}

/** A window as the store gives it back. */
export interface StoredWindow extends AnalysedWindow {
  readonly agent: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** Names of the vector's elements. */
  readonly features: readonly string[];
}

/** What one slot of time came to: stored as a whole or not at all. */
export interface AnalysedSlot {
  readonly agent: string;
  readonly fromMs: number;
  /** End of the slot: the agent's cursor moves here, unless it is further already. */
  readonly toMs: number;
  /** The windows that were looked at. Of one that is not among them, everything stays as it is. */
  readonly windows: readonly AnalysedWindow[];
  /**
   * Whether the windows are judged again because of what came late in slots before, so that one with the entries that it
   * had is news if it is judged otherwise, by the version that judged it then. Default false.
   */
  readonly judgedAgain?: boolean | undefined;
  /** Names of the vectors' elements. */
  readonly features: readonly string[];
  /** Of these windows. A window without one is ordinary. */
  readonly anomalies: readonly Anomaly[];
  /** What the agent wants to find again at the next slot; undefined leaves what it had. */
  readonly memory?: JsonValue | undefined;
  /** So long an incident must be quiet until it is over, in milliseconds of event time. */
  readonly quietMs: number;
  /** Unix milliseconds UTC. */
  readonly analysedAtMs: number;
}

/** How far an agent has come, Unix milliseconds of event time. */
export interface AgentProgress {
  /** End of the last slot that was analysed, or where the agent was sent. */
  readonly cursorMs: number;
  /** The furthest that the cursor ever was: behind it after the cursor was moved back. */
  readonly furthestMs: number;
  /** Where the newest skip began: a clock that jumped ahead and came back sends the agent here. */
  readonly skippedFromMs: number | undefined;
  readonly memory: JsonValue | undefined;
  /** Devices that had windows, by name. */
  readonly devices: readonly string[];
}

/** Something that became true about an anomaly or incident; `seq` counts up for ever, also over a restart. */
export interface StoredChange {
  readonly seq: number;
  /** Unix milliseconds UTC. */
  readonly atMs: number;
  readonly kind: ChangeKind;
  /** As they are now, which may be later than the change. Absent if they have been removed since, for their age. */
  readonly incident: Incident | undefined;
  /** For changes of an anomaly. */
  readonly anomaly: StoredAnomaly | undefined;
}

export const CHANGE_KINDS = [
  /** The store has the anomaly for the first time; late entries changed it; late entries explained it away. */
  'anomaly:detected',
  'anomaly:updated',
  'anomaly:withdrawn',
  /** A person changed its state or note. */
  'anomaly:reviewed',
  /** The incident is new; it has more windows, or others; it is over. */
  'incident:opened',
  'incident:updated',
  'incident:resolved',
  'incident:reviewed',
] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** Which anomalies or incidents; whatever is missing does not restrict. */
export interface FindingQuery {
  readonly agent?: string | undefined;
  readonly deviceId?: string | undefined;
  readonly state?: ReviewState | undefined;
  readonly minSeverity?: number | undefined;
  /** Those of one incident; only of anomalies. */
  readonly incidentId?: number | undefined;
  /** Those that begin at or after this, and before that, Unix milliseconds. */
  readonly sinceMs?: number | undefined;
  readonly untilMs?: number | undefined;
  /** To go on after the last one of the page before, which had this beginning and this number. */
  readonly before?: { readonly fromMs: number; readonly id: number } | undefined;
  /** See {@link QUERY_LIMIT}. */
  readonly limit?: number | undefined;
}

/** Which windows, by their beginning; the newest `limit` of them. */
export interface WindowQuery {
  readonly agent: string;
  readonly deviceId?: string | null | undefined;
  readonly sinceMs: number;
  readonly untilMs: number;
  /** See {@link WINDOW_LIMIT}. */
  readonly limit?: number | undefined;
  /** Whether vectors are wanted: they are most of the bytes. Default false. */
  readonly vectors?: boolean | undefined;
}

/** A person's judgement. */
export interface ReviewRequest {
  readonly of: 'anomaly' | 'incident';
  readonly id: number;
  readonly state: ReviewState;
  readonly note: string | null;
  /** Unix milliseconds UTC. */
  readonly atMs: number;
}

/** How much is kept. Cursors, and incidents that are not over, are kept in any case. */
export interface StoreLimits {
  readonly maxAgeMs: number;
  /** Of the whole store; the oldest windows go first, then the oldest anomalies. */
  readonly maxBytes: number;
}

/** What an agent's cycle needs of the store. */
export interface SlotStore {
  /** Undefined before the first slot. */
  progress(agent: string): Promise<AgentProgress | undefined>;
  /**
   * Stores a slot in one step: windows, anomalies, incidents, changes, memory and cursor.
   *
   * A window that is known with the same number of entries is left as it was first found, unless the slot was
   * {@link AnalysedSlot.judgedAgain}. With another number it is replaced: its anomaly is updated, or withdrawn if it is none any more, but never doubled.
   *
   * @returns what changed, in order; nothing if the slot was stored before.
   */
  append(slot: AnalysedSlot): Promise<readonly StoredChange[]>;
  /** Sends an agent somewhere else: past what is too old, or back. */
  moveCursor(agent: string, cursorMs: number, skippedFromMs?: number): Promise<void>;
  /** Oldest first; within a slot by device. */
  windows(query: WindowQuery): Promise<readonly StoredWindow[]>;
}

/** What whoever tells of changes needs: alerts, the event stream. */
export interface ChangeLog {
  /** Those after `seq`, in order; at most `limit`. */
  changes(afterSeq: number, limit: number): Promise<readonly StoredChange[]>;
  /** The last change that everybody has been told of; 0 at first. */
  announcedSeq(): Promise<number>;
  markAnnounced(seq: number): Promise<void>;
}

/**
 * Keeps what the agents found, and how far they have come.
 *
 * A slot and the cursor behind it are stored in one step, so that a crash repeats a slot or does not, but never loses or
 * doubles an anomaly. What changed is numbered in the same step and stays to be announced until that was done.
 *
 * @throws {ServiceError} `STORE_FAILED` from every method if the store does not play along; then nothing was changed.
 */
export interface AnomalyStore extends SlotStore, ChangeLog {
  /** For people, without secrets. */
  readonly location: string;
  /** The newest beginning first; of equals the highest number first. */
  anomalies(query: FindingQuery): Promise<readonly StoredAnomaly[]>;
  incidents(query: FindingQuery): Promise<readonly Incident[]>;
  anomaly(id: number): Promise<StoredAnomaly | undefined>;
  incident(id: number): Promise<Incident | undefined>;
  /**
   * Stores a judgement; one of an incident is one of all its anomalies.
   *
   * @throws {ServiceError} `NOT_FOUND`, `BAD_REVIEW` if the state cannot be reached from where it is.
   */
  review(request: ReviewRequest): Promise<readonly StoredChange[]>;
  /** A setting that must outlive a restart, such as an agent that was switched off; undefined if it was never set. */
  setting(name: string): Promise<JsonValue | undefined>;
  setSetting(name: string, value: JsonValue): Promise<void>;
  /** Removes what is beyond the limits; returns how many rows. */
  prune(limits: StoreLimits, nowMs: number): Promise<number>;
  /** Frees what is held; may be called twice. */
  close(): Promise<void>;
}
