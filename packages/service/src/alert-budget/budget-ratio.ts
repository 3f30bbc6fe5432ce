/** Whether production keeps to the alert budget that a version was trained for. Pure. */

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
/** Incidents of so much time are counted, in milliseconds. */
export const BUDGET_SPAN_MS = WEEK_MS;
/** A version that has judged for less time is measured by what this much allows, in milliseconds. */
const LEAST_SPAN_MS = DAY_MS;

export interface BudgetUse {
  /** Incidents opened in the last seven days, or since the version is in use. */
  readonly incidents: number;
  /** How many the budget allows in that time, at least 1. */
  readonly allowed: number;
  /** The former over the latter: above 1 the budget is exceeded. */
  readonly ratio: number;
}

/**
 * @param spanMs how long the version has judged, in milliseconds; counted as a day at least, as a week at most.
 * @param devices that the agent has seen; counted as one at least.
 */
export function budgetUse(of: {
  readonly incidents: number;
  readonly spanMs: number;
  readonly devices: number;
  readonly perDeviceAndWeek: number;
}): BudgetUse {
  const { incidents, devices, perDeviceAndWeek } = of;
  const spanMs = Math.min(BUDGET_SPAN_MS, Math.max(LEAST_SPAN_MS, of.spanMs));
  // A small budget allows less than one in a few days; the first incident alone breaks no promise.
  const allowed = Math.max(1, (perDeviceAndWeek * Math.max(1, devices) * spanMs) / WEEK_MS);
  return { incidents, allowed, ratio: incidents / allowed };
}
