import type { Anomaly } from './anomaly.ts';

/** How many anomalies a query gives. */
export const QUERY_LIMIT = { usual: 100, most: 1_000 };

/** Which anomalies; whatever is missing does not restrict. */
export interface AnomalyQuery {
  readonly agent?: string | undefined;
  readonly deviceId?: string | undefined;
  /** Windows that begin at or after this, Unix milliseconds. */
  readonly sinceMs?: number | undefined;
  /** Windows that begin before this, Unix milliseconds. */
  readonly untilMs?: number | undefined;
  /** See {@link QUERY_LIMIT}. */
  readonly limit?: number | undefined;
}

/** An anomaly with the number that the store gave it. */
export interface StoredAnomaly extends Anomaly {
  readonly id: number;
}

/** What one slot of time came to: stored as a whole or not at all. */
export interface AnalysedSlot {
  readonly agent: string;
  /** End of the slot: the agent's cursor moves here. */
  readonly toMs: number;
  readonly anomalies: readonly Anomaly[];
  /** Devices that are known by now, silent ones included. */
  readonly devices: readonly string[];
}

/**
 * Keeps what the agents found, and how far they have come.
 *
 * A slot's anomalies and the cursor behind it are stored in one step, so that a crash repeats a slot or does not, but never
 * loses or doubles an anomaly. The same agent's anomaly of the same window and device is kept once, as it was first found.
 *
 * @throws {ServiceError} `STORE_FAILED` from every method if the store does not play along.
 */
export interface AnomalyStore {
  /** For people. */
  readonly location: string;
  /** Stores a slot and moves the cursor; returns the anomalies that were new, with their numbers. */
  append(slot: AnalysedSlot): readonly StoredAnomaly[];
  /** End of the last slot that the agent analysed, Unix milliseconds; undefined before the first. */
  cursorMs(agent: string): number | undefined;
  /** Devices that the agent knows. */
  devices(agent: string): readonly string[];
  /** The newest window first; within a window by device. */
  list(query: AnomalyQuery): readonly StoredAnomaly[];
  /** Frees what is held; may be called twice. */
  close(): void;
}
