/**
 * The slot plan decides what an agent does next: wait, give up on what is too old, or analyse. Pure.
 *
 * ```
 *            cursor            finished        now
 *   ───────────┼────────┬────────┼───────────────┼──▶ event time
 *     analysed │  slot  │  slot  │ ◀── grace ──▶ │
 * ```
 *
 * A slot is finished when its end plus the grace has passed: late rows have had their time.
 */
import type { TimeSpan } from '@edgewood/logs';

export interface SlotTiming {
  readonly windowMs: number;
  /** How long after its end a slot waits for late rows, in milliseconds. */
  readonly graceMs: number;
  /** How far back is analysed after downtime, in milliseconds; the last finished slot always is. */
  readonly catchUpMaxMs: number;
}

export type SlotPlan =
  /** Nothing is finished; ask again then. */
  | { readonly action: 'wait'; readonly untilMs: number }
  /** These slots are too old to be caught up. */
  | { readonly action: 'skip'; readonly span: TimeSpan }
  /** These slots are due. */
  | { readonly action: 'analyse'; readonly span: TimeSpan }
  /** The cursor lies in the future, since the clock was wrong before: go on from there. */
  | { readonly action: 'rewind'; readonly toMs: number };

/** Where an agent is, Unix milliseconds of event time. */
export interface SlotPosition {
  /**
   * End of the last slot that was analysed. It need not be a multiple of `windowMs`, since windows may have had another
   * length before: the slot that it lies in is analysed as a whole.
   */
  readonly cursorMs: number;
  /** Where the newest skip began. */
  readonly skippedFromMs?: number | undefined;
}

/** Most slots that are analysed in one go while catching up: nothing that was taken up for them is held for longer. */
export const SLOTS_PER_CYCLE = 288;
/** So many windows the cursor may lie ahead of the clock before it is moved back: clocks are corrected by seconds. */
const WINDOWS_AHEAD = 2;

/** @param position undefined before the first slot: then the last finished one is due. */
export function planSlots(position: SlotPosition | undefined, nowMs: number, timing: SlotTiming): SlotPlan {
  const { windowMs, graceMs, catchUpMaxMs } = timing;
  const finishedMs = Math.floor((nowMs - graceMs) / windowMs) * windowMs;
  const lastMs = finishedMs - windowMs;
  const fromMs = position === undefined ? lastMs : Math.floor(position.cursorMs / windowMs) * windowMs;
  if (fromMs > finishedMs + WINDOWS_AHEAD * windowMs) {
    return { action: 'rewind', toMs: Math.min(finishedMs, position?.skippedFromMs ?? finishedMs) };
  }
  if (fromMs > lastMs) return { action: 'wait', untilMs: fromMs + windowMs + graceMs };
  const oldestMs = Math.min(lastMs, Math.ceil((nowMs - catchUpMaxMs) / windowMs) * windowMs);
  if (fromMs < oldestMs) return { action: 'skip', span: { fromMs, toMs: oldestMs } };
  return { action: 'analyse', span: { fromMs, toMs: Math.min(finishedMs, fromMs + SLOTS_PER_CYCLE * windowMs) } };
}
