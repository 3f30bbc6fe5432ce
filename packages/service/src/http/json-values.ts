/** How values stand in answers. */
import { z } from 'zod';

/** ISO 8601 in UTC, to the millisecond. Not checked against a pattern: {@link isoTime} makes all of them. */
export const isoText = z.string().meta({ format: 'date-time' });

/** @param timeMs Unix milliseconds UTC. */
export function isoTime(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

/** JSON has neither NaN nor infinities: they become null. */
export function finiteOrNull(value: number | null): number | null {
  return Number.isFinite(value) ? value : null;
}
