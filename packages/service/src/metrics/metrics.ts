/** What of an agent's drift becomes a metric. */
export interface DriftReading {
  readonly week: {
    readonly score: { readonly index: number } | undefined;
    /** The furthest first. */
    readonly features: readonly { readonly feature: string; readonly index: number }[];
  };
  readonly retrainAdvised: boolean;
}

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
  /** A version on trial was taken back, since whoever deployed it was gone. */
  modelTakenBack(agent: string): void;
  /** How far the analysis is behind what is due. */
  lagSeconds(agent: string, seconds: number): void;
  /** Entries that came after their window had been analysed. */
  lateEntries(agent: string, count: number): void;
  /** Windows that were given up, since the agent failed at them time and again. */
  windowsFailed(agent: string, count: number): void;
  /** Slots of time that were never looked at: they were too old after a downtime. */
  slotsSkipped(agent: string, count: number): void;
  /** Anomalies beyond what an agent may find in one slot. */
  anomaliesDropped(agent: string, count: number): void;
  openIncidents(agent: string, count: number): void;
  /** Whether the agent has what it judges by; one that is switched off lacks nothing. */
  agentUp(agent: string, isUp: boolean): void;
  /** Whether the log source answers. */
  sourceUp(isUp: boolean): void;
  /** Whether the anomaly store did what it was last asked. */
  storeUp(isUp: boolean): void;
  /** Whether analysis waits, since the machine is over its limits. */
  analysisPaused(isPaused: boolean): void;
  /** How many are silent at present, by kind: `pipeline_silent`, `device_silent`, `program_silent`. */
  silent(kind: string, count: number): void;
  /** Bytes that this process has written to disk. */
  diskWritten(bytes: number): void;
  /** How far the last week has moved from training; of the features that moved furthest, at most a hundred. */
  drift(agent: string, drift: DriftReading): void;
  /** Messages of the agent's programs that no pattern of its table knows; 0 shows the counter. */
  unknownMessages(agent: string, count: number): void;
  /** Incidents of the last days over what the alert budget allows; undefined: there is no budget to keep to. */
  alertBudgetRatio(agent: string, ratio: number | undefined): void;
  clockJumped(): void;
  configReloadFailed(): void;
  /** The text of the Prometheus exposition format. */
  expose(): Promise<string>;
  /** Of what `expose` gives. */
  readonly contentType: string;
}
