import type { BudgetUse } from './alert-budget/budget-ratio.ts';

/**
 * What `/healthz`, `/readyz` and the metrics tell; made anew at each question.
 *
 * Silence is not health: an analysis that is behind is said, whatever the cause.
 */
export interface ServiceStatus {
  /** `degraded`: alive, but something needs attention; `failing`: what is found cannot be kept. `reasons` says what. */
  readonly status: 'ok' | 'degraded' | 'failing';
  /** True once every agent has what it judges by and the log source has answered, and while cycles succeed. */
  readonly ready: boolean;
  readonly reasons: readonly string[];
  /** What is worth doing although nothing is wrong. */
  readonly advice: readonly string[];
  /** Unix milliseconds UTC by the service's clock. */
  readonly nowMs: number;
  /** When the service began, Unix milliseconds UTC. */
  readonly startedMs: number;
  readonly agents: readonly AgentStatus[];
}

export interface AgentStatus {
  readonly agent: string;
  /** False if a person or the configuration switched it off. */
  readonly enabled: boolean;
  /** Whether it judges by a model at all. */
  readonly needsModel: boolean;
  /** The version in use; undefined without a model. */
  readonly modelVersion: string | undefined;
  /** Why there is no model, or why a newer one was refused; or why the agent cannot work, where it needs none. */
  readonly problem: string | undefined;
  /** What could not be checked about the model in use. */
  readonly modelWarnings: readonly string[];
  /** Up to where all windows are analysed, Unix milliseconds; at first, where it began. */
  readonly analysedUntilMs: number | undefined;
  /** When the next window is due, Unix milliseconds; in the past while it is behind. */
  readonly nextDueMs: number | undefined;
  /** How far the analysis is behind what is due, in milliseconds. */
  readonly lagMs: number | undefined;
  /** Length of a window, in milliseconds; undefined before the first. */
  readonly windowMs: number | undefined;
  /** Why the last cycle failed; undefined if it did not. */
  readonly lastError: string | undefined;
  /** Whether it failed because the store does not keep what was found. */
  readonly storeFailed: boolean;
  /** Whether it keeps to the alert budget of its model; undefined where that has none, or was not looked at yet. */
  readonly alertBudget?: BudgetUse | undefined;
}

/** What stands in the way of the service as a whole; undefined where nothing does. */
export interface ServiceTroubles {
  /** Why the log source has not answered yet. */
  readonly source: string | undefined;
  /** Why analysis waits: the machine is over its limits. */
  readonly paused: string | undefined;
  /** That the clock jumped and is not believed yet. */
  readonly clock: string | undefined;
  /** That the log's newest entries and the clock are far apart. */
  readonly logTime: string | undefined;
  /** That the store had to begin anew. */
  readonly store: string | undefined;
  /** Why the configuration, as it is now, is not the one that is lived by. */
  readonly config: string | undefined;
}

/** So many windows behind, an analysis that should be live is behind. */
const WINDOWS_BEHIND = 2;

/**
 * @param advice what is worth doing; it makes nothing worse.
 * @param times of now and of the service's start, Unix milliseconds UTC.
 */
export function serviceStatus(
  agents: readonly AgentStatus[],
  troubles: ServiceTroubles,
  times: { readonly nowMs: number; readonly startedMs: number },
  advice: readonly string[] = [],
): ServiceStatus {
  const active = agents.filter(({ enabled }) => enabled);
  const { source, paused, clock, logTime, store, config } = troubles;
  const reasons = [source, paused, clock, logTime, store, config].filter((reason) => reason !== undefined);
  reasons.push(...active.flatMap(reasonsOf));
  const isFailing = active.some(({ storeFailed }) => storeFailed);
  return {
    status: isFailing ? 'failing' : reasons.length > 0 ? 'degraded' : 'ok',
    ready: source === undefined && !active.some(isStuck),
    reasons,
    advice,
    ...times,
    agents,
  };
}

/** A refused model is no reason not to be ready while the one before is in use. */
function isStuck({ needsModel, modelVersion, problem, lastError }: AgentStatus): boolean {
  return lastError !== undefined || (needsModel ? modelVersion === undefined : problem !== undefined);
}

function reasonsOf({ agent, modelVersion, problem, lastError, lagMs = 0, windowMs = 0 }: AgentStatus): string[] {
  const reasons: string[] = [];
  if (problem !== undefined) {
    reasons.push(`${agent}: ${problem}${modelVersion === undefined ? '' : `; ${modelVersion} stays in use`}`);
  }
  if (lastError !== undefined) reasons.push(`${agent}: ${lastError}`);
  if (lagMs > WINDOWS_BEHIND * windowMs) reasons.push(`${agent}: the analysis is ${Math.round(lagMs / 1000)} s behind`);
  return reasons;
}
