import type { LogWindow, WindowGrouping } from '@edgewood/features';
import type { Anomaly } from '../anomalies/anomaly.ts';

/**
 * Looks at windows and says which are odd. What it needs for that it takes up for one cycle; it neither reads nor stores
 * nor knows what time it is, so that the same windows always give the same anomalies.
 */
export interface Agent {
  /** Lower-case word, unique in a service; anomalies, cursor and metrics carry it. */
  readonly name: string;
  /** Whose entries it looks at, matched exactly. */
  readonly programs: readonly string[];
  /** Why it cannot take up anything now; undefined if it can. */
  readonly problem: string | undefined;
  /** What it inspects the next windows with; undefined if it cannot look at anything now: they wait. */
  takeUp(): Inspection | undefined;
}

/** An agent with all that it needs for a while: a model, say, which stays the same for as long as this is held. */
export interface Inspection {
  readonly windowMs: number;
  readonly groupBy: WindowGrouping;
  /** Devices that must have windows even if they were never seen here. */
  readonly devices: readonly string[];
  /**
   * @param slot the windows of one slot of time, one a device or a single one.
   * @param detectedAtMs Unix milliseconds, for the anomalies' `detectedAtMs`.
   */
  inspect(slot: readonly LogWindow[], detectedAtMs: number): readonly Anomaly[];
}
