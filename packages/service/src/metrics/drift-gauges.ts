import { Gauge, type Registry } from 'prom-client';
import type { DriftReading } from './metrics.ts';

/** Most features of an agent that have a metric of their own: those that moved furthest. */
export const DRIFT_FEATURES = 100;

/** The gauges of drift. What nothing can be said of has no value, rather than a reassuring 0. */
export class DriftGauges {
  readonly #features: Gauge<'agent' | 'feature'>;
  readonly #scores: Gauge<'agent'>;
  readonly #advised: Gauge<'agent'>;
  readonly #shown = new Map<string, readonly string[]>();

  constructor(registry: Registry) {
    const registers = [registry];
    this.#features = new Gauge({
      name: 'edgewood_feature_drift',
      help: 'Population stability index of the last week against training; from 0.25 on it has moved far.',
      labelNames: ['agent', 'feature'],
      registers,
    });
    this.#scores = new Gauge({
      name: 'edgewood_score_drift',
      help: 'The same of the scores.',
      labelNames: ['agent'],
      registers,
    });
    this.#advised = new Gauge({
      name: 'edgewood_retrain_advised',
      help: '1 once what a model sees has moved far from its training for some days.',
      labelNames: ['agent'],
      registers,
    });
  }

  /** As of now; what was there of this agent before is gone. */
  set(agent: string, { week, retrainAdvised }: DriftReading): void {
    const features = week.features.slice(0, DRIFT_FEATURES);
    for (const feature of this.#shown.get(agent) ?? []) this.#features.remove({ agent, feature });
    for (const { feature, index } of features) this.#features.set({ agent, feature }, index);
    this.#shown.set(
      agent,
      features.map(({ feature }) => feature),
    );
    if (week.score === undefined) this.#scores.remove({ agent });
    else this.#scores.set({ agent }, week.score.index);
    this.#advised.set({ agent }, Number(retrainAdvised));
  }
}
