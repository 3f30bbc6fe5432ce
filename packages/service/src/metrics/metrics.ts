/** What the service counts about itself, for whoever watches the watcher. Nothing here fails. */
export interface Metrics {
  /** The agent's counters are there from now on, at 0: what is not there yet cannot be seen to rise. */
  agentStarted(agent: string): void;
  windowsAnalysed(agent: string, count: number): void;
  anomalyFound(agent: string): void;
  cycleFinished(agent: string, seconds: number): void;
  cycleFailed(agent: string): void;
  /** `version` is in use from now on, and no other. */
  modelLoaded(agent: string, version: string): void;
  modelRejected(agent: string): void;
  /** How far the analysis is behind what is due. */
  lagSeconds(agent: string, seconds: number): void;
  /** The text of the Prometheus exposition format. */
  expose(): Promise<string>;
  /** Of what `expose` gives. */
  readonly contentType: string;
}
