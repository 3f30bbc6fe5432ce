/**
 * When to advise that a model be trained anew: what it sees has moved far, and that has lasted. Pure.
 *
 * A week in which one day was of another world has moved far for a week. So the last day must have moved far as well, at
 * every look, for some days.
 */
import type { JsonValue } from '../anomalies/anomaly-store.ts';
import type { ModelDrift } from './model-drift.ts';
import { STABILITY_LEVELS } from './population-stability.ts';

/** So long it must last, in milliseconds: three days. */
export const LASTING_MS = 259_200_000;
/** So often a line of the log says how far things have moved, in milliseconds: once a week. */
export const TELL_EVERY_MS = 604_800_000;
/** Where such a share of the features has moved far the model is of another world, whatever its scores are. */
const SHARE_OF_FEATURES = 0.2;

/** What is remembered of an agent's drift from look to look, over restarts too. Unix milliseconds. */
export interface DriftState {
  readonly version: string;
  /** Since when it has moved far; null while it has not. */
  readonly sinceMs: number | null;
  readonly advised: boolean;
  /** When the log was told last, or would have been if there had been anything to tell before. */
  readonly toldMs: number;
}

/** Whether scores have moved far, or one feature in five. */
export function hasMovedFar({ score, features }: ModelDrift): boolean {
  const moved = features.filter(({ index }) => index >= STABILITY_LEVELS.large).length;
  return (score?.index ?? 0) >= STABILITY_LEVELS.large || (moved > 0 && moved >= features.length * SHARE_OF_FEATURES);
}

/**
 * @param before undefined at the first look; of another version, or of a time that is still to come, it counts for nothing.
 * @param drift of the last week and of the last day; of a day of which nothing can be said the week speaks.
 */
export function nextDriftState(
  before: DriftState | undefined,
  { week, day }: { readonly week: ModelDrift; readonly day: ModelDrift },
  nowMs: number,
): DriftState {
  const toldMs = before === undefined || before.toldMs > nowMs ? nowMs : before.toldMs;
  const isFar = hasMovedFar(week) && (day.unknown !== undefined || hasMovedFar(day));
  if (!isFar) return { version: week.version, sinceMs: null, advised: false, toldMs };
  const since = before?.version === week.version ? (before.sinceMs ?? nowMs) : nowMs;
  const sinceMs = Math.min(since, nowMs);
  return { version: week.version, sinceMs, advised: nowMs - sinceMs >= LASTING_MS, toldMs };
}

/** A state as it was stored; undefined if it is none. */
export function parseDriftState(stored: JsonValue | undefined): DriftState | undefined {
  if (typeof stored !== 'object' || stored === null || Array.isArray(stored)) return undefined;
  const { version, sinceMs, advised, toldMs } = stored as { readonly [key: string]: JsonValue };
  const isState = typeof version === 'string' && typeof advised === 'boolean' && typeof toldMs === 'number';
  if (!isState || (sinceMs !== null && typeof sinceMs !== 'number')) return undefined;
  return { version, sinceMs, advised, toldMs };
}
