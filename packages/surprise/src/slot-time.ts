/** Slots are the steps in which surprise is told: five minutes, beginning at midnight UTC. Hours of the week are of two kinds. */

export const SLOT_MS = 300_000;
export const SLOTS_PER_HOUR = 12;
export const SLOTS_PER_DAY = 288;
export const MINUTES_PER_SLOT = 5;
export const MINUTES_PER_HOUR = 60;
export const MINUTES_PER_DAY = 1_440;
/** Hours of a working day, then hours of a Saturday or Sunday; UTC, so that no time zone is needed to read a baseline. */
export const HOUR_KINDS = 48;
export const HOURS_PER_DAY = 24;
const DAYS_PER_WEEK = 7;
const SUNDAY = 0;
const SATURDAY = 6;
/** The first of January 1970 was one. */
const THURSDAY = 4;

export function slotOf(timeMs: number): number {
  return Math.floor(timeMs / SLOT_MS);
}

/** @returns 0 to 47 for an hour counted from 1970. */
export function hourKindOf(hour: number): number {
  const hourOfDay = hour % HOURS_PER_DAY;
  const weekday = ((hour - hourOfDay) / HOURS_PER_DAY + THURSDAY) % DAYS_PER_WEEK;
  return weekday === SUNDAY || weekday === SATURDAY ? HOURS_PER_DAY + hourOfDay : hourOfDay;
}

/** The hour before and the hour after, of the same kind of day. */
export function neighboursOf(hourKind: number): readonly [number, number] {
  const day = hourKind < HOURS_PER_DAY ? 0 : HOURS_PER_DAY;
  const hour = hourKind - day;
  return [day + ((hour + HOURS_PER_DAY - 1) % HOURS_PER_DAY), day + ((hour + 1) % HOURS_PER_DAY)];
}
