import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Metrics } from './metrics.ts';

/** Upper bounds of the buckets of `edgewood_cycle_duration_seconds`. */
const DURATION_BUCKETS_SECONDS = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100];

/** Metrics in a registry of their own, with the usual ones of the process. */
export class PrometheusMetrics implements Metrics {
  readonly #registry = new Registry();
  readonly #windows = this.#counter('edgewood_windows_analysed_total', 'Windows analysed.');
  readonly #anomalies = this.#counter('edgewood_anomalies_total', 'Anomalies found.');
  readonly #failures = this.#counter('edgewood_cycle_failures_total', 'Cycles that could not read or store.');
  readonly #rejected = this.#counter('edgewood_model_load_failures_total', 'Attempts to load a model that failed.');
  readonly #model = this.#gauge('edgewood_model_info', '1 for the model version in use.', 'version');
  readonly #lag = this.#gauge('edgewood_window_lag_seconds', 'How far the analysis is behind what is due.');
  readonly #durations = new Histogram({
    name: 'edgewood_cycle_duration_seconds',
    help: 'How long cycles took that ended well.',
    labelNames: ['agent'],
    buckets: DURATION_BUCKETS_SECONDS,
    registers: [this.#registry],
  });
  readonly #versionOf = new Map<string, string>();

  constructor() {
    collectDefaultMetrics({ register: this.#registry });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  agentStarted(agent: string): void {
    for (const counter of [this.#windows, this.#anomalies, this.#failures, this.#rejected]) counter.inc({ agent }, 0);
    this.#durations.zero({ agent });
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

  lagSeconds(agent: string, seconds: number): void {
    this.#lag.set({ agent }, seconds);
  }

  expose(): Promise<string> {
    return this.#registry.metrics();
  }

  #counter(name: string, help: string): Counter {
    return new Counter({ name, help, labelNames: ['agent'], registers: [this.#registry] });
  }

  #gauge(name: string, help: string, ...labels: string[]): Gauge {
    return new Gauge({ name, help, labelNames: ['agent', ...labels], registers: [this.#registry] });
  }
}
