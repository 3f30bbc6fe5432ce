/** What the service counts about itself, for whoever watches the watcher. Nothing here fails. */
export interface Metrics {
  windowsAnalysed(agent: string, count: number): void;
  anomaliesFound(agent: string, count: number): void;
  cycleFailed(agent: string): void;
  /** `version` is in use from now on, and no other. */
  modelLoaded(agent: string, version: string): void;
  modelRejected(agent: string): void;
  lagSeconds(agent: string, seconds: number): void;
  /** The text of the Prometheus exposition format. */
  expose(): Promise<string>;
  /** Of what `expose` gives. */
  readonly contentType: string;
}
