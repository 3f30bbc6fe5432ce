/** How many alerts somebody wants to look at: a promise that training keeps by choosing thresholds. */

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;

export interface AlertBudget {
  /** Above 0. */
  readonly episodes: number;
  /** In so long a time, in milliseconds: a day or a week. */
  readonly everyMs: number;
  /** Whether so many are of each device, or of all devices together. */
  readonly of: 'device' | 'fleet';
}

/** What `edgewood train` keeps to unless told otherwise: one a device and week. */
export const DEFAULT_ALERT_BUDGET: AlertBudget = { episodes: 1, everyMs: WEEK_MS, of: 'device' };

/** The most and the least that a budget may be, in episodes a device and week. */
export const ALERT_BUDGET_LIMITS = { least: 0.001, most: 1_000 } as const;

/**
 * Reads `1/device/week`, `0.5/device/day`, or `10/week` for all devices together.
 *
 * @returns undefined if it is none, or beyond the limits whatever the number of devices.
 */
export function parseAlertBudget(text: string): AlertBudget | undefined {
  const [, number = '', device, span] = /^(\d{1,6}(?:\.\d{1,6})?)(\/device)?\/(day|week)$/.exec(text.trim()) ?? [];
  if (span === undefined) return undefined;
  const budget: AlertBudget = {
    episodes: Number(number),
    everyMs: span === 'day' ? DAY_MS : WEEK_MS,
    of: device === undefined ? 'fleet' : 'device',
  };
  const weekly = budgetPerDeviceAndWeek(budget, 1);
  return weekly >= ALERT_BUDGET_LIMITS.least && weekly <= ALERT_BUDGET_LIMITS.most ? budget : undefined;
}

/** As it is parsed. */
export function formatAlertBudget({ episodes, everyMs, of }: AlertBudget): string {
  return `${episodes}${of === 'device' ? '/device' : ''}/${everyMs === DAY_MS ? 'day' : 'week'}`;
}

/** @param devices that share a budget of all; at least 1. */
export function budgetPerDeviceAndWeek({ episodes, everyMs, of }: AlertBudget, devices: number): number {
  return (episodes * WEEK_MS) / everyMs / (of === 'device' ? 1 : devices);
}
