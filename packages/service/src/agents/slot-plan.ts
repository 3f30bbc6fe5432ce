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
  | { readonly action: 'analyse'; readonly span: TimeSpan };

/** Most slots that are analysed in one go while catching up: nothing that was taken up for them is held for longer. */
export const SLOTS_PER_CYCLE = 288;

/**
 * @param cursorMs end of the last slot that was analysed; undefined before the first: then the last finished one is due.
 *   It need not be a multiple of `windowMs`, since windows may have had another length before: the slot that it lies in
 *   is analysed as a whole.
 */
export function planSlots(cursorMs: number | undefined, nowMs: number, timing: SlotTiming): SlotPlan {
  const { windowMs, graceMs, catchUpMaxMs } = timing;
  const finishedMs = Math.floor((nowMs - graceMs) / windowMs) * windowMs;
  const lastMs = finishedMs - windowMs;
  const fromMs = cursorMs === undefined ? lastMs : Math.floor(cursorMs / windowMs) * windowMs;
  if (fromMs > lastMs) return { action: 'wait', untilMs: fromMs + windowMs + graceMs };
  const oldestMs = Math.min(lastMs, Math.ceil((nowMs - catchUpMaxMs) / windowMs) * windowMs);
  if (fromMs < oldestMs) return { action: 'skip', span: { fromMs, toMs: oldestMs } };
  return { action: 'analyse', span: { fromMs, toMs: Math.min(finishedMs, fromMs + SLOTS_PER_CYCLE * windowMs) } };
}
