import type { LogWindow, WindowGrouping } from '@edgewood/features';
import type { Anomaly } from '../anomalies/anomaly.ts';
import type { AnalysedWindow, JsonValue } from '../anomalies/anomaly-store.ts';

/**
 * Looks at windows and says which are odd. What it needs for that it takes up for one cycle; it neither reads nor stores
 * nor asks the clock, so that the same windows in the same order always give the same anomalies.
 */
export interface Agent {
  /** Lower-case word, unique in a service; anomalies, cursor and metrics carry it. */
  readonly name: string;
  /** Whose entries it looks at, matched exactly. */
  readonly programs: readonly string[] | 'all';
  /** Why it cannot take up anything now; undefined if it can. */
  readonly problem: string | undefined;
  /** Gets ready for the first `takeUp`, if that takes a while; never rejects: what is in the way is a `problem`. */
  open?(): Promise<void>;
  /** What it inspects the next windows with; undefined if it cannot look at anything now: they wait. */
  takeUp(): Inspection | undefined;
  /** Frees what is held; may be called twice. */
  stop(): Promise<void>;
}

/** An agent with all that it needs for a while: a model, say, which stays the same for as long as this is held. */
export interface Inspection {
  /** Length of a window, in milliseconds; fits `checkWindowLength`. */
  readonly windowMs: number;
  readonly groupBy: WindowGrouping;
  /** Devices that must have windows even if they were never seen here. */
  readonly devices: readonly string[];
  /** Names of the elements of the windows' vectors; none without vectors. */
  readonly features: readonly string[];
  /**
   * So long before a slot what was logged bears on what is said of it, in milliseconds; whole windows. Entries that come
   * late then make all later windows be judged again, too. Default 0: each slot is judged by itself.
   */
  readonly lookBackMs?: number | undefined;
  /**
   * @param slot the windows of one slot of time, one a device or a single one. Late entries make a slot come again, then
   *   with those windows only that they belong to.
   */
  inspect(slot: readonly LogWindow[], context: InspectContext): Promise<SlotVerdict> | SlotVerdict;
}

export interface InspectContext {
  /** What the agent had kept at the slot before; undefined at first. */
  readonly memory: JsonValue | undefined;
  /** The slot is looked at again for some of its windows: what is said of others, and kept for the next slot, is not heeded. */
  readonly late: boolean;
  /** The windows of the slot come one after the other, each as if there were no others: the agent had failed at all together. */
  readonly alone: boolean;
  /**
   * The windows before the slot, slot by slot, as far as the agent looks back; they are read when they are asked for.
   *
   * @throws {LogError} if the source fails.
   */
  before(): AsyncIterable<readonly LogWindow[]>;
  /** Unix milliseconds, for the anomalies' `detectedAtMs`; not for judging. */
  readonly nowMs: number;
  /** Comes when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/** What an agent makes of a slot. */
export interface SlotVerdict {
  /** One for each window that was judged; a window that is not among them keeps what was found before. */
  readonly windows: readonly AnalysedWindow[];
  /** At most one a window. */
  readonly anomalies: readonly Anomaly[];
  /** What the agent wants to find again at the next slot; undefined keeps what it had. */
  readonly memory?: JsonValue | undefined;
}
