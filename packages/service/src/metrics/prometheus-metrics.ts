import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { DriftGauges } from './drift-gauges.ts';
import type { DriftReading, Metrics } from './metrics.ts';

/** Upper bounds of the buckets of `edgewood_cycle_duration_seconds`. */
const DURATION_BUCKETS_SECONDS = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100];

/** The kinds of silence, shown at 0 from the start. */
const SILENCES = ['pipeline_silent', 'device_silent', 'program_silent'];

/** Metrics in a registry of their own, with the usual ones of the process. */
export class PrometheusMetrics implements Metrics {
  readonly #registry = new Registry();
  readonly #windows = this.#counter('edgewood_windows_analysed_total', 'Windows analysed.');
  readonly #anomalies = this.#counter('edgewood_anomalies_total', 'Anomalies found.');
  readonly #dropped = this.#counter('edgewood_anomalies_dropped_total', 'Anomalies beyond the limit of a slot.');
  readonly #failures = this.#counter('edgewood_cycle_failures_total', 'Cycles that could not read or store.');
  readonly #rejected = this.#counter('edgewood_model_load_failures_total', 'Attempts to load a model that failed.');
  readonly #takenBack = this.#counter(
    'edgewood_model_trials_taken_back_total',
    'Versions on trial that were taken back, since whoever deployed them was gone.',
  );
  readonly #late = this.#counter('edgewood_late_entries_total', 'Entries that came after their window was analysed.');
  readonly #failed = this.#counter(
    'edgewood_windows_failed_total',
    'Windows given up, since the agent failed at them.',
  );
  readonly #skipped = this.#counter('edgewood_slots_skipped_total', 'Slots of time too old to be caught up.');
  readonly #unknown = this.#counter('edgewood_unknown_messages_total', 'Messages that no pattern of the agent knows.');
  readonly #model = this.#gauge('edgewood_model_info', '1 for the model version in use.', 'agent', 'version');
  readonly #lag = this.#gauge('edgewood_window_lag_seconds', 'How far the analysis is behind what is due.', 'agent');
  readonly #incidents = this.#gauge('edgewood_open_incidents', 'Incidents that nobody has judged yet.', 'agent');
  readonly #up = this.#gauge(
    'edgewood_agent_up',
    '1 while the agent has what it judges by, or is switched off.',
    'agent',
  );
  readonly #budget = this.#gauge(
    'edgewood_alert_budget_ratio',
    'Incidents of the last seven days over what the alert budget of the model allows.',
    'agent',
  );
  readonly #source = this.#gauge('edgewood_source_up', '1 while the log source answers.');
  readonly #store = this.#gauge(
    'edgewood_store_up',
    '1 while the anomaly store does what it was last asked, both to read and to write.',
  );
  readonly #paused = this.#gauge('edgewood_paused', '1 while analysis waits: the machine is over its limits.');
  readonly #silent = this.#gauge('edgewood_silent', 'Sources that are silent at present.', 'kind');
  readonly #written = this.#gauge('edgewood_disk_written_bytes_total', 'Bytes that this process has written to disk.');
  readonly #jumps = this.#counterOfAll('edgewood_clock_jumps_total', 'Jumps of the clock.');
  readonly #reloads = this.#counterOfAll('edgewood_config_reload_failures_total', 'Configurations that were refused.');
  readonly #durations = new Histogram({
    name: 'edgewood_cycle_duration_seconds',
    help: 'How long cycles took that ended well.',
    labelNames: ['agent'],
    buckets: DURATION_BUCKETS_SECONDS,
    registers: [this.#registry],
  });
  readonly #drift = new DriftGauges(this.#registry);
  readonly #versionOf = new Map<string, string>();

  constructor() {
    collectDefaultMetrics({ register: this.#registry });
    for (const kind of SILENCES) this.silent(kind, 0);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  agentStarted(agent: string): void {
    const counters = [
      this.#windows,
      this.#anomalies,
      this.#dropped,
      this.#failures,
      this.#rejected,
      this.#takenBack,
      this.#late,
      this.#failed,
      this.#skipped,
    ];
    for (const counter of counters) counter.inc({ agent }, 0);
    this.#durations.zero({ agent });
    this.#incidents.set({ agent }, 0);
  }

  windowsAnalysed(agent: string, count: number): void {
    this.#windows.inc({ agent }, count);
  }

  anomalyFound(agent: string): void {
    this.#anomalies.inc({ agent });
  }

  cycleFinished(agent: string, seconds: number): void {
    this.#durations.observe({ agent }, seconds);
  }

  cycleFailed(agent: string): void {
    this.#failures.inc({ agent });
  }

  modelLoaded(agent: string, version: string): void {
    const before = this.#versionOf.get(agent);
    if (before !== undefined) this.#model.remove({ agent, version: before });
    this.#versionOf.set(agent, version);
    this.#model.set({ agent, version }, 1);
  }

  modelRejected(agent: string): void {
    this.#rejected.inc({ agent });
  }

  modelTakenBack(agent: string): void {
    this.#takenBack.inc({ agent });
  }

  lagSeconds(agent: string, seconds: number): void {
    this.#lag.set({ agent }, seconds);
  }

  lateEntries(agent: string, count: number): void {
    this.#late.inc({ agent }, count);
  }

  windowsFailed(agent: string, count: number): void {
    this.#failed.inc({ agent }, count);
  }

  slotsSkipped(agent: string, count: number): void {
    this.#skipped.inc({ agent }, count);
  }

  anomaliesDropped(agent: string, count: number): void {
    this.#dropped.inc({ agent }, count);
  }

  openIncidents(agent: string, count: number): void {
    this.#incidents.set({ agent }, count);
  }

  agentUp(agent: string, isUp: boolean): void {
    this.#up.set({ agent }, Number(isUp));
  }

  sourceUp(isUp: boolean): void {
    this.#source.set(Number(isUp));
  }

  storeUp(isUp: boolean): void {
    this.#store.set(Number(isUp));
  }

  analysisPaused(isPaused: boolean): void {
    this.#paused.set(Number(isPaused));
  }

  silent(kind: string, count: number): void {
    this.#silent.set({ kind }, count);
  }

  diskWritten(bytes: number): void {
    this.#written.set(bytes);
  }

  drift(agent: string, drift: DriftReading): void {
    this.#drift.set(agent, drift);
  }

  unknownMessages(agent: string, count: number): void {
    this.#unknown.inc({ agent }, count);
  }

  alertBudgetRatio(agent: string, ratio: number | undefined): void {
    if (ratio === undefined) this.#budget.remove({ agent });
    else this.#budget.set({ agent }, ratio);
  }

  clockJumped(): void {
    this.#jumps.inc();
  }

  configReloadFailed(): void {
    this.#reloads.inc();
  }

  expose(): Promise<string> {
    return this.#registry.metrics();
  }

  #counter(name: string, help: string): Counter {
    return new Counter({ name, help, labelNames: ['agent'], registers: [this.#registry] });
  }

  #counterOfAll(name: string, help: string): Counter {
    return new Counter({ name, help, registers: [this.#registry] });
  }

  #gauge(name: string, help: string, ...labelNames: string[]): Gauge {
    return new Gauge({ name, help, labelNames, registers: [this.#registry] });
  }
}
