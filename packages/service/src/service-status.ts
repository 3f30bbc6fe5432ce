/** What `/healthz`, `/readyz` and the metrics tell; made anew at each question. */
export interface ServiceStatus {
  /** `degraded`: alive, but something needs attention; `reasons` says what. */
  readonly status: 'ok' | 'degraded';
  /** True once every agent has a model and the log source has answered. */
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
  /** End of the last window analysed, Unix milliseconds. */
  readonly analysedUntilMs: number | undefined;
  /** How far the analysis is behind the clock, in milliseconds, the grace included. */
  readonly lagMs: number | undefined;
  /** Why the last cycle failed; undefined if it did not. */
  readonly lastError: string | undefined;
}
