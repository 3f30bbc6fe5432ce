/**
 * What `/healthz`, `/readyz` and the metrics tell; made anew at each question.
 *
 * Silence is not health: an analysis that is behind is said, whatever the cause.
 */
export interface ServiceStatus {
  /** `degraded`: alive, but something needs attention; `failing`: what is found cannot be kept. `reasons` says what. */
  readonly status: 'ok' | 'degraded' | 'failing';
  /** True once every agent has a model and the log source has answered, and while cycles succeed. */
  readonly ready: boolean;
  readonly reasons: readonly string[];
  /** Unix milliseconds UTC by the service's clock. */
  readonly nowMs: number;
  readonly agents: readonly AgentStatus[];
}

export interface AgentStatus {
  readonly agent: string;
  /** The version in use; undefined without a model. */
  readonly modelVersion: string | undefined;
  /** Why there is no model, or why a newer one was refused. */
  readonly modelProblem: string | undefined;
  /** What could not be checked about the model in use. */
  readonly modelWarnings: readonly string[];
  /** Up to where all windows are analysed, Unix milliseconds; at first, where it began. */
  readonly analysedUntilMs: number | undefined;
  /** How far the analysis is behind what is due, in milliseconds. */
  readonly lagMs: number | undefined;
  /** Length of a window, in milliseconds; undefined before the first. */
  readonly windowMs: number | undefined;
  /** Why the last cycle failed; undefined if it did not. */
  readonly lastError: string | undefined;
  /** Whether it failed because the store does not keep what was found. */
  readonly storeFailed: boolean;
}

/** So many windows behind, an analysis that should be live is behind. */
const WINDOWS_BEHIND = 2;

/** @param sourceProblem why the log source has not answered yet; undefined if it has. */
export function serviceStatus(
  agents: readonly AgentStatus[],
  sourceProblem: string | undefined,
  nowMs: number,
): ServiceStatus {
  const reasons = agents.flatMap(reasonsOf);
  if (sourceProblem !== undefined) reasons.unshift(sourceProblem);
  const isFailing = agents.some(({ storeFailed }) => storeFailed);
  const hasTrouble = agents.some(
    ({ modelVersion, lastError }) => modelVersion === undefined || lastError !== undefined,
  );
  return {
    status: isFailing ? 'failing' : reasons.length > 0 ? 'degraded' : 'ok',
    ready: sourceProblem === undefined && !hasTrouble,
    reasons,
    nowMs,
    agents,
  };
}

function reasonsOf(status: AgentStatus): string[] {
  const { agent, modelVersion, modelProblem, lastError, lagMs = 0, windowMs = 0 } = status;
  const reasons: string[] = [];
  if (modelProblem !== undefined) {
    reasons.push(`${agent}: ${modelProblem}${modelVersion === undefined ? '' : `; ${modelVersion} stays in use`}`);
  }
  if (lastError !== undefined) reasons.push(`${agent}: ${lastError}`);
  if (lagMs > WINDOWS_BEHIND * windowMs) reasons.push(`${agent}: the analysis is ${Math.round(lagMs / 1000)} s behind`);
  return reasons;
}
